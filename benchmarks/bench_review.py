"""Can the next-ranked places judge patrol areas? Untreated windows, real months.

Run: python benchmarks/bench_review.py SOURCE [--offence MCI] [--themes Assault] [--next 130]

SOURCE is a folder of data.police.uk files of one city, or a table of points (see reading.py). Every
month of the data from which a choice and two windows of twelve months fit is a start at which
nothing was done: 22 areas are chosen by count from the twelve months before it, and followed in
the twelve after. Printed by theme: pairs of windows, the ratio of the chosen to the rest, and how
often the 22 lie among the most extreme twentieth of the next places the same rule takes (sets of as
many, drawn from a fixed seed). A nominal 5 % is right for a yardstick; more is why the review shows
earlier years and gives no verdict. With --reviews also what `review_patrol_areas` says of the same
windows: how many verdicts, how many of them false, and how often a fall is lower than in all
earlier years, beside how often that would be by chance. Nothing was tuned on it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from reading import by_theme, options_of_source

import hotspots as hs

MONTHS, SETS, SEED = 12, 199, 43


def main() -> None:
    ask = options_of_source()
    ask.add_argument("--count", type=int, default=22)
    ask.add_argument("--next", type=int, default=130)
    ask.add_argument("--reviews", action="store_true", help="what the review says, too")
    ask.add_argument("--every", type=int, default=1, help="months from one start to the next")
    asked = ask.parse_args()
    for theme, chosen in by_theme(asked):
        months = chosen.source.months()
        starts = range(MONTHS, len(months) - MONTHS + 1, asked.every)
        rng = np.random.default_rng(SEED)
        found = [judged(chosen, months, start, asked.count, asked.next, rng) for start in starts]
        told = pd.DataFrame(found, columns=["ratio", "p_value"])
        called = int((told["p_value"] <= 0.05).sum())
        print(
            f"{theme}: {len(told)} pairs, ratio {told['ratio'].median():.2f} "
            f"({told['ratio'].min():.2f} to {told['ratio'].max():.2f}), called {called}, "
            f"{0.05 * len(told):.0f} would be right",
            flush=True,
        )
        if asked.reviews:
            said = [reviewed(chosen, months, start, asked.count) for start in starts]
            report(theme, pd.DataFrame(said))


def reviewed(chosen: hs.Selection, months: list[str], start: int, count: int) -> dict[str, object]:
    """What the review says at a start at which nothing was done."""
    early = chosen.during(f"{months[start - MONTHS]}/{months[start - 1]}")
    areas = hs.select_patrol_areas(early, by="count", count=count, near_misses=0)
    known = chosen.during(f"{months[0]}/{months[start + MONTHS - 1]}").rows
    asked = hs.select(known, hs.Question(chosen.question.theme))
    review = hs.operations.review_patrol_areas(areas, asked, started=f"{months[start]}-01")
    ratio, earlier = review.change.ratio.ratio, review.earlier["ratio"]
    return {
        "called": review.beyond_chance,
        "years": len(earlier),
        "lowest": bool(len(earlier)) and ratio < 1 and ratio < earlier.min(),
    }


def report(theme: str, said: pd.DataFrame) -> None:
    """Verdicts, false ones, and falls below all earlier years beside what chance gives."""
    verdicts = said["called"].dropna()
    with_years = said[said["years"] > 0]
    by_chance = (1 / (1 + with_years["years"])).sum()
    print(
        f"{theme}: {len(said)} reviews, {len(verdicts)} with a verdict, {int(verdicts.sum())} of "
        f"these false; {len(with_years)} with earlier years, {int(with_years['lowest'].sum())} "
        f"below all of them, {by_chance:.1f} at most by chance",
        flush=True,
    )


def judged(
    chosen: hs.Selection, months: list[str], start: int, count: int, more: int, rng
) -> tuple[float, float]:
    """Ratio of the chosen to the rest, and its rank among sets of the next places."""
    early = chosen.during(f"{months[start - MONTHS]}/{months[start - 1]}")
    areas = hs.select_patrol_areas(early, by="count", count=count, near_misses=more).areas
    late = chosen.during(f"{months[start]}/{months[start + MONTHS - 1]}")
    before, after = (held(areas, one) for one in (early, late))
    first = np.asarray(areas["status"].eq("selected"))
    rest = [len(one.rows) - each[first].sum() for one, each in ((early, before), (late, after))]
    ratio = log_ratio(before[first], after[first], rest)
    beyond = np.flatnonzero(~first)
    if len(beyond) < count:
        return float(np.exp(ratio)), np.nan
    sets = [rng.choice(beyond, count, replace=False) for _ in range(SETS)]
    others = np.array([log_ratio(before[one], after[one], rest) for one in sets])
    away = np.abs(np.r_[ratio, others] - np.median(others))
    return float(np.exp(ratio)), float((away >= away[0]).mean())


def held(areas, chosen: hs.Selection) -> np.ndarray:
    """Incidents inside each area."""
    pairs = areas.sindex.query(chosen.rows.geometry, predicate="intersects")
    return np.bincount(pairs[1], minlength=len(areas)).astype(float)


def log_ratio(before: np.ndarray, after: np.ndarray, rest: list[float]) -> float:
    """Of the change of areas to that of the rest."""
    return float(np.log((after.sum() + 0.5) / (before.sum() + 0.5) * rest[0] / rest[1]))


if __name__ == "__main__":
    main()
