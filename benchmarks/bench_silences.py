"""How often is a source that holds all there is called silent, and one where days are missing?

Two years of a source of so many incidents a day: one by one, in threes and eights, near repeats,
varied as a geometric count, with a season of 80 %, a peak of twenty times, a week, no weekends.

Run: ``python benchmarks/bench_silences.py [RUNS]``; seeds from 980,000. Results are written into
``docs/evidence.md`` by hand.
"""

import sys

import numpy as np

from hotspots.core.silences import MISSING, SILENCE, silences_of

DAYS, SEED = 730, 980_000
LEVELS = (0.3, 1, 3, 10, 100)
KINDS = (
    *("one by one", "threes", "eights", "near repeats", "geometric", "season", "peak"),
    *("week", "no weekends", "threes, season"),
)


def drawn(kind, level, rng):
    day = np.arange(DAYS)
    wave, mean = np.sin(2 * np.pi * day / 365 + rng.uniform(0, 2 * np.pi)), np.full(DAYS, level)
    if "season" in kind:
        mean = mean * (1 + 0.8 * wave)
    if kind == "peak":
        mean = mean * np.exp(1.5 * wave) / np.exp(1.5 * wave).mean()
    if kind == "week":
        mean = mean * np.array([0.4, 0.4, 0.5, 0.7, 1.5, 2, 1.5])[day % 7]
    if kind == "no weekends":
        mean = mean * 1.4 * (day % 7 < 5)
    if kind == "geometric":
        return rng.negative_binomial(1, 1 / (1 + mean))
    each = 3 if "threes" in kind else 8 if kind == "eights" else 1
    held = each * rng.poisson(mean / (2 if kind == "near repeats" else each))
    if kind == "near repeats":
        again = np.repeat(day, held)
        np.add.at(held, np.minimum(again + rng.integers(0, 14, len(again)), DAYS - 1), 1)
    return held


def called(held):
    """Whether a silence is found inside; and whether the days since the last one spoil a period."""
    day = np.flatnonzero(held)
    found = silences_of(day, held[day], DAYS)
    return len(found.start) > 2, (DAYS - found.start[-1]) * found.a_day[-1] >= MISSING


def as_single(held):
    """The same, where every incident is taken to be one of its own and every day alike (before)."""
    day, a_day = np.flatnonzero(held), held.mean()
    return (np.diff(day, prepend=day[0]).max() - 1) * a_day >= SILENCE, (
        (DAYS - 1 - day[-1]) * a_day >= MISSING
    )


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for kind in KINDS:
        for level in LEVELS:
            whole = [drawn(kind, level, np.random.default_rng([SEED, run])) for run in range(runs)]
            whole = [held for held in whole if held.sum() > 1]
            now, before = (np.mean([one(held) for held in whole], 0) for one in (called, as_single))
            for held in whole:
                held[300 : 300 + int(np.ceil(45 / level))] = 0
                held[-int(np.ceil(15 / level)) :] = 0
            found = np.mean([called(held) for held in whole if held.sum() > 1], axis=0)
            print(
                f"{kind:14} {level:5g} a day: silent {now[0]:4.0%} (before {before[0]:4.0%}), ends "
                f"early {now[1]:5.1%} ({before[1]:5.1%}); 45 missing {found[0]:4.0%}, the last 15 "
                f"{found[1]:4.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
