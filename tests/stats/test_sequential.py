"""Watching counts: the scan equals a slow one, the budget holds, what is planted is dated."""

import numpy as np
import pytest

from hotspots.stats.sequential import WatchedWorld, dispersion_of, drawn, scan_back, threshold


def slowly(now, new, base, share):
    """Every stretch by itself, from the formula."""
    spread = dispersion_of(base[None], share)[0]
    best = []
    for end in range(1, len(now) + 1):
        found = []
        for start in range(end):
            mine, known = now[start:end].sum(), base.sum()
            part = new[start:end].sum() / (new[start:end].sum() + share.sum())
            if mine >= known * part / (1 - part):
                largest, second, *_ = sorted([*now[start:end], 0.0], reverse=True)
                mine = max(mine - largest + second, known * part / (1 - part))
            ratio = 0.0
            for held, expected in ((mine, part), (known, 1 - part)):
                if held:
                    ratio += held * np.log(held / ((mine + known) * expected))
            found.append((ratio / spread, -start))
        score, start = max(found, key=lambda one: (round(one[0], 9), one[1]))
        best.append((score, -start))
    return best


@pytest.mark.parametrize("seed", range(5))
def test_the_scan_is_every_stretch_by_itself(seed):
    rng = np.random.default_rng(seed)
    base, now = rng.poisson(3, 20).astype(float), rng.poisson(5, 12).astype(float)
    share, new = rng.uniform(0.5, 2, 20), rng.uniform(0.5, 2, 12)
    found = scan_back(now[None], new, base[None], share)
    expected = slowly(now, new, base, share)
    assert found.score[0] == pytest.approx([score for score, _ in expected])
    level = now.cumsum() / new.cumsum()
    assert found.side[0, 0] == (1 if level[0] >= base.sum() / share.sum() else -1)


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_no_change_is_called_no_more_often_than_the_budget(spread):
    called, share = 0, np.ones(52)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        base, now = (drawn(5.0, share, spread, 1, rng) for _ in range(2))
        limit = threshold(
            WatchedWorld(base[0], share, share, 99).largest(1.0, rng).max(axis=1), 0.1
        )
        called += scan_back(now, share, base, share).score.max() > limit
    assert called <= 13, "6 are expected in 60 watches"


def test_what_happened_in_one_period_alone_is_no_level():
    now, share = np.array([[1.0, 2, 40, 1, 2]]), np.ones(5)
    once = scan_back(now, share, np.ones((1, 20)), np.ones(20)).score
    twice = scan_back(now + np.eye(5)[[3]] * 39, share, np.ones((1, 20)), np.ones(20)).score
    assert once.max() < 1 and twice.max() > 40


def test_nothing_at_all_is_no_signal():
    found = scan_back(np.zeros((1, 9)), np.ones(9), np.zeros((1, 20)), np.ones(20))
    assert (found.score == 0).all()
