"""What is loaded, refused, counted and released is the same where every logbook drops or lies."""

from dataclasses import fields, replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

import hotspots as hs
from hotspots.core.caveats import Caveat
from hotspots.core.errors import Finding, Findings, HotspotsError
from hotspots.core.record import THEMES, Entry, RunRecord, SourceFile, ThemeStatus
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.guess_field_map import as_toml
from hotspots.programmes.pspo_evidence import pspo_evidence
from hotspots.programmes.tasking.draft import draft_product
from hotspots.programmes.tasking.for_public import PublicBriefings, public_files
from hotspots.programmes.tasking.product import TaskingProduct
from hotspots.programmes.tasking.sources import IncidentSource
from hotspots.report.layers import layers_of
from hotspots.report.map.page import make_page

ASKED = {"title", "marking", "audience", "made_on", "for_reader", "drawn", "units", "current"}
ENTRIES = {one.name for one in fields(RunRecord)} - ASKED
LOG = hs.FieldMap("log", easting="X", northing="Y", date="Date", offence="Offence",
                  reference="Ref", offence_scheme="home_office")  # fmt: skip
WARDS = gpd.GeoDataFrame(
    {"zone_name": ["Mill", "Quay"], "kind": "ward", "valid_from": None, "valid_until": None,
     "status": None, "approximate": False},
    index=pd.Index(["mill", "quay"], name="zone_id"),
    geometry=[box(429_000, 433_000, 430_000, 435_000), box(430_000, 433_000, 431_000, 435_000)],
    crs=27700,
)  # fmt: skip
CITY = WARDS.dissolve(by="kind", as_index=False).assign(zone_name="City", kind="district")
CITY.index = pd.Index(["city"], name="zone_id")
LOST = SourceFile("log.csv", "00", 1_000, 1, 999, 1, {
    "faults": {"swapped": 999}, "police_forces": ["Kent"], "rows_by_force": {"Kent": 1},
    "out_of_scheme": 999, "published_record_by_record": True,
})  # fmt: skip
LIES = {
    "sources": [LOST, replace(LOST, name="other.csv")],
    "entries": [
        Entry(
            THEMES,
            themes=(
                ThemeStatus("asb", "Ghosts", "absent", "nothing came in"),
                ThemeStatus("ghost", "Ghosts", "measured"),
            ),
        ),
        Entry(caveats=(Caveat("snapped"),)),
    ],
    "findings": [Finding("too-many-rejected", "all rows are lost.", "error")],
}


class DeafList(list):
    def drop(self, *_):
        return self

    append = extend = insert = remove = clear = __setitem__ = __delitem__ = __iadd__ = drop


class DeafDict(dict):
    def drop(self, *_, **__):
        return self

    update = clear = __setitem__ = __delitem__ = __ior__ = drop

    def setdefault(self, _, default):
        return default

    def pop(self, _, default=None):
        return default


class DeafFindings(Findings):
    def add(self, *_):
        pass


DEAF = {list: DeafList, dict: DeafDict, Findings: DeafFindings}


@pytest.fixture
def deafen(monkeypatch):
    """From now on no logbook, whoever makes it, takes in what it is told; it says what is given."""
    born, kept = RunRecord.__post_init__, RunRecord.__setattr__

    def now(says):
        def deaf(self):
            born(self)
            for name in ENTRIES:
                was = self.__dict__[name]
                kind = next(deaf for kind, deaf in DEAF.items() if isinstance(was, kind))
                self.__dict__[name] = kind(says.get(name, ()))
            self.__dict__["deaf"] = True

        def set_once(self, name, value):
            if name in ASKED or "deaf" not in self.__dict__:
                kept(self, name, value)

        monkeypatch.setattr(RunRecord, "__post_init__", deaf)
        monkeypatch.setattr(RunRecord, "__setattr__", set_once)

    return now


def struck_out(*_, **__):
    raise AssertionError("nothing is struck out of a log")


class Growing(list):
    pop = insert = remove = clear = sort = reverse = __setitem__ = __delitem__ = struck_out


class GrowingDict(dict):
    pop = popitem = clear = __delitem__ = struck_out


GROWING = {list: Growing, dict: GrowingDict}
ANEW = {"where", "coverage", "themes"}
"""Said of the whole run: to say it again is to say it anew."""


@pytest.fixture
def only_growing(monkeypatch):
    """From now on an entry of a log can be added to, not changed."""
    born, kept = RunRecord.__post_init__, RunRecord.__setattr__

    def grows(self):
        born(self)
        for name in ENTRIES:
            held = self.__dict__[name]
            self.__dict__[name] = GROWING[type(held)](held) if type(held) in GROWING else held
        self.__dict__["grows"] = True

    def set_once(self, name, value):
        if "grows" in self.__dict__ and name not in ASKED | ANEW:
            assert value is self.__dict__[name]
        kept(self, name, value)

    monkeypatch.setattr(RunRecord, "__post_init__", grows)
    monkeypatch.setattr(RunRecord, "__setattr__", set_once)


def log(folder, name="log.csv", *, unknown=0, abroad=0):
    """Fifty of ASB and ten assaults at a few places in three months, one row without a date."""
    offences = [*["ASB noise"] * 50, *["5D"] * 10, *["no such offence"] * unknown]
    rows = ["R,429790,433805,,ASB noise"]
    for number, offence in enumerate(offences):
        x, y = 429_790 + number % 7 * 90, 433_805 + number % 3 * 80
        x, y = (733_000, 859_000) if number < abroad else (x, y)
        day = f"{1 + number % 28}/{6 + number % 3:02}/2025"
        rows.append(f"R{number},{x},{y},{day},{offence}")
    (folder / name).write_text("\n".join(["Ref,X,Y,Date,Offence", *rows]) + "\n")
    return folder / name


@pytest.fixture
def files(tmp_path):
    """One that is good, and those of which a product is refused."""
    return {
        "good": log(tmp_path, "good.csv"),
        "unknown": log(tmp_path, "unknown.csv", unknown=40),
        "abroad": log(tmp_path, "abroad.csv", abroad=30),
    }


def a_record(audience="internal"):
    return RunRecord("Town", marking="OPEN DATA", audience=audience)


def source(*paths, **more):
    return IncidentSource(paths, hs.Themes.home_office(), LOG, hs.HarmScale.bundled("ons-css"),
                          **more)  # fmt: skip


def decided(do):
    """What came of it, or the rules by which it was refused."""
    try:
        return do()
    except HotspotsError as error:
        return [found.rule for found in error.findings]


def same(one, other):
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
    elif isinstance(one, dict):
        same(list(one.values()), list(other.values()))
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for mine, its in zip(one, other, strict=True):
            same(mine, its)
    else:
        assert one == other


def unmoved(do, deafen, *logs):
    """With logbooks that drop, and with those that lie, it comes to the same, handed back."""
    fresh = do()
    for says in logs or ({}, LIES):
        deafen(says)
        same(fresh, do())
    return fresh


def test_a_source_is_refused_or_loaded_and_its_themes_say_the_same(files, deafen):
    def load():
        found = {name: decided(lambda one=path: source(one).load(a_record()))
                 for name, path in files.items()}  # fmt: skip
        both = source(files["good"], files["unknown"], allow_rejected=0.5)
        by_default = hs.load_incidents(files["good"], fields=LOG, record=a_record())
        return found | {"both": both.load(a_record()), "by default": by_default}

    found = unmoved(load, deafen)
    assert found["unknown"][0] == "too-many-rejected"
    assert found["abroad"] == ["systematic-fault"]
    assert len(found["good"]) == 60 and len(found["both"]) == 120
    for name in ("good", "by default"):  # one row was rejected: it may have been such
        assert "rejected" in found[name]["theme_vehicle_nuisance_note"].iloc[0]


def test_a_proposed_product_lets_through_what_the_rows_need(files, tmp_path, deafen):
    places = iter(("hears", "drops", "lies"))

    def draft():
        folder = tmp_path / next(places)
        folder.mkdir()
        area = {"within": tmp_path / "city.geojson"}
        CITY.reset_index().to_file(area["within"])
        made = draft_product([files["unknown"]], folder, fields=LOG, **area)
        told = [one.replace(folder.name, "") for one in made.notes]
        return [made.product.read_text(), told]

    text, _ = unmoved(draft, deafen)
    assert "allow_rejected = 0.5" in text


def test_a_check_says_the_same(files, deafen):
    found = unmoved(
        lambda: {name: check_incidents(path, fields=LOG, within=CITY).to_dict()
                 for name, path in files.items()},
        deafen, LIES,
    )  # fmt: skip
    assert found["good"] != found["abroad"]


def test_one_call_finds_the_same(files, deafen):
    asked = {"theme": "asb", "period": "2025-07", "within": CITY, "zones": WARDS,
             "compare": ["2025-06"]}  # fmt: skip

    def find():
        record = a_record()
        rows = source(files["good"]).load(record)
        found = hs.find_hotspots(rows, **asked, record=record)
        return [found.areas, found.clusters, found.area_periods, found.account.used]

    assert unmoved(find, deafen)[-1] == 17


def test_an_answer_calls_its_theme_the_same(files, deafen):
    """In an answer of one call, and of stages, with a log and without."""
    asked = {"period": "2025-07", "within": CITY, "zones": WARDS, "clusters": False}
    order = WARDS[:1].assign(kind="pspo", valid_from="2025-07-01")

    def ask():
        said = []
        for record in (a_record(), None):
            rows = source(files["good"]).load(a_record())
            few = hs.select(rows, hs.Question("asb"))
            found = hs.find_hotspots(rows, theme="asb", record=record, **asked)
            wards = hs.compare_wards(WARDS, few, record=record)
            change = hs.compare_change(order, few, started="2025-07", months=1, record=record)
            patrols = hs.select_patrol_areas(few, by="count", min_incidents=3, record=record)
            evidence = pspo_evidence(order, few, before="2025-06", after="2025-07", record=record)
            said.append([found.to_sentence(), wards.labels["asb"], change.label,
                         patrols.label, evidence.label])  # fmt: skip
        same(*said)
        return said[0]

    told = unmoved(ask, deafen)
    assert all("anti-social behaviour" in one.lower() for one in told)


def test_what_is_told_again_stands_instead_and_nothing_is_struck_out(files, only_growing):
    record, scale = a_record(), hs.HarmScale.bundled("ons-css")
    rows = hs.load_incidents(files["good"], fields=LOG, record=record)
    own = replace(scale, name="own", title="Own", unit="days", caveat="Of one's own.")
    themes = hs.Themes.home_office()
    for _ in range(2):
        rows = hs.weigh_harm(hs.tag_themes(rows, themes, record=record), own, record=record)
    (chosen,) = record.choices["weigh_harm"]
    assert chosen["harm_scale"] == "own" and record.attributions == (own.attribution,)
    assert [one.values["text"] for one in record.caveats if one.rule == "definition"][-1] == (
        "Of one's own."
    )
    assert sum(len(one.attributions) for one in record.entries) == 3


@pytest.mark.parametrize("audience", ["internal", "partner"])
def test_a_product_strikes_nothing_out(files, audience, only_growing, tmp_path):
    briefings = PublicBriefings("ward", "OPEN DATA") if audience == "internal" else None
    results = product(files["good"], audience, briefings=briefings).run()
    assert list(tables_of(results)) and (public_files(results, tmp_path) is None) == (
        briefings is None
    )


def tables_of(results):
    yield from (table for some in (results.cells, results.clusters) for table in some.values())
    yield from (results.lately, *results.zones, *results.release().every_table)


def product(path, audience, **more):
    return TaskingProduct(
        "Town", "OPEN DATA", (source(path),), CITY, "2025-07", "Town", audience,
        zones=(WARDS,), compare=("2025-06",), grid=hs.H3Grid(8),
        clusters={"asb": {"radius_m": 150, "min_incidents": 5}}, **more,
    )  # fmt: skip


def test_a_product_is_refused_or_counts_the_same_and_tells_the_public_the_same(
    files, deafen, tmp_path
):
    def run(path):
        results = product(path, "internal", briefings=PublicBriefings("ward", "OPEN DATA")).run()
        public = public_files(results, tmp_path)
        told = [(status.name, carried) for status, carried in public.themes]
        assert not any("came in" in status.note and "fewer" not in status.note
                       for status, _ in public.themes)  # fmt: skip
        return [list(tables_of(results)), public.released.every_table, told]

    found = unmoved(
        lambda: {name: decided(lambda one=path: run(one)) for name, path in files.items()},
        deafen, {},
    )  # fmt: skip
    assert found["unknown"][0] == "too-many-rejected"
    assert found["abroad"] == ["systematic-fault"]
    carried = {"asb": True, "serious_violence": True, "vehicle_nuisance": False}
    assert dict(found["good"][-1]) == carried


ON_A_PAGE = ("label", "state", "note", "kicker", "changed", "unit", "columns", "named", "months",
             "weighed", "places", "key", "level", "left", "change", "rounded")  # fmt: skip
"""Of a theme on a page; the account and the sentence are the log's own part."""


@pytest.mark.parametrize("audience", ["internal", "partner", "public"])
def test_a_page_has_the_same_themes_in_the_same_order_and_words(files, audience, deafen):
    def page():
        released = product(files["good"], audience, current=False).run().release()
        view, layers = make_page(released).view, layers_of(released)
        shown = [[theme[part] for part in ON_A_PAGE] for theme in view["themes"]]
        return [shown, list(layers), view["old"]]

    (asb, violence, nuisance), _, old = unmoved(page, deafen, {}, LIES)
    assert old
    assert [one[1] for one in (asb, violence, nuisance)] == ["measured", "measured", "absent"]
    assert violence[ON_A_PAGE.index("unit")] == "ONS days"
    assert (("Ghosts" not in asb[0]) and "rejected" in nuisance[2]) or audience != "internal"


def test_a_partner_is_given_the_same(files, deafen):
    def run():
        return list(tables_of(product(files["good"], "partner").run()))

    assert unmoved(run, deafen, LIES)


def test_no_command_writes_over_what_it_read(files, typed_in, tmp_path, deafen):
    fields = tmp_path / "fields.toml"
    fields.write_text(as_toml(LOG))
    deafen({})
    folder = tmp_path / "in"
    folder.mkdir()
    kept, rows = folder / "log.xlsx", pd.read_csv(files["good"])
    with pd.ExcelWriter(kept) as book:
        for half, sheet in (rows[:30], "June"), (rows[30:], "July"):
            half.to_excel(book, sheet_name=sheet, index=False)
    empty = folder / "august.csv"
    rows[:0].to_csv(empty, index=False)
    for one in (kept, empty):
        before = one.read_bytes()
        code, _, said = typed_in(folder, "repeats", ".", "--fields", fields, "--out", one.name,
                                 "--marking", "OPEN DATA")  # fmt: skip
        assert code and one.name in said and one.read_bytes() == before
