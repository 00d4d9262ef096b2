"""What to do about a finding, by code and door: each reader is told what he can do himself.

Words under ``any`` are for every door, under ``typed`` for TOML files and commands. Names and
settings in backticks are said as each door calls them. Where a door does not know one of them, its
next words are tried, ``otherwise`` last; where none are left, it leaves the mend out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mend:
    """Advice that differs from door to door, by its code.

    Examples
    --------
    >>> zones = {"argument": "zones", "system": "EPSG:27700"}
    >>> list(Mend("reproject", zones).words(["python"]))
    ['Reproject first, e.g. `zones.to_crs("EPSG:27700")`.']
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in MENDS:
            raise ValueError(f"a mend needs words in core/text/mends.py; got {self.code!r}.")

    def __hash__(self) -> int:
        return hash((self.code, tuple(self.values.items())))

    def words(self, columns: Iterable[str]) -> Iterable[str]:
        """Its words in these columns of the table, as far as there are any."""
        for column in columns:
            if column in MENDS[self.code]:
                yield MENDS[self.code][column].format(**self.values)


MENDS: Mapping[str, Mapping[str, str]] = {
    "public-areas": {
        "python": "Recount from the incidents, e.g. with `H3Grid(8)`.",
        "file": "Say `h3=8` under [grid].",
        "otherwise": "Recount from the incidents in one of these.",
    },
    "assign-cells": {
        "python": "For instance `assign_cells(select(incidents, Question(within=city)), "
        "H3Grid(9))`.",
    },
    "assign-clusters": {
        "python": "For instance `assign_clusters(select(incidents, question), radius_m=100, "
        "min_incidents=8)`.",
    },
    "assign-first": {
        "python": "For instance `assign_cells(incidents, H3Grid(9))` or "
        "`assign_clusters(incidents, radius_m=100, min_incidents=8)`.",
    },
    "ask-within": {
        "python": "Ask `Question(..., within=city)`.",
        "typed": "Give the city with `within`.",
    },
    "pass-within": {
        "python": 'Pass `within=city`, for instance `load_zones("city.geojson")`.',
        "typed": "Give the city with `within`.",
    },
    "choose-once": {"python": "Give them to `assign_clusters()` alone."},
    "suggest-radius": {
        "python": "`suggest_radius()` compares radii.",
        "otherwise": "Take a smaller minimum.",
    },
    "compare-radii": {
        "python": "Take a smaller radius or a larger minimum; `suggest_radius()` compares radii.",
        "otherwise": "Take a smaller radius or a larger minimum.",
    },
    "translate-offences": {
        "any": "Name the right column; or, in the field map, name that list as 'offence_scheme' "
        "and say what each of these words is, by 'offence_words'.",
    },
    "weigh-first": {
        "python": "Harm comes from `weigh_harm(incidents, HarmScale.bundled(...))`.",
        "typed": "Give weights with `harm_scale`.",
    },
    "weigh-or-count": {
        "python": 'Weigh them with `weigh_harm`, or choose `by="count"`.',
        "typed": 'Give weights with `harm_scale`, or choose `by="count"`.',
        "otherwise": 'Choose `by="count"`.',
    },
    "tag-first": {
        "python": "Tag them first: `tag_themes(incidents, Themes.police_uk())`.",
        "typed": "Name themes for their offence scheme with `themes`.",
    },
    "fold-tagged": {"python": "Fold them with their `themes`: `fold_files(..., themes=themes)`."},
    "tag-each-source": {
        "python": "Tag each source first: `tag_themes(incidents, Themes.from_toml(...))`.",
        "typed": "Name themes of your own with `themes`.",
    },
    "admit-sensitive": {
        "python": "To show a kind of them, `themes.admit([{column!r}], reason=...)`; the reason is "
        "recorded.",
        "typed": "A kind of them is shown where the product file has [sensitive] with include = "
        '["{column}"] and a reason; the reason is recorded.',
    },
    "leave-untagged": {
        "python": "Correct the spelling or the field map, list them in a theme file, or pass "
        '`unknown="untagged"` to leave them out of every theme, counted.',
        "typed": "Correct the spelling or the field map, list them in a theme file, or name a "
        'theme file of your own: `themes="my-themes.toml"`.',
        "otherwise": "Correct the spelling or the field map, or list them in a theme file.",
    },
    "give-weights": {
        "python": "Correct the spelling or the field map, choose the scale made for this kind of "
        "data, pass `default` with a weight for them, or use `scale.with_unweighted(...)` if they "
        "are known to have none.",
        "typed": "Correct the spelling ('offence_words' in the field map), choose the scale made "
        "for this kind of data, or list them in a CSV file of weights of your own, with an empty "
        'weight where they have none: `harm_scale="my-weights.csv"`.',
        "otherwise": "Correct the spelling or the field map, or choose the scale made for this "
        "kind of data.",
    },
    "say-scheme": {
        "python": 'Say it, e.g. `offence_scheme="home_office"`.',
        "typed": "Say it in a TOML file of the same name beside it: "
        'offence_scheme = "home_office".',
    },
    "decide-too-coarse": {
        "any": "Bring codes such as 008/06 instead of classes such as 8N, or choose "
        '`undecided="in"` or `undecided="out"` and say so.',
        "otherwise": "Bring codes such as 008/06 instead of classes such as 8N.",
    },
    "name-columns": {
        "python": "Name its columns with `fields=FieldMap(...)`; `hotspots check` suggests one.",
        "typed": 'Name its columns in a field map: `fields="my-fields.toml"`. `hotspots check '
        "FILE --save-fields my-fields.toml` makes one.",
        "otherwise": "Name its columns in a field map; `hotspots check FILE --save-fields "
        "my-fields.toml` makes one.",
    },
    "look-at-check": {
        "any": "`hotspots check FILE` shows the columns and why they were not taken.",
    },
    "set-system": {"python": 'Say which, e.g. `frame.set_crs("EPSG:4326")`.'},
    "write-field-map": {
        "any": "No field map could be guessed: write one that names its columns of place, date and "
        "offence (docs/incidents.md), and give it with `fields`.",
    },
    "load-stops": {
        "python": "Load them on their own with `fields=FieldMap.stop_and_search()`.",
        "otherwise": "Leave that file out.",
    },
    "read-field-map": {"python": "Read one with `FieldMap.from_toml(path)`."},
    "raise-limit": {
        "any": "Split it into months, or raise the limit with `largest_gib` if the file is right.",
        "otherwise": "Split it into months.",
    },
    "allow-rejected": {
        "any": "Mend what is told above (`hotspots check` lists it), or go on all the same with "
        "`allow_rejected` at {least}.",
        "otherwise": "Mend what is told above (`hotspots check` lists it), or make a product that "
        "says allow_rejected = {least}.",
    },
    "quarantine": {
        "python": 'Mend them, or use `on_bad="quarantine"`.',
        "otherwise": "Mend them.",
    },
    "country": {
        "any": "Correct the place (is a minus lost?), empty it, or name the system: that of "
        "eastings and northings by 'coordinate_system' in the field map, that of another country "
        "by `crs` (for Ireland EPSG:2157 or EPSG:29903).",
        "otherwise": "Correct the place, or empty it.",
    },
    "another-country": {
        "any": "Name a system in metres for it by `crs`, such as {other} or the country's own, and "
        "the clock of the place by `timezone`.",
        "otherwise": "Name a system in metres for it, such as {other}, where they are loaded.",
    },
    "set-crs": {
        "python": 'Say which one its coordinates are in, e.g. `{argument}.set_crs("EPSG:27700")`.',
        "otherwise": "Save them with one (in QGIS: Export, Save features as).",
    },
    "reproject": {
        "python": 'Reproject first, e.g. `{argument}.to_crs("{system}")`.',
        "otherwise": "Save them in one, such as {system} (in QGIS: Export, Save features as).",
    },
    "reproject-or-h3": {
        "python": 'Reproject first, e.g. `incidents.to_crs("EPSG:27700")`, or use an H3Grid.',
    },
    "reproject-one": {
        "python": "Reproject one, e.g. `{argument}.to_crs({other}.crs)`.",
        "otherwise": "Save one in the system of the other.",
    },
    "reset-index": {"python": "Make it unique, e.g. with `reset_index(drop=True)`."},
    "made-by": {"python": "Made by {stages}."},
    "protect-record": {
        "python": 'Make a record with `audience="protect"`.',
        "otherwise": "Leave them out here.",
    },
    "protect-release": {
        "python": 'Release them with `audience="protect"`.',
        "otherwise": "Leave them out here.",
    },
    "protect-zones": {
        "python": 'Load them with `load_zones(path, kind="protect")`.',
    },
    "own-kind": {
        "python": 'Leave `kind` out and make a record with `audience="protect"`.',
        "otherwise": "Leave them out here.",
    },
    "smaller-blocks": {
        "python": "Allow larger areas, or pass smaller blocks, e.g. `grid=HexGrid(100)`, where the "
        "coordinates are exact.",
        "otherwise": "Allow larger areas.",
    },
    "finer-candidates": {
        "python": "Allow more, or pass a finer `grid`.",
        "otherwise": "Allow more.",
    },
    "repair-outlines": {
        "python": "Repair them, e.g. `zones.set_geometry(zones.make_valid())`, or read them by "
        "`load_zones`, which does."
    },
    "widen-streets": {
        "python": "Widen them by their reach, e.g. "
        "`{argument}.set_geometry({argument}.buffer(30))`.",
        "otherwise": "Widen them by their reach.",
    },
    "streets-as-cells": {"python": "Streets are cells of `StreetSegments(lines, reach_m=)`."},
    "indicative-streets": {
        "python": "Use cells, or pass `indicative=True` to go on with a caution.",
        "otherwise": "Use cells, or say `indicative` to go on with a caution.",
    },
    "assign-streets": {
        "python": "Assign them, e.g. `assign_cells(asb, StreetSegments(lines, reach_m=30))`.",
        "otherwise": "Name the streets.",
    },
    "assign-runs": {
        "python": "Call `assign_runs(flagged, asb)` first.",
        "otherwise": "Name the streets.",
    },
    "one-order": {"python": "Choose one, e.g. `orders.loc[[zone_id]]`."},
    "fill-harm": {
        "python": "Choose a theme that can be weighed, or say that unweighted incidents shall "
        'count as no harm, e.g. `areas.assign({column}=areas["{column}"].fillna(0))`.',
        "otherwise": "Choose a theme that can be weighed.",
    },
    "count-at-risk": {
        "python": "For instance `at_risk=points_at_risk(incidents)`.",
    },
    "floor-at-risk": {
        "python": "Count what is at risk from at least the same incidents, or give it a floor, "
        "e.g. `at_risk.clip(lower=1)`.",
    },
    "wider-context": {
        "python": "Make it with the same grid, from the same question asked "
        "`within=study_area(city, ring_m=600)`.",
    },
    "read-back": {"python": "Read a file back with `read_geopackage(path).values()`."},
    "say-earlier": {
        "python": "Pass `earlier=read_geopackage(path).values()`, or `earlier=[]` for none.",
        "typed": "Name each file with `earlier`, or say `no_earlier` where there is none.",
    },
    "release-earlier": {"python": "Make it with `release(..., earlier=previous)`."},
    "give-to-release": {"python": "Give them to `release()`, or give bare tables here."},
    "join-before-release": {
        "python": "Join columns before `release()`, or release the changed table by itself.",
    },
    "theme-by-theme": {"python": "Give what `release()` returned, theme by theme."},
    "make-neighbours": {
        "python": "Make it from the same areas, e.g. `grid.neighbours(areas.index)`.",
    },
    "fetch-by-area": {
        "python": 'Try `prefer="api"` with `within`.',
        "options": "Try `within`: then the API is asked for that area.",
    },
    "fetch-from-archive": {
        "python": "This is not zero crime. Ask for other months, or take older ones from an "
        'archive with `prefer="archive"`.',
        "options": "This is not zero crime. Ask for other months, or take older ones from an "
        "archive: leave `within` out.",
    },
    "cut-when-counted": {
        "python": "Leave it out, and cut with `within` of the stage that counts.",
    },
    "name-layer": {
        "python": "The layer may have been renamed: name the present one with `layers`.",
        "otherwise": "The layer may have been renamed.",
    },
    "go-on-over-breaks": {
        "any": "Choose windows on one side of it, or go on with `acknowledge_breaks=True` and the "
        "break printed beside the result.",
    },
    "silent-source": {
        "python": "Load the missing files, choose windows that all cover or leave that source out, "
        "or `compare_change(..., allow_empty_months=True)` if nothing really happened.",
        "any": "Load the missing files, choose windows that all cover or leave that source out, or "
        "say `allow_empty_months=True` if nothing really happened.",
        "otherwise": "Load the missing files, or choose windows that all cover.",
    },
    "empty-months": {
        "python": "Load the missing files, choose other windows, or "
        "`compare_change(..., allow_empty_months=True)` if nothing really happened.",
        "any": "Load the missing files, choose other windows, or say `allow_empty_months=True` if "
        "nothing really happened.",
        "otherwise": "Load the missing files, or choose other windows.",
    },
    "to-folium": {
        "python": "Pass the table to `map_areas` (areas, clusters or zones), or add the layer to "
        "an ordinary Folium map of the same layers, for your own screen: `page.to_folium()`.",
    },
    "plain-figure": {
        "python": "Install one, name it in the environment variable {variable}, print the page by "
        "hand, or draw a plain figure with `hotspots.plot_areas`.",
        "otherwise": "Install one, name it in the environment variable {variable}, or print the "
        "page by hand.",
    },
    "watch-by-month": {
        "python": 'Ask `every="month"`.',
        "typed": "Ask `every` month.",
    },
}
