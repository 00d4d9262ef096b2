"""Several products of the same areas, subtracted from one another as a patient reader would."""

from __future__ import annotations

from itertools import combinations, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from disclosing import disclose_table
from shapely.geometry import box

import hotspots as hs
from hotspots.core.errors import InputError
from hotspots.core.states import Shown
from hotspots.disclosure.over_time import cut_by_earlier, what_is_known

MONTHS = [f"2025-{number:02d}" for number in range(1, 13)]
FIRST_DAYS = [pd.Timestamp(f"{month}-01", tz="Europe/London") for month in MONTHS]
MOST = 24
"""Counts the slow reader tries, of each month; this one stands for "any number"."""


def a_record(audience="partner"):
    marking = {"public": "FOR PUBLICATION"}.get(audience, "OFFICIAL")
    return hs.RunRecord("Town", marking=marking, audience=audience)


def export(by_month, months, *, kind="h3-8", theme="asb"):
    """Exact totals of each area over the months from the first up to the last."""
    by_month = np.atleast_2d(by_month)
    first, last = months
    size = len(by_month)
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "theme": theme,
            "period_from": FIRST_DAYS[first],
            "period_until": FIRST_DAYS[last],
            "incident_count": by_month[:, first:last].sum(axis=1),
        },
        index=pd.Index([f"a{number:04d}" for number in range(size)], name="area_id"),
        geometry=[box(800 * at, 0, 800 * at + 800, 800) for at in range(size)],
        crs=27700,
    )


def published_in_turn(by_month, windows, audience="public", knowing=True):
    """Products made one after another; each knows those before it."""
    out = []
    for months in windows:
        before = list(out) if knowing else None
        safe = disclose_table(export(by_month, months), a_record(audience), earlier=before)
        out.append(safe.sort_index())
    return out


def the_slow_reader(tables, windows, area, months):
    """Every history of one area, month by month, that fits all the products."""
    grid = np.indices((MOST + 1,) * months).reshape(months, -1).T
    fits = np.ones(len(grid), dtype=bool)
    for table, (first, last) in zip(tables, windows, strict=True):
        row, total = table.loc[area], grid[:, first:last].sum(axis=1)
        fits &= could_be(row["incident_count"], row["shown"], total)
    return grid[fits]


def could_be(shown, said, total):
    if not np.isnan(shown):
        low = shown - 2 - 2 * (said == Shown.MERGED_UP)
        high = shown + 2 + 2 * (said == Shown.MERGED_DOWN)
        return (total >= max(5, low)) & (total <= high)
    return total <= 4 if said == Shown.SMALL else total >= 0


def told_small(histories, months):
    """Stretches of months whose count may be under 5 and has fewer than 3 possible values."""
    found = []
    for first, last in combinations(range(months + 1), 2):
        values = np.unique(histories[:, first:last].sum(axis=1))
        if values[0] < 5 and len(values) < 3:
            found.append((first, last, values.tolist()))
    return found


WINDOWS = [*combinations(range(4), 2)]


def test_two_months_and_both_together_would_tell_that_each_held_four():
    """The attack works on products that do not know of one another."""
    windows = [(0, 1), (1, 2), (0, 2)]
    naive = published_in_turn([4, 4, 0], windows, knowing=False)
    assert naive[2]["incident_count"].tolist() == [10]
    assert the_slow_reader(naive, windows, "a0000", 2).tolist() == [[4, 4]]
    safe = published_in_turn([4, 4, 0], windows)
    assert safe[2]["incident_count"].tolist() == [5]
    assert safe[2]["shown"].tolist() == [Shown.MERGED_DOWN]
    assert told_small(the_slow_reader(safe, windows, "a0000", 2), 2) == []


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_published_in_turn_no_small_count_can_be_worked_out(seed):
    rng = np.random.default_rng(seed)
    by_month = rng.integers(0, 9, size=(25, 3))
    windows = [WINDOWS[n] for n in rng.permutation(len(WINDOWS))[:5]]
    tables = published_in_turn(by_month, windows)
    for number, area in enumerate(tables[0].index):
        histories = the_slow_reader(tables, windows, area, 3)
        assert (histories == by_month[number]).all(axis=1).any()
        assert told_small(histories, 3) == []


def test_products_that_do_not_know_of_one_another_tell_small_counts_so_the_attack_works():
    rng = np.random.default_rng(3)
    by_month = rng.integers(0, 9, size=(60, 3))
    tables = published_in_turn(by_month, WINDOWS, knowing=False)
    told = [told_small(the_slow_reader(tables, WINDOWS, area, 3), 3) for area in tables[0].index]
    assert sum(map(bool, told)) >= 5


@pytest.mark.parametrize("seed", range(6))
def test_the_classes_that_tell_are_those_found_by_trying_every_history(seed):
    rng = np.random.default_rng(100 + seed)
    by_month = rng.integers(0, 8, size=(20, 3))
    *windows, new = (WINDOWS[n] for n in rng.permutation(len(WINDOWS))[:4])
    tables = published_in_turn(by_month, windows)
    now = export(by_month, new)
    cut = cut_by_earlier(now, "incident_count", tables)
    assert not cut.held.any()
    for number, area in enumerate(now.index):
        before = the_slow_reader(tables, windows, area, 3)
        already = {stretch[:2] for stretch in told_small(before, 3)}
        totals = before[:, slice(*new)].sum(axis=1)
        shown = np.where(totals < 5, 0, np.floor(totals / 5 + 0.5) * 5)
        slow = {
            value
            for value in np.unique(shown)
            for stretch in told_small(before[shown == value], 3)
            if stretch[:2] not in already
        }
        fast = {edge[number] for edge in (cut.lowest, cut.highest) if not np.isnan(edge[number])}
        assert fast == slow, (by_month[number], windows, new)


def shown_now(by_month, earlier, span):
    return shown_beside(export(by_month, span), earlier)


def shown_beside(now, earlier):
    """Counts and the words that say more than "rounded" or "fewer than 5", in order of the rows."""
    safe = disclose_table(now, a_record("public"), earlier=earlier).loc[now.index]
    plain = safe["shown"].isin([Shown.ROUNDED, Shown.SMALL])
    return safe["incident_count"], safe["shown"].mask(plain, "")


def test_classes_depend_on_what_was_published_and_never_on_the_new_count():
    """What is said of an area follows from the count that is shown."""
    rng = np.random.default_rng(1)
    by_month = rng.integers(0, 8, size=(40, 4))
    earlier = published_in_turn(by_month, [(0, 1), (1, 2), (0, 3)])
    held, classes = [], []
    for more in range(12):
        shown, said = shown_now(by_month + np.array([0, 0, 0, more]), earlier, (1, 4))
        held.append((said == Shown.LINKED).tolist())
        classes.append(pd.DataFrame({"shown": shown, "said": said}).reset_index())
    assert all(answer == held[0] for answer in held)
    together = pd.concat(classes).dropna()
    assert together.groupby(["area_id", "shown"])["said"].nunique().max() == 1
    assert set(together["said"]) >= {"", Shown.MERGED_UP}


def test_where_classes_were_merged_counts_are_at_most_four_off_and_it_is_said_which_way():
    rng = np.random.default_rng(6)
    by_month = rng.integers(0, 30, size=(300, 6))
    exact = [export(by_month, (0, 3)), export(by_month, (3, 5))]
    shown, said = shown_now(by_month, exact, (0, 6))
    off = shown - by_month.sum(axis=1)
    assert off[said == ""].abs().max() <= 2
    up = said == Shown.MERGED_UP
    assert off[up].between(-2, 4).all() and up.sum() > 20
    assert off[said == Shown.MERGED_DOWN].between(-4, 2).all()


def test_order_of_rows_and_of_earlier_products_and_unknown_areas_change_nothing():
    rng = np.random.default_rng(2)
    by_month = rng.integers(0, 8, size=(30, 3))
    earlier = published_in_turn(by_month, [(0, 1), (1, 2)])
    now = export(by_month, (0, 2))
    shown, said = shown_beside(now, earlier)
    shuffled = now.iloc[rng.permutation(30)]
    mixed = [earlier[1].iloc[rng.permutation(30)], earlier[0].iloc[::-1]]
    again = shown_beside(shuffled, mixed)
    pd.testing.assert_series_equal(again[0].loc[now.index], shown)
    pd.testing.assert_series_equal(again[1].loc[now.index], said)
    assert (said != "").any()
    fewer = [table.iloc[:10] for table in earlier]
    assert (shown_beside(now, fewer)[1].iloc[10:] == "").all()


def test_more_areas_than_are_taken_at_a_time_give_the_same_answer(monkeypatch):
    rng = np.random.default_rng(4)
    by_month = rng.integers(0, 8, size=(30, 3))
    earlier = published_in_turn(by_month, [(0, 1), (1, 2)])
    wanted = shown_now(by_month, earlier, (0, 2))
    monkeypatch.setattr("hotspots.disclosure.over_time.CHUNK", 7)
    again = shown_now(by_month, earlier, (0, 2))
    pd.testing.assert_series_equal(again[1], wanted[1])


def test_earlier_products_from_files_are_understood(tmp_path):
    by_month = [[4, 4, 0], [9, 9, 9], [2, 3, 0]]
    one, other = published_in_turn(by_month, [(0, 1), (1, 2)])
    now = export(by_month, (0, 2))
    wanted = disclose_table(now, a_record("public"), earlier=[one, other])
    one.to_file(tmp_path / "one.gpkg", driver="GPKG")
    other.drop(columns="geometry").to_csv(tmp_path / "other.csv")
    read = [
        gpd.read_file(tmp_path / "one.gpkg").set_index("area_id"),
        pd.read_csv(tmp_path / "other.csv").set_index("area_id"),
    ]
    pd.testing.assert_frame_equal(disclose_table(now, a_record("public"), earlier=read), wanted)
    assert (wanted["shown"] == Shown.MERGED_DOWN).sum() == 2


def test_months_of_an_earlier_product_count_as_windows():
    exact = export([[6, 7, 8], [20, 30, 40]], (0, 3))
    months = pd.DataFrame(
        {
            "area_id": np.repeat(exact.index, 3),
            "period": MONTHS[:3] * 2,
            "theme": "asb",
            "incident_count": [6, 7, 8, 20, 30, 40],
        }
    )
    safe = disclose_table(months, a_record("partner"))
    assert safe["incident_count"].tolist() == [5, 5, 10, 20, 30, 40]
    later = export([[6, 7, 8], [20, 30, 40]], (0, 2), kind="h3-9")
    shown, said = shown_beside(later.assign(kind="h3-8"), [safe])
    assert shown.tolist() == [15, 50] and (said == "").all()
    (one, *_) = what_is_known(safe, "incident_count", later.index)
    assert (one.low.tolist(), one.high.tolist()) == ([5, 18], [7, 22])


def test_months_that_would_be_told_by_an_earlier_total_are_withheld():
    by_month = [[7, 7, 4], [20, 20, 20]]
    earlier = [
        *published_in_turn(by_month, [(0, 3)], audience="partner"),
        *published_in_turn(by_month, [(2, 3)], audience="partner"),
    ]
    frame = export(by_month, (0, 2))
    months = pd.DataFrame(
        {
            "area_id": np.repeat(frame.index, 2),
            "period": MONTHS[:2] * 2,
            "theme": "asb",
            "incident_count": [7, 7, 20, 20],
        }
    )
    alone = disclose_table(months, a_record("partner"))
    assert alone["incident_count"].tolist() == [5, 5, 20, 20]
    safe = disclose_table(months, a_record("partner"), earlier=earlier)
    assert safe["incident_count"].isna().all()
    total = disclose_table(frame.assign(kind="h3-9"), a_record("partner"))
    safe = disclose_table(months, a_record("partner"), earlier=earlier, beside=total)
    assert safe["incident_count"].tolist()[2:] == [20, 20]
    windows = [(0, 3), (2, 3), (0, 2), (0, 1), (1, 2)]
    rows = [safe[safe["period"] == label].set_index("area_id") for label in MONTHS[:2]]
    histories = the_slow_reader([*earlier, total, *rows], windows, "a0000", 3)
    assert [7, 7, 4] in histories.tolist() and told_small(histories, 3) == []


@pytest.mark.parametrize("seed", range(6))
def test_months_beside_their_total_and_earlier_products_tell_no_small_count(seed):
    """Also where periods overlap: a quarter beside its own months."""
    rng = np.random.default_rng(200 + seed)
    by_month = rng.choice([0, 1, 4, 5, 7, 8, 12], size=(25, 3))
    total = export(by_month, (0, 3))
    spans = {"2025-01": (0, 1), "2025-02": (1, 2), "2025-03": (2, 3), "2025-02/2025-03": (1, 3)}
    months = pd.concat(
        export(by_month, span)[["theme", "incident_count"]].assign(period=label)
        for label, span in spans.items()
    ).set_index("period", append=True)
    earlier = published_in_turn(by_month, [(0, 2)], audience="partner")
    safe = disclose_table(total, a_record(), earlier=earlier)
    shown = disclose_table(months, a_record(), earlier=earlier, beside=safe)
    assert shown["incident_count"].notna().sum() > 20
    tables = [*earlier, safe, *(shown.xs(label, level="period") for label in spans)]
    windows = [(0, 2), (0, 3), *spans.values()]
    for number, area in enumerate(total.index):
        histories = the_slow_reader(tables, windows, area, 3)
        assert (histories == by_month[number]).all(axis=1).any()
        assert told_small(histories, 3) == []


def test_months_that_overlap_are_compared_with_one_another_even_alone():
    """Four months of 8 and all five as 32 leave none for the fifth."""
    months = pd.DataFrame(
        {
            "area_id": "a",
            "period": ["2025-01", "2025-02", "2025-03", "2025-04", "2025-01/2025-05"],
            "theme": "asb",
            "incident_count": [8, 8, 8, 8, 32],
        }
    )
    assert disclose_table(months, a_record())["incident_count"].isna().all()
    other = export([[2, 0, 0]], (0, 3), theme="violence")
    assert disclose_table(months, a_record(), beside=other)["incident_count"].isna().all()
    apart = disclose_table(months.iloc[:4], a_record())
    assert apart["incident_count"].tolist() == [10, 10, 10, 10]


def test_a_product_without_its_period_cannot_be_compared():
    now = export([[9, 9, 9]], (0, 2))
    with pytest.raises(InputError, match="period_from"):
        disclose_table(
            now, a_record("public"), earlier=now.drop(columns=["period_from", "period_until"])
        )


def test_earlier_products_that_contradict_one_another_withhold_the_area():
    """Data were revised in between: nobody can say what a reader would learn."""
    early = [export([[3, 0, 0]], (0, 2)), export([[9, 0, 0]], (0, 1))]
    assert shown_now([[9, 9, 9]], early, (0, 3))[1].tolist() == [Shown.LINKED]


@pytest.mark.parametrize("kinds", [("h3-8", "ward"), ("ward", "h3-8")])
def test_of_cells_and_wards_only_partners_may_have_both_and_the_cells_first(kinds):
    then, now = (export([[9, 9, 9]], (0, 2), kind=kind) for kind in kinds)
    if kinds[0] == "h3-8":
        assert (
            disclose_table(now, a_record("partner"), earlier=then)["incident_count"].notna().all()
        )
    for reader in ("public",) if kinds[0] == "h3-8" else ("partner", "public"):
        with pytest.raises(InputError) as told:
            disclose_table(now, a_record(reader), earlier=then)
        assert told.value.findings[0].rule in ("cells-after-zones", "second-geography")
    other = export([[9, 9, 9]], (2, 3), kind=kinds[0])
    disclose_table(now, a_record("public"), earlier=other)


def test_every_pair_of_windows_alone_withholds_nothing_more():
    """Two rounded numbers leave their difference open by themselves."""
    rng = np.random.default_rng(5)
    by_month = rng.integers(0, 12, size=(50, 3))
    for one, other in product(WINDOWS, WINDOWS):
        tables = published_in_turn(by_month, [one, other])
        assert (
            tables[1]["incident_count"].isna() == (export(by_month, other)["incident_count"] < 5)
        ).all()
