"""The streets and crimes that come with libpysal, through the whole chain."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from tables import incidents_at
from walking import walked

import hotspots as hs
from hotspots.core.grids.street_segments import Network

LIBPYSAL = find_spec("libpysal")  # to import it takes a second, and only its files are wanted
FOLDER = Path(LIBPYSAL.origin if LIBPYSAL else "none").parent / "examples" / "geodanet"
UTM = "EPSG:26912"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="libpysal without its examples")


@pytest.fixture(scope="module")
def streets():
    return hs.streets.load_streets(FOLDER / "streets.shp", id_field="ID", crs=UTM)


@pytest.fixture(scope="module")
def asked():
    crimes = gpd.read_file(FOLDER / "crimes.shp").to_crs(UTM).geometry
    rows = incidents_at([(0, 0)] * len(crimes), location_precision="exact", time_precision="day")
    rows = rows.set_geometry(crimes.to_list()).set_crs(UTM, allow_override=True)
    days = pd.to_timedelta(np.arange(len(rows)) * 7 % 300, unit="D")
    rows = rows.assign(occurred_from=rows["occurred_from"] + days)
    rows["occurred_until"] = rows["occurred_from"] + pd.Timedelta(days=1)
    hull = gpd.GeoSeries([shapely.box(*crimes.buffer(200).total_bounds)], crs=UTM)
    return hs.select(rows, hs.Question(within=hs.study_area(hull.to_frame("geometry"))))


def test_the_chain_holds_every_crime_on_every_support(streets, asked):
    assert (len(streets), asked.total) == (293, 287)
    on = hs.assign_cells(asked, hs.StreetSegments(streets, reach_m=200))
    segments = hs.aggregate_to_cells(on)
    assert segments["incident_count"].sum() == 287
    assert segments["length_m"].sum() == pytest.approx(streets.length.sum())
    flagged = hs.flag_hotspots(segments, on, neighbours={}, null="constant-risk")
    runs = hs.streets.find_runs(hs.streets.assign_runs(flagged, on, flagged="is_hotspot"))
    hot = flagged[flagged["is_hotspot"]]
    assert 0 < len(runs) <= len(hot)
    assert runs["incident_count"].sum() == hot["incident_count"].sum()
    assert runs["length_m"].sum() == pytest.approx(hot["length_m"].sum())
    cells = hs.assign_cells(asked, hs.H3Grid(9))
    both = hs.streets.compare_supports(hs.aggregate_to_cells(cells), cells, on.grid)
    assert (both.in_areas, both.on_streets) == (287, 287)


def test_distances_between_all_crimes_are_those_of_walking(streets, asked):
    grid = hs.StreetSegments(streets, reach_m=200)
    x, y = asked.rows.geometry.x.to_numpy(), asked.rows.geometry.y.to_numpy()
    pairs, metres = grid.pairs_within(x, y, 1e6)
    network = Network.of(np.asarray(streets.geometry.loc[grid.ids]))
    edge = pd.Index(grid.ids).get_indexer(grid.cell_ids(x, y, UTM))
    along = shapely.line_locate_point(network.lines[edge], shapely.points(x, y))
    slow = walked(network, edge, along)
    assert len(pairs) == np.isfinite(slow[np.triu_indices(len(x), 1)]).sum()
    np.testing.assert_allclose(metres, slow[pairs[:, 0], pairs[:, 1]], atol=1e-6)
    near = hs.when.near_repeats(asked, distance_bands_m=[200, 400], time_bands_days=[30],
                           metric=grid, permutations=9)  # fmt: skip
    assert near["observed"].sum() <= (metres <= 400).sum()
