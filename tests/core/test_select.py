"""Which incidents a question is about: every other row is in exactly one other place."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from chain import asked, cells_of, in_areas, in_cells
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from tables import incidents_at, shuffled, zone

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.analysis.clusters.find import assign_clusters, find_clusters
from hotspots.analysis.names import name_areas
from hotspots.analysis.ranking import rank_areas, rank_sensitivity
from hotspots.analysis.significance.flags import flag_hotspots
from hotspots.analysis.trends.by_period import count_by_period
from hotspots.analysis.uncertainty.rank_intervals import rank_uncertainty
from hotspots.analysis.zones.overlaps import relate_to_zones
from hotspots.core.errors import DataError, InputError
from hotspots.core.grids import H3Grid, SquareGrid
from hotspots.core.record import Account, RunRecord
from hotspots.core.select import Question, Selection, require_members, select
from hotspots.core.tally import fold
from hotspots.core.totals import points_at_risk

PARTS = (
    "out_of_period",
    "out_of_theme",
    "sensitive",
    "unlocated",
    "outside",
    "institutional",
    "used",
)
CITY = zone("City", (-10, -10, 100, 100))
GRID = SquareGrid(50)
MONTHS = ("2018-06", "2018-07", "2018-08")


def one_of_each():
    """Seven incidents, one for each place a row can go, in the order of the account."""
    return incidents_at(
        [(0, 0), (1, 1), (2, 2), None, (9999, 0), (3, 3), (4, 4)],
        month=["2018-06"] + ["2018-07"] * 6,
        theme_asb=[True, False, True, True, True, True, True],
        sensitive=[False, False, True, False, False, False, False],
        institutional=[False, False, False, False, False, True, False],
    )


def busy(seed=1, size=200):
    """Incidents of two themes and three months, some of each kind that is put aside."""
    rng = np.random.default_rng(seed)
    points = [tuple(point) for point in rng.uniform(-30, 120, (size, 2)).round(1)]
    return incidents_at(
        [None if rng.random() < 0.05 else point for point in points],
        month=rng.choice(MONTHS, size).tolist(),
        theme_asb=rng.random(size) < 0.5,
        theme_violence=rng.random(size) < 0.3,
        sensitive=rng.random(size) < 0.1,
        institutional=rng.random(size) < 0.1,
        place_name=rng.choice(["Mill Lane", "High Street"], size),
    )


def assert_same(one: Selection, other: Selection):
    """Two selections hold the same rows, in the same areas, with the same account."""
    pd.testing.assert_frame_equal(pd.DataFrame(one.rows), pd.DataFrame(other.rows))
    assert one.used.tolist() == other.used.tolist()
    assert one.account == other.account
    assert (one.theme, one.grid) == (other.theme, other.grid)


@pytest.fixture(scope="module")
def incidents():
    return busy()


# Every row is somewhere ---------------------------------------------------------------------------


def test_every_row_goes_to_exactly_one_place():
    chosen = asked(one_of_each(), theme="asb", period="2018-07", within=CITY)
    assert {part: getattr(chosen.account, part) for part in PARTS} == dict.fromkeys(PARTS, 1)
    assert chosen.used.tolist() == [False] * 6 + [True]
    assert chosen.rows.index.tolist() == ["i6"]


def test_a_row_with_several_reasons_is_counted_once():
    incidents = incidents_at([None], month="2018-06", theme_asb=[False], sensitive=[True])
    account = asked(incidents, theme="asb", period="2018-07").account
    assert (account.out_of_period, account.out_of_theme, account.unlocated) == (1, 0, 0)


coordinate = st.integers(-40, 140)
row = st.tuples(
    st.none() | st.tuples(coordinate, coordinate),
    st.sampled_from(MONTHS),
    *[st.booleans()] * 3,
)
question = st.fixed_dictionaries(
    {
        "theme": st.sampled_from([None, "asb"]),
        "period": st.sampled_from([None, "2018-07"]),
        "within": st.sampled_from([None, CITY]),
        "include_institutional": st.booleans(),
        "include_sensitive": st.sampled_from([False, "a review"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(row, max_size=15), question)
def test_the_account_is_that_of_asking_row_by_row(rows, asks):
    """The reasons in their order; the first that holds takes the row."""

    def place_of(point, month, theme, sensitive, institutional):
        reasons = {
            "out_of_period": asks["period"] and month != asks["period"],
            "out_of_theme": asks["theme"] and not theme,
            "sensitive": sensitive and not asks["include_sensitive"],
            "unlocated": point is None,
            "outside": asks["within"] is not None
            and not all(-10 <= metres <= 100 for metres in point or ()),
            "institutional": institutional and not asks["include_institutional"],
        }
        return next((name for name, holds in reasons.items() if holds), "used")

    points, months, themes, sensitive, institutional = (
        [one[part] for one in rows] for part in range(5)
    )
    incidents = incidents_at(
        points,
        month=months,
        theme_asb=np.array(themes, dtype=bool),
        sensitive=np.array(sensitive, dtype=bool),
        institutional=np.array(institutional, dtype=bool),
    )
    chosen = asked(incidents, **asks)
    places = [place_of(*one) for one in rows]
    assert {part: getattr(chosen.account, part) for part in PARTS} == {
        part: places.count(part) for part in PARTS
    }
    assert chosen.used.tolist() == [place == "used" for place in places]
    chosen.account.check()


def test_row_order_and_labels_change_no_number(incidents):
    chosen = {"theme": "asb", "period": "2018-07", "within": CITY}
    one, other = asked(incidents, **chosen), asked(shuffled(incidents), **chosen)
    assert one.account == other.account
    assert sorted(one.rows.geometry.to_wkt()) == sorted(other.rows.geometry.to_wkt())
    cells = cells_of(incidents, GRID, **chosen)
    again = cells_of(shuffled(incidents), GRID, **chosen)
    pd.testing.assert_frame_equal(pd.DataFrame(cells), pd.DataFrame(again))


def test_sensitive_and_institutional_rows_come_back_when_asked_for():
    account = asked(one_of_each(), include_sensitive="a review", include_institutional=True).account
    assert account.sensitive_reason == "a review"
    assert account.sensitive == account.institutional == 0
    assert account.used == 6


def test_a_point_on_the_boundary_is_inside():
    incidents = incidents_at([(0, 0), (100, 50), (100.001, 50)])
    used = asked(incidents, within=zone("City", (0, 0, 100, 100))).used
    assert used.tolist() == [True, True, False]


def test_nothing_in_nothing_out():
    empty = incidents_at([(0, 0)]).iloc[:0]
    account = asked(empty, within=zone("City", (0, 0, 1, 1))).account
    assert account.accepted == account.used == 0


def test_the_input_is_left_as_it_was(incidents):
    before = incidents.copy(deep=True)
    chosen = in_cells(incidents, GRID, theme="asb", within=CITY)
    aggregate_to_cells(chosen)
    chosen.during("2018-07").of("violence").everywhere()
    assign_clusters(incidents, radius_m=10, min_incidents=5)
    pd.testing.assert_frame_equal(pd.DataFrame(incidents), pd.DataFrame(before))


# Accounts -----------------------------------------------------------------------------------------


def test_an_account_that_loses_a_row_is_refused():
    account = Account("test", "asb", "July", 10, 1, 1, 1, 1, 1, 1, used=4)
    account.check()
    with pytest.raises(DataError, match="lost rows"):
        dataclasses.replace(account, used=3).check()
    with pytest.raises(DataError, match="lost rows"):
        dataclasses.replace(account, in_areas=3).check()
    record = RunRecord("Leeds", marking="TEST")
    with pytest.raises(DataError, match="lost rows"):
        record.account(dataclasses.replace(account, used=3))
    assert not record.accounts


def test_a_selection_is_accounted_for_once(incidents):
    record = RunRecord("test", marking="TEST")
    july = Question("asb", "2018-07", within=CITY)
    chosen = select(incidents, july, record=record)
    assert record.accounts == [chosen.account]
    assert chosen.account.stage == "select"
    select(incidents, july, record=record)
    chosen.during("2018-06").of("violence")
    assign_cells(chosen, GRID)
    assert record.accounts == [chosen.account]
    select(incidents, july.during("2018-06"), record=record)
    assert len(record.accounts) == 2


def test_each_stage_accounts_for_the_same_rows_under_its_own_name(incidents):
    record = RunRecord("test", marking="TEST")
    chosen = in_cells(incidents, GRID, theme="asb", within=CITY)
    cells = aggregate_to_cells(chosen, record=record)
    find_clusters(asked(incidents, theme="asb"), radius_m=9, min_incidents=3, record=record)
    counted, clustered = record.accounts
    assert counted == chosen.closed("aggregate_to_cells", len(chosen.rows))
    assert clustered.in_areas + clustered.noise == clustered.used > clustered.noise > 0
    count_by_period(cells.nlargest(2, "incident_count"), chosen, record=record)
    by_month = record.accounts[2:]
    assert [one.period for one in by_month] == ["June 2018", "July 2018", "August 2018"]
    assert sum(one.used for one in by_month) == counted.used
    assert sum(one.in_areas for one in by_month) == cells["incident_count"].nlargest(2).sum()


# The same question, changed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"period": "2018-07"},
        {"period": None},
        {"theme": "violence"},
        {"theme": None},
        {"within": None},
        {"include_institutional": True, "include_sensitive": "a review"},
        {"theme": None, "period": "2018-08", "within": zone("Part", (0, 0, 50, 50))},
    ],
)
def test_a_changed_question_equals_the_question_asked_afresh(incidents, changes):
    first = Question("asb", "2018-06", within=CITY)
    other = dataclasses.replace(first, **changes)
    assert_same(select(incidents, first).asked(**changes), select(incidents, other))
    in_grid = assign_cells(select(incidents, first), GRID).asked(**changes)
    assert_same(in_grid, assign_cells(select(incidents, other), GRID))


def test_another_period_and_another_theme_are_short_for_a_changed_question(incidents):
    chosen = in_cells(incidents, GRID, theme="asb", period="2018-06", within=CITY)
    assert_same(chosen.during("2018-07"), chosen.asked(period="2018-07"))
    assert_same(chosen.of("violence"), chosen.asked(theme="violence"))
    assert_same(chosen.during("2018-07").during("2018-06"), chosen)


def test_another_period_and_institutional_points_sort_no_row_again(incidents):
    asked = select(incidents, Question("asb", "2018-07", within=CITY))
    for month in MONTHS:
        asked.during(month)
    asked.asked(include_institutional=True)
    assert asked.source.worked_out == 1
    assert asked.of(None).during("2018-06").of("asb").source.worked_out == 2


def test_a_selection_can_be_asked_another_question(incidents):
    chosen = asked(incidents, theme="asb", period="2018-06")
    again = select(chosen, Question("violence", within=CITY))
    assert_same(again, asked(incidents, theme="violence", within=CITY))
    assert again.everything is incidents


def test_clusters_belong_to_one_question(incidents):
    clustered = assign_clusters(asked(incidents, theme="asb"), radius_m=9, min_incidents=3)
    with refused("unassigned", of="incidents"):
        clustered.during("2018-07").area_ids  # noqa: B018


def test_a_plain_frame_stands_for_all_its_incidents(incidents):
    assert_same(select(incidents), select(incidents, Question()))
    assert_same(assign_cells(incidents, GRID), assign_cells(select(incidents, Question()), GRID))
    choice = {"radius_m": 9, "min_incidents": 3}
    pd.testing.assert_frame_equal(
        pd.DataFrame(find_clusters(incidents, **choice)),
        pd.DataFrame(find_clusters(select(incidents, Question()), **choice)),
    )


# Areas of incidents -------------------------------------------------------------------------------


@pytest.mark.parametrize("grid", [GRID, H3Grid(11)])
def test_everywhere_is_the_cell_of_every_incident_there_is(incidents, grid):
    chosen = in_cells(incidents, grid, theme="asb", period="2018-07", within=CITY)
    wide = in_cells(incidents, grid, include_institutional=True, include_sensitive="a review")
    everywhere = chosen.everywhere()
    assert everywhere.index.equals(incidents.index)
    assert everywhere.isna().tolist() == incidents.geometry.isna().tolist()
    assert everywhere.dropna().to_dict() == wide.area_ids.to_dict()
    assert everywhere[chosen.used].to_dict() == chosen.area_ids.to_dict()
    located = incidents[incidents.geometry.notna()]
    slow = [
        grid.cell_ids(np.array([x]), np.array([y]), located.crs)[0]
        for x, y in zip(located.geometry.x, located.geometry.y, strict=True)
    ]
    assert everywhere.dropna().tolist() == slow


def test_members_of_clusters_are_only_those_that_were_clustered(incidents):
    clustered = assign_clusters(asked(incidents, theme="asb"), radius_m=9, min_incidents=3)
    everywhere = clustered.everywhere()
    assert everywhere[clustered.used].equals(clustered.area_ids)
    assert everywhere[~clustered.used].isna().all()


def test_areas_named_by_hand_stay_with_their_rows(incidents):
    halves = np.where(np.arange(len(incidents)) % 2, "odd", None)
    chosen = in_areas(incidents, halves, theme="asb")
    assert chosen.area_ids.eq("odd").tolist() == (halves[chosen.used] == "odd").tolist()
    again = chosen.in_areas(chosen.area_ids.iloc[::-1], "by hand")
    assert again.area_ids.equals(chosen.area_ids)


def test_incidents_without_areas_are_sent_to_what_assigns_them(incidents):
    named = incidents.assign(area_id="somewhere")
    for nowhere in (asked(incidents), asked(named)):
        with refused("unassigned", "assign_cells(", "assign_clusters(", of="incidents"):
            nowhere.area_ids  # noqa: B018
    cells = cells_of(incidents, GRID, within=CITY)
    for stage in (
        lambda rows: relate_to_zones(cells, CITY, rows),
        lambda rows: name_areas(cells, rows),
        lambda rows: rank_areas(cells, rows),
        lambda rows: rank_uncertainty(cells, rows),
        lambda rows: flag_hotspots(cells, rows),
        lambda rows: count_by_period(cells, rows),
        lambda rows: points_at_risk(rows),
        lambda rows: rank_sensitivity(rows, ["a scale"]),
        lambda rows: aggregate_to_cells(rows),
    ):
        for rows in (incidents, named, asked(incidents)):
            with refused("unassigned", of="incidents"):
                stage(rows)


# Incidents of other areas -------------------------------------------------------------------------

JULY = {"theme": "asb", "period": "2018-07", "within": CITY}
OTHERS = {
    "another theme": {"theme": "violence"},
    "every theme": {"theme": None},
    "another period": {"period": "2018-06"},
    "all times": {"period": None},
    "another study area": {"within": zone("Part", (0, 0, 50, 50))},
    "institutional incidents too": {"include_institutional": True},
}
STAGES = {
    "relate_to_zones": lambda areas, rows: relate_to_zones(areas, CITY, rows),
    "name_areas": name_areas,
    "rank_areas": rank_areas,
    "rank_uncertainty": rank_uncertainty,
    "count_by_period": count_by_period,
    "flag_hotspots": flag_hotspots,
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("other", OTHERS)
def test_incidents_that_the_areas_were_not_counted_from_are_refused(incidents, stage, other):
    chosen = in_cells(incidents, GRID, **JULY)
    cells = aggregate_to_cells(chosen)
    STAGES[stage](cells, chosen)
    with refused("other-selection", of="areas"):
        STAGES[stage](cells, chosen.asked(**OTHERS[other]))


@pytest.mark.parametrize("stage", STAGES)
def test_some_of_the_areas_are_enough(incidents, stage):
    chosen = in_cells(incidents, GRID, **JULY)
    STAGES[stage](aggregate_to_cells(chosen).nlargest(4, "incident_count"), chosen)


def test_the_refusal_says_what_is_apart(incidents):
    cells = cells_of(incidents, GRID, **JULY)
    others = in_cells(incidents, GRID, theme="violence", period="2018-06")
    held = others.area_ids.value_counts().reindex(cells.index, fill_value=0)
    apart = int((held != cells["incident_count"]).sum())
    parts = ("'asb'", "'violence'", "June 2018", f"{apart:,} of {len(cells):,} areas")
    with refused("other-selection", *parts, of="areas") as error:
        require_members(cells, others)
    (found,) = error.value.findings
    places = [str(found).index(part) for part in parts]
    assert apart and places == sorted(places) and "selection" in str(found)


def test_the_same_counts_of_another_theme_or_period_are_refused():
    twice = incidents_at([(0, 0)] * 2, month=MONTHS[:2], theme_asb=True, theme_violence=True)
    chosen = in_cells(twice, GRID, theme="asb", period="2018-06", within=CITY)
    cells = aggregate_to_cells(chosen)
    for other in (chosen.of("violence"), chosen.during("2018-07")):
        assert other.area_ids.value_counts().to_dict() == chosen.area_ids.value_counts().to_dict()
        with refused("other-selection", of="areas"):
            require_members(cells, other)


def test_cells_of_another_grid_are_refused(incidents):
    chosen = in_cells(incidents, GRID, **JULY)
    with refused("other-selection", "count", of="areas"):
        require_members(aggregate_to_cells(chosen), assign_cells(chosen, SquareGrid(100)))


# What cannot be asked -----------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [True, "", "  "])
def test_sensitive_rows_need_a_reason(reason):
    with refused("argument", "reason", of="include_sensitive"):
        Question(include_sensitive=reason)


@pytest.mark.parametrize("wrong", [{"theme": ""}, {"theme": 3}, {"period": "July"}])
def test_a_question_that_means_nothing_is_refused(wrong):
    with pytest.raises(InputError):
        Question(**wrong)


def test_a_theme_that_was_not_tagged_names_the_stage_that_tags_it():
    with refused("unknown-theme", "'asb'", "tag_themes", of="theme"):
        asked(incidents_at([(0, 0)]), theme="asb")


def test_a_misspelt_theme_names_those_there_are(incidents):
    with refused("unknown-theme", "'abs'", "'asb', 'violence'", of="theme"):
        asked(incidents, theme="abs")


def test_degrees_are_refused_with_the_way_out():
    incidents = incidents_at([(0, 0)]).to_crs(4326)
    with refused("wrong-crs", "EPSG:4326", "to_crs", of="incidents"):
        asked(incidents)


def test_another_coordinate_system_than_the_study_area_is_refused(incidents):
    with refused("two-crs", "`within`", of="incidents"):
        asked(incidents, within=CITY.to_crs(32630))


def test_a_flag_that_is_missing_somewhere_is_refused():
    flags = {"institutional": pd.array([True, None], dtype="boolean")}
    with refused("wrong-kind", "1 of 2", of="incidents"):
        asked(incidents_at([(0, 0), (1, 1)], **flags), theme=None)


# What the sources cannot carry --------------------------------------------------------------------


def carrying(*flags: bool | None) -> pd.Series:
    """A theme of incidents, missing where their source cannot carry it."""
    return pd.array(list(flags), dtype="boolean")


def test_a_theme_no_source_carries_is_refused_with_its_note_and_never_zero():
    table = incidents_at(
        [(0, 0), (1, 1)], theme_cars=carrying(None, None), theme_cars_note="not published"
    )
    for source in (table, fold(table)):
        with refused("absent-theme", "cars", "not published"):
            select(source, Question("cars"))
    assert select(table).source.carried() == []


def test_a_theme_some_sources_carry_is_counted_from_these():
    chosen = asked(incidents_at([(0, 0), (1, 1), (2, 2)], theme_cars=carrying(True, None, False)),
                   theme="cars")  # fmt: skip
    assert (chosen.total, chosen.account.out_of_theme) == (1, 2)
    assert chosen.source.carried() == ["cars"]


def test_no_incidents_at_all_are_none_of_any_theme():
    nobody = incidents_at([(0, 0)], theme_cars=carrying(None)).iloc[:0]
    assert asked(nobody, theme="cars").total == 0


# What is printed ----------------------------------------------------------------------------------


def test_no_incident_stands_in_what_is_printed(incidents):
    secret = incidents.assign(place_name="Secret Row")
    july = Question("asb", "2018-07", within=CITY)
    chosen = select(secret, july)
    clustered = assign_clusters(chosen, radius_m=9, min_incidents=3)
    for shown in (july, chosen, assign_cells(chosen, GRID), clustered, clustered.made_by.choices):
        for text in (repr(shown), str(shown)):
            assert "Secret Row" not in text
            assert "POINT" not in text
            assert "i1" not in text.split()
            assert "\n" not in text
    assert repr(july) == "Question(theme='asb', period='July 2018', within='1 zone(s)')"
    assert repr(chosen).startswith("Selection(asb, July 2018: ")
    assert f"in cells of {GRID.name}" in repr(assign_cells(chosen, GRID))


def test_what_assigned_the_clusters_prints_no_incident(incidents):
    clustered = assign_clusters(incidents, radius_m=9, min_incidents=3)
    assert "Mill Lane" not in repr(clustered.made_by)
    assert "POINT" not in repr(clustered.made_by)


@pytest.mark.parametrize(("period", "written"), [
    ("2018-07-01/2018-07-31", "2018-07"), ("2018-07-08/2018-07-31", "2018-07-08/2018-08-01"),
    ("2018-02-01/2018-02-28 Fri 22-24", "2018-02"), ("2018-07-01/2018-08-01", None),
    ("2018-06-30/2018-07-31", None), ("2018-07-01/2018-07-30", None), ("2018-07", None),
])  # fmt: skip
def test_the_last_day_that_a_period_by_days_leaves_out_is_told(period, written):
    record = RunRecord("Test", marking="TEST")
    known = incidents_at([(0, 0)]).assign(time_precision="instant")
    asked_of = select(known, Question(period=period), record=record)
    told = [one.values for one in record.caveats if one.rule == "last-day-left-out"]
    assert [one["written"] for one in told] == [written] * (written is not None)
    assert asked_of.period == Question(period=period).period, "nothing is counted otherwise"
