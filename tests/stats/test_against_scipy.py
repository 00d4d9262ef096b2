"""The few functions of `scipy.special` that stand for `scipy.stats`, which takes long to load."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import hotspots
from hotspots.core.errors import InputError
from hotspots.stats.count_models import exact_rate_ratios
from hotspots.stats.counts import (
    TINY,
    e_test,
    gamma_interval,
    negative_binomial_quantile,
    normal_p,
    normal_quantile,
    poisson_quantile,
    t_p,
    t_quantile,
)
from hotspots.stats.nulls import corrected

RNG = np.random.default_rng(8)


def about(value):
    return pytest.approx(value, rel=1e-12)


def test_nothing_loads_scipy_stats():
    sources = Path(hotspots.__file__).parent.rglob("*.py")
    wanted = re.compile(r"from scipy import .*\bstats\b|\bscipy\.stats\b")
    assert [str(path) for path in sources if wanted.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("free", [1, 4, 30.5, 200])
@pytest.mark.parametrize("at", [0.5, 0.9, 0.95, 0.999])
def test_quantiles_and_tails_are_those_of_scipy(free, at):
    assert t_quantile(at, free) == about(stats.t.ppf((1 + at) / 2, free))
    assert normal_quantile(at) == about(stats.norm.ppf((1 + at) / 2))
    for z in (-3.1, 0.0, at, 8.0):
        assert t_p(z, free) == about(2 * stats.t.sf(abs(z), free))
        assert normal_p(z) == about(2 * stats.norm.sf(abs(z)))


@pytest.mark.parametrize("method", ["bh", "by"])
@pytest.mark.parametrize("size", [1, 2, 500])
def test_corrected_p_values_are_those_of_scipy(method, size):
    p = np.round(RNG.uniform(0, 1, size) ** 3, 2)
    expected = stats.false_discovery_control(p, method=method)
    np.testing.assert_allclose(corrected(p, method), expected, rtol=1e-12)
    assert corrected(p[:0], method).tolist() == []


@pytest.mark.parametrize("mean", [1e-3, 0.4, 7.0, 912.3])
def test_the_least_count_that_reaches_a_tail(mean):
    for tail in (TINY, 0.3, 1 - TINY):
        assert poisson_quantile(tail, mean) == stats.poisson.ppf(tail, mean)
    for tail, size, chance in ((0.05, mean, 0.3), (0.95, mean / 3, 0.6), (0.5, 2 * mean, 0.9)):
        expected = stats.nbinom.ppf(tail, size, chance)
        assert negative_binomial_quantile(tail, size, chance) == expected


def test_the_e_test_adds_up_all_pairs_that_differ_as_much():
    first, second = np.arange(80)[:, None], np.arange(80)[None, :]
    for one, other in ((6, 2), (0, 5), (11, 11), (3, 12)):
        rate = (one + other) / 2
        chance = stats.poisson.pmf(first, rate) * stats.poisson.pmf(second, rate)
        with np.errstate(invalid="ignore"):
            apart = np.abs(first - second) / np.sqrt(first + second)
        least = abs(one - other) / np.sqrt(one + other) * (1 - 1e-9)
        expected = chance[apart >= least].sum() if one != other else 1.0
        assert e_test(one, other) == pytest.approx(expected, rel=1e-9)


def test_rate_ratios_are_those_of_clopper_and_pearson():
    found = exact_rate_ratios(11, 800, 21, 3011)
    low, high = stats.beta.ppf(0.025, 11, 22), stats.beta.ppf(0.975, 12, 21)
    assert float(found.low) == about(low / (1 - low) * (3011 / 800))
    assert float(found.high) == about(high / (1 - high) * (3011 / 800))


def test_the_gamma_interval_of_single_counts_is_the_exact_one_and_groups_are_covered():
    counts = np.array([0.0, 1.0, 5.0, 40.0])
    low, high = gamma_interval(counts, counts, np.ones(4), 0.9)
    assert low.tolist() == pytest.approx([0.0, *stats.chi2.ppf(0.05, 2 * counts[1:]) / 2])
    assert high.tolist() == pytest.approx((stats.chi2.ppf(0.95, 2 * counts + 2) / 2).tolist())
    rng = np.random.default_rng(1)
    sizes = np.array([1, 1, 1, 4])  # what comes, comes in groups
    came = rng.poisson(3.0, (2_000, 4))
    total, squares = came @ sizes, came @ sizes**2
    low, high = gamma_interval(total, squares, np.full(2_000, 4.0), 0.9)
    truth = 3.0 * sizes.sum()
    assert ((low <= truth) & (truth <= high)).mean() >= 0.9


@pytest.mark.parametrize(
    ("total", "confidence", "words"), [(5.0, 95, "`confidence`"), (-1.0, 0.9, "`total`")]
)
def test_a_gamma_interval_of_nonsense_is_refused_and_not_a_missing_number(total, confidence, words):
    with pytest.raises(InputError, match=words):
        gamma_interval([total], [5.0], [1.0], confidence)
