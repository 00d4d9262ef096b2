"""Which method finds next period's incidents? Five methods on the same data.

Count, harm, density, Gi*, and cells with most incidents in clusters (the rest by count).

Run: python benchmarks/bench_forecast.py [folder of Sheffield API months]

Leeds: one July forecasts the next (bundled data). Sheffield, if its months are given: twelve
months forecast the next one, fifteen times. Scores are for 1, 2, 5 and 10 per cent of the area,
ties broken against the forecaster.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import hotspots as hs

CLUSTER_RADIUS_M = 150


def score(
    incidents: pd.DataFrame, city: pd.DataFrame, *, theme: str, by: str, train: int
) -> pd.DataFrame:
    grid, question = hs.H3Grid(9), hs.Question(theme, within=city)
    chosen = hs.assign_cells(hs.select(incidents, question), grid)
    cells, cell_of = hs.aggregate_to_cells(chosen), chosen.area_ids
    periods = hs.count_by_period(cells, chosen)
    neighbours = grid.neighbours(cells.index.to_numpy())
    months = incidents["occurred_from"].dt.tz_convert("Europe/London").dt.strftime("%Y-%m")

    def density(past: pd.DataFrame) -> pd.Series:
        seen = hs.select(incidents[months.isin(past.columns)], hs.Question(theme))
        return hs.evaluation.density_at(cells, seen, bandwidth_m=200)

    def gi_star(past: pd.DataFrame) -> pd.Series:
        return hs.stats.local_gi_star(past.sum(axis=1), neighbours)["z"]

    def clusters(past: pd.DataFrame) -> pd.Series:
        seen = hs.select(incidents[months.isin(past.columns)], question)
        choice = {"radius_m": CLUSTER_RADIUS_M, "min_incidents": max(8, 2 * train)}
        members = hs.assign_clusters(seen, **choice).area_ids.dropna().index
        held = cell_of[members].value_counts().reindex(cells.index, fill_value=0)
        return held + past.sum(axis=1) / 1e6

    methods = {"count": "count", "density 200 m": density, "Gi*": gi_star, "clusters": clusters}
    if "harm" in periods.columns and periods["harm"].notna().any():
        methods["harm"] = "harm"
    ground = cells["area_km2"] * cells["share_inside"].clip(lower=0.01)
    walk = hs.evaluation.walk_forward(
        periods.fillna({"harm": 0.0}) if "harm" in periods.columns else periods,
        method=methods,
        by=by,
        train=train,
        area_ids=cells.index,
        area_km2=ground,
        ties="against",
    )
    return hs.evaluation.summarise_walk(walk, against="count")


def prepared(source: object, record: hs.RunRecord) -> pd.DataFrame:
    incidents = hs.load_incidents(source, record=record)
    incidents = hs.tag_themes(incidents, hs.Themes.police_uk(), record=record)
    scale = hs.HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    return hs.weigh_harm(incidents, scale, record=record)


def show(title: str, incidents: pd.DataFrame, city: pd.DataFrame, train: int) -> None:
    questions = [("asb", "count"), ("serious_violence", "count"), ("serious_violence", "harm")]
    for theme, by in questions:
        found = score(incidents, city, theme=theme, by=by, train=train)
        print(f"\n{title}, {theme}, finding {by}")
        print(found.round(3).to_string())


def main(sheffield: Path | None) -> None:
    record = hs.RunRecord("Forecast benchmark", marking="OPEN DATA")
    city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"))
    show("Leeds, July to July", prepared(hs.bundled("incidents"), record), city, 1)
    if sheffield is not None:
        incidents = prepared(sheffield, record)
        outline = incidents.geometry.dropna().union_all().convex_hull
        town = city.iloc[:1].copy()
        town.geometry = [outline]
        show("Sheffield, month by month", incidents, town, 12)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
