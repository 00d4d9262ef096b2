"""The page's own words: periods, kinds of area and zone, notes. Plain text, escaped elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from hotspots.core.periods import Period, day_words, span_of
from hotspots.offences.themes import theme_in_words
from hotspots.report.escape import plain_text

if TYPE_CHECKING:
    from hotspots.core.record import ThemeStatus

_KINDS = {
    "cluster": ("cluster", "clusters", "Clusters of incidents"),
    "patrol": ("patrol area", "patrol areas", "Patrol areas"),
    "clear-hold-build": ("candidate area", "candidate areas", "Clear-Hold-Build candidates"),
    "ward": ("ward", "wards", "Wards"),
    "district": ("district", "districts", "District"),
    "pspo": ("PSPO", "PSPOs", "Public Spaces Protection Orders"),
    "protect": ("Protect zone", "Protect zones", "Protect zones"),
    "corridor": ("corridor", "corridors", "Corridors"),
    "crawl-corridor": ("pub-crawl corridor", "pub-crawl corridors", "Pub-crawl corridor"),
    "night-time-economy": ("night-time area", "night-time areas", "Night-time economy"),
    "student": ("student area", "student areas", "Student area"),
    "treated": ("treated area", "treated areas", "Treated areas"),
    "off-road-site": ("off-road site", "off-road sites", "Off-road sites"),
    "car-meet-site": ("car-meet site", "car-meet sites", "Car-meet sites"),
    "street-run": ("stretch of road", "stretches of road", "Stretches of road"),
    "ring": ("ring", "rings", "Rings"),
    "site": ("site", "sites", "Sites"),
    "lsoa": ("LSOA", "LSOAs", "Lower layer super output areas"),
}


_UNITS = {"ons-css": "ONS days", "ons-css-police-uk-west-yorkshire": "ONS days"}
"""Units of scales in a word or two; how the page was made says them whole."""
LONGEST_UNIT = 24

READERS = {
    "internal": "Own officers and staff only",
    "partner": "Partners",
    "public": "The public",
    "protect": "Protect partners",
}
"""Whom a product is for."""


def capital(text: str) -> str:
    """Text with a capital first letter, the rest as it is.

    Examples
    --------
    >>> capital("anti-social behaviour in LS1")
    'Anti-social behaviour in LS1'
    """
    return text[:1].upper() + text[1:]


def incidents_of(label: str) -> str:
    """Incidents of a theme, as it is called.

    Examples
    --------
    >>> incidents_of("off-road bikes"), incidents_of("all incidents of asb-log")
    ('incidents of off-road bikes', 'incidents of asb-log')
    """
    whole = "all incidents"
    rest = label.removeprefix(whole) if label.startswith(whole) else f" of {label}"
    return f"incidents{rest}"


def theme_words(name: str, themes: Mapping[str, ThemeStatus]) -> str:
    """The words of a theme: never its short name, which may promise what a proxy cannot keep."""
    return themes[name].label if name in themes else theme_in_words(name)


def kind_name(kind: str) -> tuple[str, str]:
    """One and many of a kind of area or zone.

    Examples
    --------
    >>> kind_name("h3-9"), kind_name("treated"), kind_name("beat")
    (('hexagon', 'hexagons'), ('treated area', 'treated areas'), ('beat', 'beats'))
    """
    if kind.startswith(("h3-", "hex-")):
        return "hexagon", "hexagons"
    if kind.startswith("square-"):
        return "square", "squares"
    stem = kind.replace("_", "-").removesuffix("-area")
    if stem in _KINDS:
        return _KINDS[stem][:2]
    name = plain_text(kind.replace("_", " ")) or "area"
    return name, name + "s"


def kind_label(kind: str) -> str:
    """Heading of a layer.

    Examples
    --------
    >>> kind_label("pspo"), kind_label("beat")
    ('Public Spaces Protection Orders', 'Beats')
    """
    stem = kind.replace("_", "-").removesuffix("-area")
    if stem in _KINDS:
        return _KINDS[stem][2]
    return capital(kind_name(kind)[1])


def grid_words(kind: str, area_km2: Any, length_m: Any = (), *, system: bool = True) -> str:
    """What the areas are, with their usual size; of streets their usual length.

    ``system`` names the grid, too.

    Examples
    --------
    >>> grid_words("h3-9", [0.0931, 0.0933])
    'hexagons of about 9 hectares (H3 resolution 9)'
    >>> grid_words("street", [0.001, 0.002], [101.0, 163.0])
    'streets, piece by piece, of about 130 m'
    >>> grid_words("hex-350", [0.106])
    'hexagons of 350 m, side to side'
    """
    if len(length_m):
        usual = round(float(pd.Series(length_m, dtype=float).median()), -1)
        return f"{kind_name(kind)[1]}, piece by piece, of about {usual:,.0f} m"
    size = float(pd.Series(area_km2, dtype=float).median()) if len(area_km2) else float("nan")
    about = "" if pd.isna(size) else f" of about {_hectares(size)}"
    if kind.startswith("h3-"):
        grid = f" (H3 resolution {plain_text(kind[3:])})" if system else ""
        return f"hexagons{about}{grid}"
    if kind.startswith("square-"):
        return f"squares of {plain_text(kind[7:])} m"
    if kind.startswith("hex-"):
        return f"hexagons of {plain_text(kind[4:])} m, side to side"
    return f"{kind_name(kind)[1]}{about}"


def period_name(name: str) -> str:
    """A period by its key in words, "2018-07" as July 2018; anything else as it is."""
    return plain_text(name) if span_of(name) is None else Period.parse(name).label


def short_period(name: str) -> str:
    """A period by its key with months of three letters; anything else as it is.

    Examples
    --------
    >>> short_period("2018-07"), short_period("2024-04/2025-03")
    ('Jul 2018', 'Apr 2024 – Mar 2025')
    """
    span = span_of(name)
    return plain_text(name) if span is None else Period.parse(name).short


def figure_words(value: Any, *, missing: str) -> str:
    """A number as it is written in a table, or the word for a missing one.

    Examples
    --------
    >>> figure_words(1204.4, missing="withheld"), figure_words(None, missing="withheld")
    ('1,204', 'withheld')
    """
    return missing if value is None or pd.isna(value) else f"{float(value):,.0f}"


def signed_percent(share: float) -> str:
    """A change as whole per cent; one that rounds to nothing has no sign.

    Examples
    --------
    >>> signed_percent(0.041), signed_percent(-0.001), signed_percent(-0.6)
    ('+4%', '0%', '-60%')
    """
    return "0%" if abs(share) <= 0.005 else f"{share:+.0%}"


def harm_words(row: Any) -> str:
    """Harm of an area; its band where disclosure control leaves no figure.

    Examples
    --------
    >>> harm_words({"harm": 799.6}), harm_words({"harm": None})
    ('800', 'not weighed')
    >>> harm_words({"harm": 350.0, "harm_low": 200.0, "harm_high": 500.0, "disclosed_for": "x"})
    '200 to 500'
    """
    harm, disclosed = row.get("harm"), isinstance(row.get("disclosed_for"), str)
    if disclosed and harm is not None and pd.notna(harm):
        return f"{row['harm_low']:,.0f} to {row['harm_high']:,.0f}"
    return figure_words(harm, missing="withheld" if disclosed else "not weighed")


def rank_label(rank: float, ranks: pd.Series) -> str:
    """A rank among others, with "=" where it is shared.

    Examples
    --------
    >>> rank_label(3, pd.Series([1, 2, 3, 3])), rank_label(1, pd.Series([1, 2, 3, 3]))
    ('3=', '1')
    """
    shared = int((ranks.to_numpy(dtype=float, na_value=float("nan")) == float(rank)).sum()) > 1
    return f"{float(rank):,.10g}{'=' if shared else ''}"


def zone_note(zone: Any) -> str:
    """Dates and status of a zone in one line.

    Examples
    --------
    >>> zone_note({"valid_from": "2023-04-01", "valid_until": None, "status": "renewal unknown"})
    'from 1 April 2023; renewal unknown'
    """
    start, end = date_words(zone.get("valid_from")), date_words(zone.get("valid_until"))
    dates = {
        (True, True): f"{start} to {end}",
        (True, False): f"from {start}",
        (False, True): f"until {end}",
    }.get((bool(start), bool(end)), "")
    fitted = "best fit" if zone.get("approximate") is True else ""
    parts = [dates, plain_text(zone.get("status")), fitted]
    return "; ".join(part for part in parts if part)


def flag_words(cells: Any) -> str:
    """What stands behind a flag, as far as the table says."""
    if cells is None or "n_tested" not in cells or not cells["n_tested"].notna().any():
        return "corrected for all areas tested"
    return f"corrected for {int(cells['n_tested'].max()):,} areas tested"


def class_labels(bounds: list[float], *, least: float = 1, bands: bool = False) -> list[str]:
    """Labels of classes that begin at these bounds, as the page writes them.

    ``least`` is the smallest number there can be: a first class that begins above it is "under".
    Classes of ``bands`` end where the bands end.

    Examples
    --------
    >>> class_labels([1, 2, 5])
    ['1', '2 to 4', '5 or more']
    >>> class_labels([0.5, 500]), class_labels([200, 500], bands=True)
    (['under 500', '500 or more'], ['200 to 500', '500 or more'])
    """
    labels = []
    for position, bound in enumerate(bounds):
        if position + 1 == len(bounds):
            labels.append(f"{bound:,.10g} or more")
            continue
        following = bounds[position + 1]
        high = following if bands else following - 1
        if bound > high or (position == 0 and bound != least and not bands):
            labels.append(f"under {following:,.10g}")
        else:
            labels.append(f"{bound:,.10g}" if bound == high else f"{bound:,.10g} to {high:,.10g}")
    return labels


def scale_words(scale: str, choices: dict[str, list[dict[str, Any]]]) -> str:
    """The harm scale by its title, edition and unit where the record knows them."""
    for entry in choices.get("weigh_harm", []):
        if entry.get("harm_scale") == scale and entry.get("title"):
            edition = f" ({entry['edition']})" if entry.get("edition") else ""
            unit = f" Unit: {entry['unit']}." if entry.get("unit") else ""
            return plain_text(f"Harm scale: {entry['title']}{edition}.{unit}")
    return f"Harm scale: {plain_text(scale)}."


def harm_unit(scale: str, units: Mapping[str, str]) -> str:
    """The unit of a harm scale as a head of a column says it; nothing where it is not known.

    Examples
    --------
    >>> harm_unit("css", {"css": "days of prison"})
    'days of prison'
    """
    if scale not in units:
        return ""
    known = _UNITS.get(scale) or plain_text(units[scale])
    return known if len(known) <= LONGEST_UNIT else ""


SHARES_DEALT = (
    "Clusters are held against places as busy, areas against one another: in an area that is more "
    "than chance a cluster could be chance"
)


def choice_words(choices: dict[str, list[dict[str, Any]]], themes: Mapping[str, Any]) -> list[str]:
    """The choices that changed the answer, one line each."""
    lines = []
    for entry in choices.get("find_clusters", []):
        least = {"{:,} incidents": "min_incidents", "a harm of {:,.10g}": "min_harm"}
        needs = [words.format(entry[name]) for words, name in least.items() if name in entry]
        if "radius_m" in entry and needs:
            line = (
                f"Clusters: at least {' and '.join(needs)} within "
                f"{entry['radius_m']:,.10g} m of one another (DBSCAN)"
            )
            theme = theme_words(plain_text(entry.get("theme")), themes)
            lines.append(line + (f", {theme}" if theme else ""))
    told = [one for one in choices.get("cluster_chance", []) if "beyond_chance" in one]
    if any(one["null"] == "dealt-shares" for one in told):
        lines.append(SHARES_DEALT)
    return list(dict.fromkeys(lines))


def choices_told(
    choices: Mapping[str, list[dict[str, Any]]], themes: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The choices that a page speaks of: stage, entry, and what it says of it."""
    for stage, entries in choices.items():
        for entry in entries:
            alone = {stage: [entry]}
            lines = choice_words(alone, themes)
            if stage == "weigh_harm" and "harm_scale" in entry:
                lines = [scale_words(str(entry["harm_scale"]), alone)]
            yield from ((stage, entry, line) for line in lines)


def _hectares(area_km2: float) -> str:
    hectares = area_km2 * 100
    return f"{hectares:.0f} hectares" if hectares >= 2 else f"{hectares:.1f} hectares"


def date_words(value: Any) -> str:
    """A day of a zones table in words; nothing where it is open."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    try:
        return day_words(pd.Timestamp(value))
    except ValueError:
        return plain_text(value)


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def small_number(number: int) -> str:
    """A number as it is written in a sentence.

    Examples
    --------
    >>> small_number(5), small_number(12)
    ('five', '12')
    """
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def and_list(words: Sequence[str]) -> str:
    """Words with commas between them, and "and" before the last.

    Examples
    --------
    >>> and_list(["Leeds"]), and_list(["a", "b", "c"])
    ('Leeds', 'a, b and c')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class Sentence(str):
    """A finding with its label in front.

    Attributes
    ----------
    label, alone
        What it is about, and the finding without it.

    Examples
    --------
    >>> found = Sentence("Arson", "no incidents in July 2018.")
    >>> found, found.alone
    ('Arson: no incidents in July 2018.', 'no incidents in July 2018.')
    """

    label: str
    alone: str

    def __new__(cls, label: str, alone: str) -> Self:
        """Put the label in front."""
        whole = super().__new__(cls, f"{label}: {alone}")
        whole.label, whole.alone = label, alone
        return whole

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return self.label, self.alone


def alone(sentence: str) -> str:
    """A sentence without its label, where it has one."""
    return sentence.alone if isinstance(sentence, Sentence) else sentence
