"""A partner product of records that are published, and of some that are not."""

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from small_towns import cells
from tables import ORIGIN, incidents_at

import hotspots as hs
from hotspots.analysis.trends.by_period import count_by_period
from hotspots.core.behind import Behind
from hotspots.programmes.tasking.for_public import published_part
from hotspots.programmes.tasking.product import TaskingResults

X, Y = ORIGIN[0] // 500 * 500 - ORIGIN[0], ORIGIN[1] // 500 * 500 - ORIGIN[1]
IN_ZONE, BESIDE_IT, NEXT_CELL = (X + 50, Y + 50), (X + 400, Y + 400), (X + 700, Y + 50)


def zone(name, kind, bounds):
    shape = box(*(edge + at for edge, at in zip(bounds, ORIGIN * 2, strict=True)))
    columns = {"zone_name": name, "kind": kind, "valid_from": None, "valid_until": None,
               "status": None, "approximate": False}  # fmt: skip
    return gpd.GeoDataFrame([columns], index=pd.Index([kind], name="zone_id"), geometry=[shape],
                            crs=27700)  # fmt: skip


def product_of(places):
    """Places of incidents by month and by whether their source is published."""
    rows = [(month, open_to_all, place) for (month, open_to_all), several in places.items()
            for place in several]  # fmt: skip
    incidents = incidents_at([place for *_, place in rows], month=[month for month, *_ in rows],
                             source=["open" if one else "own" for _, one, _ in rows],
                             published=[one for _, one, _ in rows])  # fmt: skip
    record = hs.RunRecord("Town", "OFFICIAL", "partner")
    incidents = hs.tag_themes(incidents, hs.Themes.police_uk(), record=record)
    city = zone("City", "district", (X, Y, X + 1_500, Y + 500))
    site = zone("Site", "order", (X, Y, X + 250, Y + 250))
    product = SimpleNamespace(period="2018-07", within=city, grid=hs.SquareGrid(500), zones=(site,),
                              sources=(), earlier=(), previous=None, share=False,
                              place="T", top=5)  # fmt: skip
    results = TaskingResults(product, record, incidents, ("2018-06",))
    asked = hs.assign_cells(hs.select(incidents, hs.Question("asb", "2018-07", city)), product.grid)
    results.cells["asb"] = hs.rank_areas(hs.aggregate_to_cells(asked), by="count")
    periods = [product.period, *results.compared]
    results.area_periods["asb"] = count_by_period(results.cells["asb"], asked, periods=periods)
    inside = hs.zones.summarise_zones(site, asked)
    months = results.cells["asb"][["period_from", "period_until"]].iloc[0]
    results.zones = [site.assign(asb_count=inside["incident_count"], **months)]
    return results


def worked_out(results):
    """What a reader of it works out who counts the published records."""
    made = results.release()
    tables, parts = published_part(results)
    own = [*made.zones, *made.area_periods]
    return hs.audit_totals(made.areas[0], earlier=[*own, *tables], theme_parts=parts)


def test_what_partners_have_not_added_to_open_data_of_a_place_is_not_told():
    """Four of four in a site inside a cell, and in a month it is compared with, are published."""
    results = product_of({
        ("2018-07", True): [IN_ZONE] * 4 + [BESIDE_IT] * 3,
        ("2018-07", False): [BESIDE_IT] * 4,
        ("2018-06", True): [NEXT_CELL] * 4,
        ("2018-06", False): [BESIDE_IT] * 6,
    })  # fmt: skip
    assert not worked_out(results)["narrow"].any()
    safe = results.release()
    assert safe.zones[0]["shown"].tolist() == ["linked"]
    june = safe.area_periods[0].query("period == '2018-06'").set_index("area_id")
    assert set(june["shown"]) >= {"linked"}


def test_without_open_data_there_is_nothing_that_anybody_can_count():
    results = product_of({("2018-07", False): [IN_ZONE] * 4 + [BESIDE_IT] * 7})
    assert published_part(results)[0] == []
    assert results.release().zones[0]["shown"].tolist() == ["small"]


@pytest.mark.parametrize("known, stretches", [((), 2), (("2018-05-01", "2018-07-15"), 2),
                                              (("2018-05-01", "2018-07-01"), 2)])  # fmt: skip
def test_published_months_are_counted_between_the_days_on_which_anything_begins(known, stretches):
    results = product_of({("2018-07", True): [IN_ZONE] * 4, ("2018-07", False): [BESIDE_IT] * 7})
    tables = []
    if known:
        first, last = (pd.Timestamp(day, tz="Europe/London") for day in known)
        tables = [results.cells["asb"].assign(period_from=first, period_until=last)]
    _, by_period, _ = published_part(results, tables)[0]
    assert by_period.reset_index()["period"].nunique() == stretches


@pytest.mark.parametrize("own", range(7))
def test_what_partners_added_keeps_three_values_in_every_shown_cell(own):
    """Twelve published in a cell of 8 to 12 would say that partners had none."""
    published = cells(range(40)).assign(theme="published_asb")
    record = hs.RunRecord("Town", "OFFICIAL", "partner")
    behind = Behind(theme_parts=(("asb",), ("asb", "published_asb")))
    exact = cells([count + own for count in range(40)])
    (made,) = hs.release([exact], record=record, earlier=[published], behind=behind).areas
    made = made.join(published["incident_count"].rename("published"))
    some = made[made["incident_count"].notna()]
    least = (some["shown_low"] - some["published"]).clip(lower=0)
    most = some["shown_high"] - some["published"]
    assert len(some) > 30 and (most - least >= 2).all()
    assert ((least <= own) & (own <= most)).all()
