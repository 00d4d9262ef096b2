"""The report of a check for people: a screen or two, and the verdict in one line at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hotspots.core.errors import Finding
from hotspots.core.plain import clipped, counted, still_text
from hotspots.io.incidents.intake import MOST, MUCH, lost_share, systematic_faults
from hotspots.io.incidents.parse_file import Part

LONGEST_LIST = 12
FIRST, FEW = 5, 3
LEFT_OUT = ("unknown-layout", "not-incidents")
NO_SCHEME = "offences-of-no-scheme"
TO_MEND = 2
LONGEST = 150


def report_text(content: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    """Everything, the verdict last."""
    parts = [_files(content), _rows(content), _findings(findings), _unknown_offences(content)]
    if content["rows"]["accepted"]:
        parts[2:2] = [_where(content), _contents(content), _points(content), _answers(content)]
    parts += [_guesses(content), _proposal(content), _verdict(content)]
    return still_text("\n".join(part for part in parts if part) + "\n")


def _files(content: Mapping[str, Any]) -> str:
    lines = ["Files"]
    for file in content["files"]:
        lines.append(f"  {file['name']}: {file['read']:,} rows, {file['layout']}")
    return "\n".join(lines) if content["files"] else "No file could be read."


def _rows(content: Mapping[str, Any]) -> str:
    rows = content["rows"]
    return (
        f"Rows\n  read {rows['read']:,} = accepted {rows['accepted']:,} + rejected "
        f"{rows['rejected']:,}; {rows['unlocated']:,} of the accepted have no place"
    )


def _where(content: Mapping[str, Any]) -> str:
    where = content["where"]
    if not where:
        return "Where\n  no row has a place"
    lines = [
        "Where",
        f"  {where['south']:.3f} to {where['north']:.3f} north, {where['west']:.3f} to "
        f"{where['east']:.3f} east (degrees)",
    ]
    if where["grid_squares"]:
        lines.append(f"  10 km squares of the National Grid: {_percent(where['grid_squares'])}")
    districts = _percent(where["districts"]) or "none known"
    lines.append(f"  district, as of 2011 or as the source says: {districts}")
    if where["district_unknown"]:
        lines[-1] += f"; not known of {where['district_unknown']:.0%}: no outline of it is at hand"
    if "forces" in where:
        lines.append(f"  police force, as the files say: {_percent(where['forces'])}")
    if "within" in where:
        lines.append(f"  inside the study area: {where['within']:.1%}")
    return "\n".join(lines)


def _contents(content: Mapping[str, Any]) -> str:
    time, repeats = content["time"], content["repeats"]
    last_day = datetime.fromisoformat(time["last"]) - timedelta(microseconds=1)  # it is excluded
    span = f"{time['first'][:10]} to {last_day:%Y-%m-%d}, both included"
    known = _listed(time["precision"])
    lines = ["Time", f"  {span}, {counted(len(time['months']), 'month')}, known as {known}"]
    if time["rows_apart"]:
        apart = counted(time["rows_apart"], "row")
        lines.append(f"  besides, {apart} in the future or years from all others")
    if "period" in content:
        period = content["period"]
        lines.append(
            f"  in {period['period']}: {period['rows']:,} rows, {period['located']:,} located"
        )
    empty = time["months_without_rows"]
    if empty:
        named = ", ".join(empty[:LONGEST_LIST]) + (", ..." if len(empty) > LONGEST_LIST else "")
        lines.append(f"  {counted(len(empty), 'month')} between without rows: {named}")
    lines += [f"Offences ({', '.join(content['offence_schemes'])})"]
    lines += [f"  {count:>9,}  {clipped(name)}" for name, count in _first(content["offences"])]
    if content["sensitive"]:
        told = _listed(dict(_first(content["sensitive"])))
        lines += ["Sensitive, and left out of areas and maps unless asked for", f"  {told}"]
    lines += ["Themes", *(f"  {name}: {state}" for name, state in content["themes"].items())]
    lines += ["Repeats", f"  {_listed(repeats)}; every row is kept"]
    if content["lsoa_vintage"]:
        lines.append("LSOA codes")
        for vintage, files in content["lsoa_vintage"].items():
            lines.append(f"  of {vintage}: {counted(len(files), 'file')}, from {files[0]}")
    return "\n".join(lines)


def _points(content: Mapping[str, Any]) -> str:
    points = content["points"]
    if not points["located"]:
        return ""
    lines = [
        "Places",
        f"  {points['located']:,} located rows on {points['distinct_points']:,} distinct points, "
        f"the largest pile {points['largest_pile']:,}; the busiest 1% of points hold "
        f"{points['share_on_busiest_1_percent']:.0%}",
    ]
    if points["snapped"]:
        finest = points["finest_h3"]
        cell = f"H3 resolution {finest}" if finest else "coarser than any H3 cell offered here"
        lines.append(f"  points are snapped or rounded: finest honest cell {cell}")
    if content["institutions"]:
        lines.append(f"  on institutions: {_listed(content['institutions'])}")
    if content["piles"]:
        lines.append("  largest piles:")
    lines += [
        f"  {pile['incidents']:>9,}  {pile['grid_reference']}  {pile['place_name'] or '(unnamed)'}"
        for pile in content["piles"][:FIRST]
    ]
    return "\n".join(lines)


def _answers(content: Mapping[str, Any]) -> str:
    lines = ["What it can answer"]
    lines += [
        f"  {a['question']} {a['answer'].capitalize()}: {a['why']}" for a in content["answers"]
    ]
    if content["breaks"]:
        lines += ["Breaks the months cross", *(f"  {known}" for known in content["breaks"])]
    return "\n".join(lines)


def _findings(findings: Sequence[Finding]) -> str:
    """One line a rule, column and message, with how many files share it; three are told apart."""
    if not findings:
        return "Findings\n  none"
    order = {"error": 0, "warning": 1, "note": 2}
    kinds: dict[tuple[str, str, str | None, str], list[Finding]] = {}
    for found in findings:
        own = found.message if found.line is None else ""
        kinds.setdefault((found.severity, found.rule, found.column, own), []).append(found)
    ranked = sorted(kinds.values(), key=lambda alike: (order[alike[0].severity], -_rows_of(alike)))
    lines = [f"Findings ({len(ranked)})"]
    for alike in ranked:
        told = alike if len(alike) <= FEW else alike[:1]
        lines += [f"  {found.severity}: {found}" for found in told]
        if len(told) < len(alike):
            files = len({found.file for found in alike}) - 1
            lines[-1] += f" And in {files:,} more files, {_rows_of(alike):,} rows in all."
    return "\n".join(lines)


def _rows_of(alike: Sequence[Finding]) -> int:
    return sum(found.rows for found in alike)


def _unknown_offences(content: Mapping[str, Any]) -> str:
    words = content["unknown_offences"]
    if not words:
        return ""
    lines = [f"Offences the scheme does not know ({len(words):,})"]
    for word in words[:LONGEST_LIST]:
        near = f"  nearest known: {', '.join(word['nearest'])}" if word["nearest"] else ""
        near = "  in a list known here" if word["offence"] in word["nearest"] else near
        lines.append(f"  {word['rows']:>9,}  {clipped(word['offence'])!r}{near}")
    if len(words) > LONGEST_LIST:
        lines.append(f"  ... and {len(words) - LONGEST_LIST:,} more")
    return "\n".join(lines)


def _guesses(content: Mapping[str, Any]) -> str:
    """What each column was taken for, and what was not found."""
    lines = []
    for name, guess in content["guesses"].items():
        lines.append(f"Columns of {name}, and what they were taken for")
        wide = max((len(column["column"]) for column in guess["columns"]), default=0)
        for column in guess["columns"]:
            values = ", ".join(value[:24] for value in column["values"]) or "(empty)"
            role = column["taken_for"] or "-"
            sure = f" ({column['sure']})" if column["sure"] else ""
            lines.append(f"  {column['column']:<{wide}}  {role + sure:<24}  {values}")
        lines += [f"  {what} not found: {why}" for what, why in guess["missing"].items()]
    return "\n".join(lines)


def _proposal(content: Mapping[str, Any]) -> str:
    lines = []
    for name, toml in content["guessed_field_maps"].items():
        lines += [f"Guessed field map of {name}: save it as a .toml file and correct it", ""]
        lines += [f"  {line}" for line in toml.splitlines()]
    for name, guess in content["guesses"].items():
        if name not in content["guessed_field_maps"]:
            lines += [f"A field map of {name} to fill in", ""]
            lines += [f"  {line}" for line in guess["to_fill_in"].splitlines()]
    return "\n".join(lines)


def _verdict(content: Mapping[str, Any]) -> str:
    """How many files can be read and which cannot; then one line: usable or not."""
    verdict = content["verdict"]
    lines = []
    if verdict["files"] > 1:
        count = f"{verdict['loaded']:,} of {verdict['files']:,}"
        lines.append(f"Summary\n  {count} files can be read")
        lines += [f"  wrong: {name}" for name in verdict["wrong"]]
        lines += [f"  left out: {name}" for name in verdict["left_out"]]
    if verdict["lost_share"] > verdict["banner_from"]:
        lines.append(f"*** {verdict['lost_share']:.0%} of the rows cannot be used. ***")
    lines.append(verdict["text"])
    return "\n".join(lines)


def _percent(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())


def _first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    shown = list(counts.items())[:LONGEST_LIST]
    rest = sum(counts.values()) - sum(count for _, count in shown)
    return [*shown, ("(others)", rest)] if rest else shown


def verdict_of(
    parts: Sequence[Part], of_files: Iterable[Finding], findings: Sequence[Finding]
) -> dict[str, Any]:
    """What a product would make of the files: the same rules stop it.

    Parameters
    ----------
    parts : sequence of Part
        The files that were read.
    of_files : iterable of Finding
        What is wrong with whole files.
    findings : sequence of Finding
        Everything that was found.
    """
    broken = [found for found in of_files if found.severity == "error"]
    wrong = list(dict.fromkeys(str(found.file) for found in broken))
    left_out = dict.fromkeys(str(found.file) for found in findings if found.rule in LEFT_OUT)
    aside = [name for name in left_out if name not in wrong]
    good = [part.source.name for part in parts if part.source.name not in wrong]
    out_of_scheme = sum(part.facts.get("out_of_scheme", 0) for part in parts)
    share = lost_share(parts, out_of_scheme)
    accepted = any(len(part.frame) for part in parts)
    sorted_by = not any(found.rule == NO_SCHEME for found in findings)
    usable = accepted and sorted_by and not (broken or systematic_faults(parts) or share > MOST)
    mend = [_short(found) for found in _ranked(findings, broken)[:TO_MEND]]
    return {
        "usable": usable,
        "text": _text(usable, mend),
        "mend": mend,
        "lost_share": round(share, 4),
        "banner_from": MUCH,
        "files": len(good) + len(wrong) + len(aside),
        "loaded": len(good),
        "wrong": wrong,
        "left_out": aside,
    }


def _ranked(findings: Sequence[Finding], broken: Sequence[Finding]) -> list[Finding]:
    """What stops the work first, then what loses most rows, one finding a rule."""
    ordered = sorted(
        (found for found in findings if found.severity != "note"),
        key=lambda found: (
            found not in broken,
            found.rule not in ("systematic-fault", NO_SCHEME),
            found.severity != "error",
            -found.rows,
        ),
    )
    return list({found.rule: found for found in reversed(ordered)}.values())[::-1]


def _short(found: Finding) -> str:
    where = f"{found.file}: " if found.file else ""
    return clipped(f"{where}{found.message}", LONGEST)


def _text(usable: bool, mend: Sequence[str]) -> str:
    """One line."""
    if usable and not mend:
        return "Usable as it is."
    told = " ".join(f"({number}) {words}" for number, words in enumerate(mend, 1))
    return f"Usable; look at: {told}" if usable else f"Not usable as it is; mend first: {told}"
