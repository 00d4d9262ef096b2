"""What was worked out of a table is known again only while the table is the very same."""

import gc
import weakref
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hotspots.core.grids import H3Grid
from hotspots.core.points import PlaceIndex
from hotspots.core.remember import MOST, Memory, digest, memory_of

OTHER = {
    "text": "z",
    "thing": "z",
    "number": -7,
    "share": 0.125,
    "flag": True,
    "maybe": True,
    "whole": 9,
    "kind": "b",
    "moment": pd.Timestamp("2018-09-09", tz="Europe/London"),
    "day": pd.Timestamp("2018-09-09"),
    "mixed": "1",
    "geometry": shapely.Point(9, 9),
    "outline": shapely.box(0, 0, 1, 2),
}


def table() -> gpd.GeoDataFrame:
    """Two rows with a column of every kind that incidents and zones have."""
    moments = pd.to_datetime(["2018-07-01", "2018-07-02"])
    return gpd.GeoDataFrame(
        {
            "text": pd.Series(["a", None], dtype="str"),
            "thing": pd.Series(["a", None], dtype=object),
            "number": [1, 2],
            "share": [0.5, np.nan],
            "flag": [False, False],
            "maybe": pd.Series([False, None], dtype="boolean"),
            "whole": pd.Series([1, None], dtype="Int64"),
            "kind": pd.Categorical(["a", None], categories=["a", "b"]),
            "moment": moments.tz_localize("Europe/London"),
            "day": moments,
            "mixed": pd.Series([1, Decimal(2)], dtype=object),
            "outline": gpd.GeoSeries([shapely.box(0, 0, 1, 1), None], crs=27700),
        },
        geometry=[shapely.Point(1, 2), None],
        crs=27700,
    )


def test_equal_tables_have_one_digest():
    assert digest(table()) == digest(table()) is not None


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("column", sorted(OTHER))
def test_any_other_value_is_noticed(column, row):
    held = table()
    before = memory_of(held)
    assert memory_of(held) is before
    held.loc[row, column] = OTHER[column]
    assert memory_of(held) is not before


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.geometry.array.__setitem__(0, shapely.Point(9, 9)),
        lambda held: held.geometry.array.__setitem__(0, shapely.Point(1, 2, 5)),
        lambda held: held.geometry.array.__setitem__(1, shapely.Point()),
        lambda held: held.insert(0, "more", 1),
        lambda held: held.pop("flag"),
        lambda held: setattr(held, "columns", ["texts", *held.columns[1:]]),
        lambda held: held.__setitem__("number", held["number"].astype("int32")),
        lambda held: setattr(held, "index", ["one", "two"]),
        lambda held: setattr(held.index, "name", "row"),
        lambda held: held.__setitem__("text", held["text"].astype("category")),
        lambda held: held.set_crs(3857, allow_override=True, inplace=True),
        lambda held: held.set_geometry("outline", inplace=True),
    ],
)
def test_any_other_shape_of_a_table_is_noticed(change):
    held = table()
    before = memory_of(held)
    change(held)
    assert memory_of(held) is not before


def test_a_value_is_not_the_text_of_it():
    assert digest(pd.DataFrame({"a": pd.Series([1, "1"], dtype=object)})) != digest(
        pd.DataFrame({"a": pd.Series(["1", 1], dtype=object)})
    )
    assert digest(pd.DataFrame({"a": pd.Series([True], dtype=object)})) != digest(
        pd.DataFrame({"a": pd.Series(["True"], dtype=object)})
    )


def test_what_cannot_be_looked_into_is_worked_out_every_time():
    memory, told = Memory(), []
    for _ in range(2):
        memory.once([object()], lambda: told.append(1), lambda one: one)
    assert len(told) == 2
    lists = pd.DataFrame({"a": [[1], [2]]})
    assert digest(lists) is None and memory_of(lists) is not memory_of(lists)


def test_what_is_kept_cannot_be_changed_by_who_got_it():
    memory = Memory()
    for _ in range(3):
        found = memory.once("a", lambda: [1, 2], list)
        assert found == [1, 2]
        found.append(3)


def test_only_the_latest_answers_are_kept():
    memory, told = Memory(), []
    for name in [*range(MOST + 1), MOST, 0]:
        memory.once(name, lambda: told.append(1), lambda one: one)
    assert len(told) == MOST + 2


def test_a_memory_goes_with_its_table():
    held = table()
    memory = weakref.ref(memory_of(held))
    del held
    gc.collect()
    assert memory() is None


def test_places_afresh_ask_anew_about_zones_and_not_about_grids():
    places = PlaceIndex.of(gpd.GeoDataFrame(geometry=[shapely.Point(429790, 433805)], crs=27700))
    zones = gpd.GeoDataFrame(geometry=[shapely.box(429000, 433000, 430000, 434000)], crs=27700)
    cells = places.cells(H3Grid(9), zones.crs)
    assert places.inside(zones).all()
    zones.geometry = zones.translate(5_000)
    again = places.afresh()
    assert not again.inside(zones).any()
    assert again.cells(H3Grid(9), zones.crs) is cells
    assert again.cells(H3Grid(8), zones.crs) is not cells
