"""Is what was planted in the synthetic town found again? Seeds that nobody used in tuning.

    python benchmarks/bench_planted.py [--seeds 400] [--first 1001]

For each seed (one layout, 30,000 incidents, three years):

- the 22 planted areas of serious violence, chosen again by count, and how many come back with an
  intersection over union of at least one half;
- the planted Clear, Hold, Build area: does it win its four categories, and lose violence to the
  night-time economy until that is set aside;
- the planted fall of 12 % in the 22 areas, by `compare_change` with a ring of 250 m left out of the
  comparator: does the 95 % interval cover it; and with nothing planted, is a change called.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass

import numpy as np
import shapely

import hotspots as hs
from hotspots.demo.town.town import Town

THEME = "serious_violence"
RING_M = 250
FALL = 0.12


@dataclass(frozen=True)
class Seen:
    """What one seed showed."""

    areas_found: int
    screen_right: bool
    ratio: float
    covered: bool
    null_ratio: float
    called: bool


def look(seed: int, *, incidents: int = 30_000) -> Seen:
    """Everything planted in one town, and its twin without the fall."""
    town = hs.synthetic_town(seed=seed, layout=1, incidents=incidents)
    asked = police(town)
    planted = change_of(town, asked)
    same = hs.synthetic_town(seed=seed, layout=1, incidents=incidents, fall_share=0.0)
    null = change_of(same, police(same))
    return Seen(
        areas_found=areas_found(town, asked),
        screen_right=screen_right(town, asked),
        ratio=planted.ratio,
        covered=planted.low <= 1 - FALL <= planted.high,
        null_ratio=null.ratio,
        called=not null.low <= 1 <= null.high,
    )


def areas_found(town: Town, asked: hs.Selection) -> int:
    """How many planted areas a chosen one matches."""
    found = hs.select_patrol_areas(asked.of(THEME), by="count")
    truth = town.truth.patrol_areas.geometry.to_numpy()[:, None]
    chosen = found.selected.geometry.to_numpy()[None, :]
    shared = shapely.area(shapely.intersection(truth, chosen))
    overlap = shared / (shapely.area(truth) + shapely.area(chosen) - shared)
    return int((overlap.max(axis=1) >= 0.5).sum())


def screen_right(town: Town, asked: hs.Selection) -> bool:
    """Whether the screen tells the planted story, and no other."""
    areas = town.truth.screening_areas
    night = town.night_time_economy
    screen = hs.screen_clear_hold_build(
        asked, areas, undecided="out", night_time_economy=night, draws=0
    )
    roles = areas["role"]
    if screen.leader is None or roles[screen.leader] != "clear_hold_build":
        return False
    lost = screen.exceptions.xs(screen.leader, level="area_id")
    return (
        lost.index.str.startswith("violence").tolist() == [True]
        and roles[lost["beaten_by"].iloc[0]] == "night_time_economy"
        and bool(lost["wins_when_masked"].iloc[0])
    )


def change_of(town: Town, asked: hs.Selection) -> hs.evaluation.RateRatio:
    """The treated areas against the rest of the town, from the day the work began."""
    areas = town.truth.patrol_areas
    started = areas["treated_from"].iloc[0]
    return hs.compare_change(areas, asked.of(THEME), started=started, rings_m=[RING_M]).ratio


def police(town: Town) -> hs.Selection:
    """What the police recorded, with themes as any extract gets them."""
    rows = town.incidents[town.incidents["source"] == "police"]
    tagged = hs.tag_themes(rows, hs.Themes.home_office())
    return hs.select(tagged, hs.Question(within=town.district))


def interval(hits: int, of: int) -> str:
    """Share with its 95 % Wilson interval."""
    share, z = hits / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + (z / (2 * of)) ** 2)
    return f"{hits} of {of}, {share:.1%} ({middle - half:.1%} to {middle + half:.1%})"


def show(seen: list[Seen], seconds: float) -> None:
    """The numbers so far."""
    found = np.array([one.areas_found for one in seen])
    enough = int((found >= 20).sum())
    print(
        f"{len(seen)} seeds, {seconds:,.0f} s\n"
        f"  planted areas found, of 22   least {found.min()}, median {np.median(found):g}; "
        f"20 or more in {interval(enough, len(seen))}\n"
        f"  screen tells the story       {interval(sum(s.screen_right for s in seen), len(seen))}\n"
        f"  fall covered (aim 92-98 %)   {interval(sum(s.covered for s in seen), len(seen))}; "
        f"geometric mean ratio {np.exp(np.mean([math.log(s.ratio) for s in seen])):.3f}, "
        f"planted {1 - FALL:.2f}\n"
        f"  null called (aim <= 7.5 %)   {interval(sum(s.called for s in seen), len(seen))}; "
        f"geometric mean ratio {np.exp(np.mean([math.log(s.null_ratio) for s in seen])):.3f}",
        flush=True,
    )


def main() -> None:
    """Look at seed after seed; say the numbers every twenty."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=400)
    options.add_argument("--first", type=int, default=1001)
    options.add_argument("--incidents", type=int, default=30_000)
    chosen = options.parse_args()
    seen, begun = [], time.perf_counter()
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        seen.append(look(seed, incidents=chosen.incidents))
        if len(seen) % 20 == 0 or len(seen) == chosen.seeds:
            show(seen, time.perf_counter() - begun)


if __name__ == "__main__":
    main()
