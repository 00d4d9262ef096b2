"""Saltmere's months replayed as monthly packs, each with only the one before it: does it add up?

Run: python benchmarks/bench_packs_replay.py [--months 36] [--incidents 12000] [--seed 1]

Every month is a product of its own, with patrol areas and candidates for Clear, Hold, Build, and
`previous =` the folder of the month before; the folder before that is thrown away. After each pack
something is decided in its folder, what is two months old is done, and every third pack is made
again over itself. From the written files alone is then counted by hand, in plain loops: what each
area held in each pack, who entered, stayed and left, how often a place and the ground of an area
were listed, the counts of 28 days and of the year to date, what was decided, and whether the
folder is what its manifest names. Prints how many of each were compared, and how many differ.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from hotspots.core.decisions import Decision
from hotspots.demo.town.town import synthetic_town
from hotspots.io.typed_tables import DECISIONS, read_decisions, write_decisions
from hotspots.programmes.tasking.load_product import PRODUCTS, load_product
from hotspots.report.about import read_geopackage
from hotspots.report.manifest import verify_product

TOP, AGAIN, OLD = 5, 3, 2
SAME_GROUND = 0.3
SECTIONS = """
[patrols]
theme = "asb"
by = "count"
count = 8
near_misses = 4
min_incidents = 3
[clear_hold_build]
undecided = "out"
draws = 0
"""


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--months", type=int, default=36)
    ask.add_argument("--incidents", type=int, default=12_000)
    ask.add_argument("--seed", type=int, default=1)
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compared, wrong = replay(Path(folder), asked.months, asked.incidents, asked.seed)
    for what, count in compared.items():
        print(f"{what}: {count:,} compared, {wrong[what]:,} differ")


def replay(base: Path, months: int, incidents: int, seed: int) -> tuple[Counter, Counter]:
    """All packs, one after another; how much was compared, and how much differs."""
    town = base / "town"
    synthetic_town(seed=seed, incidents=incidents).write(town)
    keys = [str(one) for one in pd.period_range("2023-04", periods=months, freq="M")]
    book = Book()
    for number, month in enumerate(keys):
        before = base / keys[number - 1] if number else None
        made = pack(town, month, base / month, before)
        book.check(month, base / month, made)
        decide(base / month, made, number)
        book.verify(base / month)
        if number % AGAIN == 0:
            book.check_again(town, month, base / month, before)
        if number > 1:
            shutil.rmtree(base / keys[number - 2])
        print(month, sum(book.compared.values()), sum(book.wrong.values()), flush=True)
    return book.compared, book.wrong


def pack(town: Path, month: str, folder: Path, before: Path | None) -> Any:
    """The product of one month, run and written."""
    text = (PRODUCTS / "town.toml").read_text(encoding="utf-8").replace("2025-04/2026-03", month)
    text = re.sub(r"(?m)^(compare|backdrop) = .*$", "", text).split("[clusters.asb]")[0]
    said = f'previous = "{before}"\n' if before else ""
    file = town / "month.toml"
    file.write_text(f'{said}backdrop = "none"\n{text}{SECTIONS}', encoding="utf-8")
    results = load_product(file).remembering(folder).run()
    results.write(folder)
    return results


def decide(folder: Path, made: Any, number: int) -> None:
    """One decision a month at the first place; those two months old are done."""
    cells = made.cells["asb"]
    first = cells[cells["rank"].notna()].sort_values(["rank", "incident_count"]).iloc[0]
    kept = list(read(folder))
    done = [one.done or ("yes" if k + OLD <= number else "") for k, one in enumerate(kept)]
    kept = [replace(one, done=word) for one, word in zip(kept, done, strict=True)]
    due = (date(2023, 4, 30) + timedelta(days=30 * number)).isoformat()
    note = f"decision {number}"
    new = Decision("asb", str(first.name), first["place_name"], "Team", "youth", due, note=note)
    write_decisions([*kept, new], folder / DECISIONS)


class Book:
    """What the packs so far said, kept by hand."""

    def __init__(self) -> None:
        self.compared: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.held: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
        self.first: dict[str, dict[str, dict[str, tuple[str, int]]]] = defaultdict(dict)
        self.outlines: dict[str, dict[str, list[Any]]] = defaultdict(dict)
        self.chosen: set[str] = set()
        self.decided: tuple[Decision, ...] = ()

    def check(self, month: str, folder: Path, made: Any) -> None:
        """Compare one written pack with what was kept, then keep what it says."""
        layers = read_geopackage(folder / "hotspots.gpkg")
        briefing = (folder / "briefing.md").read_text(encoding="utf-8")
        for theme, cells in made.cells.items():
            self._history(theme, layers)
            self._moves(month, theme, cells, briefing)
        self._patrols(month, layers, made)
        self._candidates(month, layers, made)
        self._lately(made, month)
        self._same("decisions", made.decisions, self.decided)
        said = briefing.split("## What was decided")[-1]
        for one in self.decided:
            line = next((text for text in said.splitlines() if text.endswith(one.note)), "")
            due = f"Due: {date.fromisoformat(one.due):%-d %B %Y}."
            self._same("decisions in words", (due in line, "Done" in line), (True, bool(one.done)))
        self.verify(folder)

    def check_again(self, town: Path, month: str, folder: Path, before: Path | None) -> None:
        """The same pack made over itself: what was decided stays, byte by byte."""
        decided = (folder / DECISIONS).read_bytes()
        self._same("decisions", pack(town, month, folder, before).decisions, read(folder))
        self._same("folder swapped", (folder / DECISIONS).read_bytes(), decided)
        self.verify(folder)

    def verify(self, folder: Path) -> None:
        """The folder is what its manifest names, whatever was decided in it."""
        found = verify_product(folder)
        self._same("verify", (found.state, found.extra), ("same", ()))
        self.decided = read(folder)

    def _history(self, theme: str, layers: dict[str, Any]) -> None:
        """Every area in every pack before: its count and rank."""
        said: dict[str, dict[str, int]] = defaultdict(dict)
        for name, table in layers.items():
            if name.startswith("history_") and table["theme"].eq(theme).any():
                for (area, period), row in table.iterrows():
                    said[period][area] = int(row["incident_count"])
        kept = {period: held for period, held in self.held[theme].items() if held}
        for period in kept.keys() | said.keys():
            mine, theirs = kept.get(period, {}), said.get(period, {})
            for area in mine.keys() | theirs.keys():
                self._same("counts in the history", theirs.get(area), mine.get(area))

    def _moves(self, month: str, theme: str, cells: Any, briefing: str) -> None:
        """Places of the list: who entered, stayed and left, and how often they were listed."""
        before = list(self.first[theme].values())
        last = before[-1] if before else {}
        lines = section(briefing, LABELS[theme])
        rows = [one.strip("| ").split(" | ") for one in lines if re.match(r"\| \d", one)]
        listed = {area: (str(row["place_name"]), int(row["incident_count"]))
                  for area, row in by_hand(cells)}  # fmt: skip
        self._same("places on a list", len(rows), len(listed))
        for row, (area, (name, count)) in zip(rows, listed.items(), strict=False):
            told = f"{row[3] if len(row) > 3 else ''} {row[4] if len(row) > 4 else ''}"
            self._same("places on a list", (row[1].startswith(name), row[2]), (True, str(count)))
            times = sum(area in one for one in before)
            if len(before) > 1:
                words = f"listed {times} of {len(before)} times before"
                self._same("times listed", (words if times else "not listed before") in told, True)
        gone = [f"{name} (was " for area, (name, _) in last.items() if area not in listed]
        left = " ".join(one.partition("Gone since then")[2] for one in lines)
        if before and listed:
            more = sum(map(int, re.findall(r"(\d+) more", left)))
            self._same("places that left", left.count(" (was ") + more, len(gone))
            named = sum(one in left for one in gone)
            self._same("places that left", named, len(gone) - more)
        self.held[theme][month] = {
            str(area): int(count) for area, count in cells["incident_count"].items() if count > 0
        }
        self.first[theme][month] = listed

    def _patrols(self, month: str, layers: dict[str, Any], made: Any) -> None:
        """Patrol areas: ids entered, stayed or left, and in how many packs their ground was."""
        areas = layers["patrol_areas"]
        chosen = areas[areas["status"].eq("selected")]
        words = made.sections[0].sentences[0]
        if self.outlines["patrols"]:
            found = [len(self.chosen & set(chosen.index)), len(set(chosen.index) - self.chosen),
                     len(self.chosen - set(chosen.index))]  # fmt: skip
            said = re.search(
                r"Since the last review (\d+) stayed, (\d+) entered, (\d+) left", words
            )
            told = [int(number) for number in said.groups()] if said else []
            self._same("patrol areas moved", told, found)
        self.chosen = set(chosen.index)
        self.outlines["patrols"][month] = list(chosen.geometry)
        self._times("patrols", areas.geometry, areas["times_chosen"])

    def _candidates(self, month: str, layers: dict[str, Any], made: Any) -> None:
        """Candidates: in how many packs their ground was compared, and first."""
        table = made.sections[1].tables["Clear, Hold, Build"]
        lists = layers["history_clear_hold_build"].xs(month, level="period")
        shapes = list(shapely.from_wkt(lists["outline"].to_numpy(dtype=object)))
        self._same("candidates", lists.index.tolist(), table.index.tolist())
        self.outlines["candidates"][month], self.outlines["first"][month] = shapes, shapes[:1]
        self._times("candidates", shapes, table["times_listed"])
        self._times("first", shapes, table["times_first"])

    def _times(self, kind: str, shapes: Any, told: Any) -> None:
        for shape, times in zip(shapes, told, strict=True):
            packs = self.outlines[kind].values()
            counted = sum(any(same(shape, other) for other in pack) for pack in packs)
            self._same(f"packs with this ground ({kind})", int(times), counted)

    def _lately(self, made: Any, month: str) -> None:
        """Counts of 28 days and of the year to date, row by row from the incidents."""
        end = (pd.Period(month, "M") + 1).start_time
        table = made.lately.set_index(["theme", "comparison"])
        inside = shapely.prepared.prep(made.product.within.geometry.iloc[0])
        for theme in made.cells:
            rows = made.incidents
            mine = rows[f"theme_{theme}"].fillna(False).astype(bool) & ~rows["institutional"]
            rows = rows[mine & ~rows["sensitive"] & rows.geometry.notna()]
            times = [
                row.occurred_from.tz_localize(None) for row in rows.itertuples()
                if inside.covers(row.geometry)
            ]  # fmt: skip
            for name, (now, then) in windows(end).items():
                known = then[0] >= FIRST
                self._same("windows covered", (theme, name) in table.index, known)
                if known:
                    row = table.loc[(theme, name)]
                    counts = [sum(a <= one < b for one in times) for a, b in (now, then)]
                    self._same("28 days, year to date", [row["now"], row["then"]], counts)

    def _same(self, what: str, told: Any, counted: Any) -> None:
        self.compared[what] += 1
        if told != counted:
            self.wrong[what] += 1
            if self.wrong[what] <= MOST_SHOWN:
                print(f"  {what}: told {told!r}, counted {counted!r}")


LABELS = {
    "asb": "Anti-social behaviour", "serious_violence": "Serious violence",
    "vehicle_nuisance": "Vehicle nuisance",
}  # fmt: skip
FIRST = pd.Timestamp("2023-04-01")
MOST_SHOWN = 5
MOVED = r"Since the last review (\d+) stayed, (\d+) entered, (\d+) left"


def section(briefing: str, heading: str) -> list[str]:
    """The lines under a heading of a briefing."""
    return briefing.split(f"\n## {heading}\n", 1)[-1].split("\n## ", 1)[0].splitlines()


def by_hand(cells: Any) -> list[tuple[str, Any]]:
    """The list of a theme: the first places; who tie with the last, all or none of them."""
    ranked = cells[cells["rank"].notna() & (cells["incident_count"] > 0)]
    harm = ranked["harm"].fillna(0) if "harm" in ranked else 0
    ranked = ranked.assign(_harm=harm, _id=ranked.index.astype(str)).sort_values(
        ["rank", "incident_count", "_harm", "_id"], ascending=[True, False, False, True]
    )
    listed: list[tuple[str, Any]] = []
    for _, level in ranked.groupby("rank", sort=True):
        if len(listed) >= TOP:
            break
        if len(listed) + len(level) > 2 * TOP:
            listed += [] if listed else [(str(a), row) for a, row in level.head(TOP).iterrows()]
            break
        listed += [(str(area), row) for area, row in level.iterrows()]
    return listed


def same(one: Any, other: Any) -> bool:
    """Whether two outlines are the same ground."""
    return bool(one.intersection(other).area >= SAME_GROUND * one.union(other).area)


def windows(end: pd.Timestamp) -> dict[str, tuple[tuple[Any, Any], tuple[Any, Any]]]:
    """What is compared at the end of a month, on the clock of the place."""
    days, year = pd.Timedelta(days=28), pd.DateOffset(years=1)
    start, january = end - days, pd.Timestamp((end - pd.Timedelta(days=1)).year, 1, 1)
    return {
        "before": ((start, end), (start - days, start)),
        "year": ((start, end), (start - year, end - year)),
        "to-date": ((january, end), (january - year, end - year)),
    }


def read(folder: Path) -> tuple[Decision, ...]:
    """What was decided in a folder."""
    return read_decisions(folder / DECISIONS) if (folder / DECISIONS).exists() else ()


if __name__ == "__main__":
    main()
