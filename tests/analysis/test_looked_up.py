"""Numbers looked up in tables are those of the distributions, step by step and as a whole."""

import numpy as np
import pytest
from scipy.stats import gamma, kstest, poisson

from hotspots.analysis.uncertainty.looked_up import STEPS, GammaTable, PoissonTable

MEANS = np.array([1.0, 2.0, 7.0, 31.0, 64.0, 65.0, 900.0])


class EvenNumbers:
    """Stands for a source of chance: every step once, and the same place within each."""

    def __init__(self, place: float) -> None:
        self.place = place

    def integers(self, low: int, high: int, shape: tuple[int, int]) -> np.ndarray:
        return np.broadcast_to(np.arange(low, high), shape)

    def random(self, shape: int | tuple[int, int]) -> np.ndarray:
        if isinstance(shape, int):
            return np.full(shape, self.place)
        return (np.arange(STEPS) + self.place)[None, :] / STEPS

    def poisson(self, means: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        return np.zeros(shape)


@pytest.mark.parametrize("place", [0.0, 0.2, 0.5, 0.99])
def test_poisson_numbers_are_the_quantiles_of_their_steps(place):
    means = np.array([5.0, 1.0, 64.0, 1.0, 17.0])
    numbers = PoissonTable(means).draw(EvenNumbers(place), STEPS)
    chance = (np.arange(STEPS) + place) / STEPS
    sure = chance > 0  # the quantile of 0 is said to be -1
    np.testing.assert_array_equal(numbers[:, sure], poisson.ppf(chance[None, sure], means[:, None]))


def test_poisson_numbers_of_every_mean_have_its_distribution():
    draws = 40_000
    numbers = PoissonTable(MEANS).draw(np.random.default_rng(0), draws)
    for mean, drawn in zip(MEANS, numbers, strict=True):
        at = np.unique(poisson.ppf(np.linspace(0.001, 0.999, 40), mean))
        expected = poisson.cdf(at, mean)
        found = (drawn[:, None] <= at).mean(axis=0)
        noise = np.sqrt(expected * (1 - expected) / draws)
        assert (np.abs(found - expected) <= 4.5 * noise).all()


@pytest.mark.parametrize("shape", [1e-3, 0.02, 0.5, 1.0, 6.0, 300.0])
@pytest.mark.parametrize("place", [0.3, 0.5, 0.9])
def test_gamma_amounts_are_the_quantiles_of_their_steps(shape, place):
    amounts = GammaTable(shape).draw(EvenNumbers(place), (1, STEPS))[0]
    assert (np.diff(amounts) >= 0).all()
    chance = (np.arange(STEPS) + place) / STEPS
    chance[[0, -1]] = place / STEPS, 1 - place / STEPS
    told = amounts > 1e-12  # far below an incident only the order counts
    error = np.where(told, np.abs(gamma.cdf(amounts, shape) - chance), 0)
    assert error.max() < 1 / 35_000
    assert error[20:-20].max() < 0.04 / STEPS


@pytest.mark.parametrize("shape", [0.4, 3.0])
def test_gamma_amounts_have_their_distribution_to_the_tails(shape):
    amounts = GammaTable(shape).draw(np.random.default_rng(1), (400, 1000))
    assert kstest(amounts.ravel(), gamma(shape).cdf).pvalue > 1e-3
    rare = gamma.isf(0.5 / STEPS, shape)
    above = amounts[amounts > rare]
    assert abs(len(above) - amounts.size * 0.5 / STEPS) < 4 * np.sqrt(amounts.size * 0.5 / STEPS)
    assert kstest(gamma.sf(above, shape) * 2 * STEPS, "uniform").pvalue > 1e-3


def test_amounts_differ_from_draw_to_draw():
    table = GammaTable(0.4)
    rng = np.random.default_rng(2)
    amounts = np.concatenate([table.draw(rng, (50, 100)), table.draw(rng, (50, 100))])
    assert len(np.unique(amounts)) == amounts.size
    assert abs(np.corrcoef(amounts[:50].ravel(), amounts[50:].ravel())[0, 1]) < 0.06
