"""One symbology: page, still figure, QGIS and workbook cut and colour one table alike."""

import itertools
import sqlite3
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from map_samples import (
    behind_of,
    data_of,
    drawn,
    sample_areas,
    sample_district,
    sample_periods,
    sample_pspo,
    sample_record,
    sample_wards,
)

import hotspots as hs
from hotspots.report.map import plot_areas
from hotspots.report.map.written_page import page_script
from hotspots.report.qgis_style import CHANCE, CLUSTER
from hotspots.report.symbology import (
    BARS,
    BEYOND,
    CHANGES,
    CORE,
    HALO,
    LINES,
    OTHER_LINES,
    PALETTES,
    zone_lines,
)
from hotspots.report.text.words import kind_label

OTHER_KINDS = ("school", "park", "ring")


def partner():
    record = sample_record(marking="OFFICIAL", audience="partner")
    record.sources.clear()
    return record


def with_counts(counts, theme="asb"):
    areas = sample_areas(theme).head(len(counts))
    return areas.assign(incident_count=counts, rank=np.nan)


TABLES = {
    "as recorded": lambda: (sample_areas("asb"), sample_record()),
    "weighed": lambda: (sample_areas("serious_violence"), sample_record()),
    "rounded": lambda: (sample_areas("serious_violence").assign(published=False), partner()),
    "all alike": lambda: (with_counts([7] * 30), sample_record()),
    "one large": lambda: (with_counts([1] * 40 + [12_345]), sample_record()),
    "none begins at one": lambda: (with_counts([3, 4, 5, 6, 20, 40]), sample_record()),
    "none at all": lambda: (with_counts([0] * 9), sample_record()),
}


@pytest.mark.parametrize("name", TABLES)
def test_page_figure_and_qgis_cut_and_colour_a_table_alike(tmp_path, name):
    pytest.importorskip("matplotlib")
    areas, record = TABLES[name]()
    page = page_classes(drawn(areas, record=record))
    assert figure_classes(plot_areas(areas, record=record)) == page
    path = hs.write_geopackage({"cells": areas}, tmp_path / "a.gpkg", record=record)
    assert qgis_classes(path, "cells") == page


@pytest.mark.parametrize("record", [sample_record(), partner()], ids=["as recorded", "rounded"])
def test_other_months_shift_the_classes_of_page_and_qgis_alike(tmp_path, record):
    said = {"published": behind_of(record).published}
    areas, months = sample_areas("asb").assign(**said), sample_periods("asb").assign(**said)
    months.loc[months["period"] == "2017-07", "incident_count"] *= 9
    page = page_classes(drawn(areas, record=record, area_periods=months))
    layers = {"cells": areas, "periods": months.set_index(["area_id", "period"])}
    path = hs.write_geopackage(layers, tmp_path / "a.gpkg", record=record)
    assert qgis_classes(path, "cells") == page
    assert page != page_classes(drawn(areas, record=record))


def test_every_class_of_qgis_begins_where_that_of_the_page_begins(tmp_path):
    for name, made in TABLES.items():
        areas, record = made()
        bounds = theme_of(drawn(areas, record=record))["classes"]["count"]["bounds"]
        path = hs.write_geopackage({"cells": areas}, tmp_path / "a.gpkg", record=record)
        ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in qml(path).iter("range")]
        shaded = [low for low, high in ranges if high > 0]
        assert shaded[1:] == bounds[1:], name
        assert shaded[:1] <= bounds[:1], name


def test_zones_have_the_lines_of_the_page_in_figure_and_qgis(tmp_path):
    pytest.importorskip("matplotlib")
    zones = [sample_district(), sample_wards(), sample_pspo()]
    zones += [
        sample_wards()
        .iloc[k : k + 1]
        .rename(index=lambda ward, k=k: f"{k}{ward}")
        .assign(kind=kind)
        for k, kind in enumerate(OTHER_KINDS)
    ]
    areas, record = sample_areas("asb"), sample_record()
    shown = data_of(drawn(areas, zones=zones, record=record))["zones"]
    page = [(layer["line"]["color"], bool(layer["line"]["dash"])) for layer in shown]
    figure = plot_areas(areas, zones=zones, record=record)
    drawn_lines = rows_of(figure, "get_lines")
    flags = [(text, row.get_color()) for text, row in drawn_lines if text in (CORE, HALO, BEYOND)]
    assert flags and all(colour == LINES["flag"].color for _, colour in flags)
    rows = [row for text, row in drawn_lines if text not in dict(flags)]
    assert [(row.get_color(), row.get_linestyle() != "-") for row in rows] == page
    layers = {f"zones {number}": table for number, table in enumerate(zones)}
    path = hs.write_geopackage(layers, tmp_path / "a.gpkg", record=record)
    assert [qgis_line(path, name) for name in layers] == page


def test_several_kinds_in_one_layer_have_a_line_each_in_qgis(tmp_path):
    wards = sample_wards().head(2).assign(kind=["ward", "pspo"])
    path = hs.write_geopackage({"zones": wards}, tmp_path / "a.gpkg", record=sample_record())
    style = qml(path)
    assert [row.get("value") for row in style.iter("category")] == ["pspo", "ward"]
    labels = [row.get("label") for row in style.iter("category")]
    assert labels == [kind_label("pspo"), kind_label("ward")]
    colours = [prop.get("v") for prop in style.iter("prop") if prop.get("k") == "line_color"]
    assert [hexed(colour) for colour in colours] == [LINES["pspo"].color, LINES["ward"].color]


def test_clusters_have_the_line_and_the_words_of_what_chance_gives_in_qgis(tmp_path):
    told = {"kind": "cluster", "evidence": ["beyond-chance", "could-be-chance", "not-tested"]}
    clusters = sample_areas("asb").head(3).assign(**told)
    path = hs.write_geopackage({"clusters": clusters}, tmp_path / "a.gpkg", record=sample_record())
    labels = [row.get("label") for row in qml(path).iter("category")]
    assert labels == [CLUSTER, CHANCE]


def kinds(*names):
    return pd.DataFrame({"kind": names})


def test_other_kinds_of_zone_keep_their_line_whatever_order_they_stand_in():
    together = zone_lines([kinds("school", "ward", "park", "park"), kinds("ring")])
    assert zone_lines([kinds("park", "school"), kinds("ward"), kinds("ring")]) == together
    assert zone_lines([kinds("park"), kinds("school"), kinds("ring"), kinds("ward")]) == together
    many = zone_lines(kinds(f"kind {number}") for number in range(len(OTHER_LINES) + 1))
    assert many["kind 0"] == many[f"kind {len(OTHER_LINES)}"]
    assert len(set(many.values())) == len(OTHER_LINES)


def test_bars_of_the_workbook_have_the_colours_of_the_map():
    assert BARS["incident_count"] in PALETTES["count"]
    assert BARS["harm"] in PALETTES["harm"]


def test_colours_reach_the_page_as_data_and_never_as_script():
    script = page_script()
    lines = [line.color for line in (*LINES.values(), *OTHER_LINES)]
    for colour in (*itertools.chain(*PALETTES.values()), *(c.fill for c in CHANGES), *lines):
        assert colour == "#ffffff" or colour not in script


def test_colours_fall_evenly_in_lightness():
    for colours in PALETTES.values():
        light = [lightness(colour) for colour in colours]
        steps = [darker - lighter for lighter, darker in itertools.pairwise(light)]
        assert max(steps) < -11


def test_the_colours_of_the_classes_get_darker_step_by_step():
    for colours in PALETTES.values():
        light = [luminance(colour) for colour in colours]
        assert light == sorted(light, reverse=True)
        assert min(a / b for a, b in itertools.pairwise(light)) > 1.3


@pytest.mark.browser
@pytest.mark.parametrize("name", ["as recorded", "rounded", "one large"])
def test_the_legend_of_the_page_is_that_of_the_figure(open_page, tmp_path, name):
    pytest.importorskip("matplotlib")
    areas, record = TABLES[name]()
    figure = plot_areas(areas, record=record)
    wanted = [
        (text, hexed(patch.get_facecolor())) for text, patch in rows_of(figure, "get_patches")
    ]
    path = drawn(areas, record=record).save(tmp_path / "map.html")
    theme = 1 if areas["theme"].iloc[0] == "serious_violence" else 0
    with open_page(path, fragment=f"#theme={theme}") as witness:
        rows = witness.page.evaluate(
            """[...document.querySelectorAll('#legend-shades li')].map(row => [
              row.children[1].textContent + '  (' + row.children[2].textContent + ')',
              row.querySelector('rect').getAttribute('fill')])"""
        )
    assert [tuple(row) for row in rows] == wanted


def theme_of(page):
    return next(theme for theme in data_of(page)["themes"] if theme["cells"])


def page_classes(page):
    """Labels and fills of the classes, and of what is withheld."""
    classes = theme_of(page)["classes"]["count"]
    held = theme_of(page)["cells"]["count"]
    counts = held
    missing = [(classes["missing"]["label"], classes["missing"]["fill"])]
    shades = [*zip(classes["labels"], classes["fills"], strict=True)]
    return sorted(shades + missing * (None in counts))


def rows_of(figure, kind):
    """The rows of the legend that are shades, or lines: text and mark."""
    legend = figure.legends[0]
    marks = getattr(legend, kind)()
    rows = zip(legend.get_texts(), legend.legend_handles, strict=True)
    return [(text.get_text(), mark) for text, mark in rows if mark in marks]


def figure_classes(figure):
    found = [
        (text.split("  (")[0], hexed(patch.get_facecolor()))
        for text, patch in rows_of(figure, "get_patches")
    ]
    return sorted(row for row in found if row[0] != "None")


def qgis_classes(path, layer):
    style = qml(path, layer)
    fills = {symbol.get("name"): fill_of(symbol) for symbol in style.iter("symbol")}
    found = [(row.get("label"), fills[row.get("symbol")]) for row in style.iter("range")]
    return sorted(row for row in found if row[0] != "None")


def qgis_line(path, layer):
    found = {prop.get("k"): prop.get("v") for prop in qml(path, layer).iter("prop")}
    return hexed(found["line_color"]), found["use_custom_dash"] == "1"


def qml(path, layer=None):
    with sqlite3.connect(path) as database:
        styles = dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    return ElementTree.fromstring(styles[layer] if layer else next(iter(styles.values())))


def fill_of(symbol):
    return hexed(next(p.get("v") for p in symbol.iter("prop") if p.get("k") == "color"))


def hexed(colour):
    """A colour of QGIS ("1,2,3,255") or of matplotlib as the page writes it."""
    if isinstance(colour, str):
        parts = [int(part) for part in colour.split(",")]
    else:
        parts = [round(part * 255) for part in colour]
    return "#" + bytes(parts[:3]).hex()


def luminance(colour):
    red, green, blue = (part / 255 for part in bytes.fromhex(colour[1:]))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


def lightness(colour):
    """CIE L* of a colour: what is left of it in grey."""
    linear = [part / 255 for part in bytes.fromhex(colour[1:])]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in linear]
    return 116 * (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3) - 16
