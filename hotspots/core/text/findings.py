"""What is wrong with rows of a file, by rule: what was expected and what came; what to do.

Values are put in where they stand in braces. A finding that is made in one place only has its words
there.
"""

from __future__ import annotations

from collections.abc import Mapping

from hotspots.core.text.mends import Mend

FINDINGS: Mapping[str, tuple[str, str | Mend | None]] = {
    "search-ended": (
        "the search for the best choice was ended after {minutes:.0f} minutes, before its work was "
        "done; a faster machine may choose otherwise.",
        None,
    ),
    "month-format": (
        "a month from 01 to 12 was expected, as 2018-07.",
        "Write the year, a hyphen and two digits for the month.",
    ),
    "no-time": (
        "a time was expected; start and end are empty.",
        "Fill in the start, the end, or both.",
    ),
    "date-format": (
        "a date was expected, as 2018-07-31 or 31/07/2018 ({order}).",
        "Correct the date, or set 'day_first' in the field map.",
    ),
    "date-span": (
        "one day or moment was expected; the cell holds a span of time.",
        "Split it into two columns, and name them 'from_date' and 'until_date' in the field map.",
    ),
    "date-coarse": (
        "a day or a month was expected; the cell holds a quarter, a season, a year or the number "
        "of a week.",
        "Ask the source for days; a week is read as 2025-W27 or w/c 30/06/2025.",
    ),
    "date-yearless": (
        "a date with its year was expected; the cell has none.",
        'Add the year, or name its column: date = ["Year", "Month", "Day"].',
    ),
    "date-order": ("{rows:,} dates can be read two ways; read {order}.", None),
    "date-order-unproven": (
        "{rows:,} dates can be read two ways and no other date of the column says which; read "
        "{order}.",
        "Look at one whose day you know, and set 'day_first' in the field map.",
    ),
    "date-order-mixed": (
        "{rows:,} dates can be read two ways; read {order}, but {other:,} different dates of the "
        "column are the other way round, so that they may be wrong.",
        "Write all in one order, as 2018-07-31; or set 'day_first' in the field map.",
    ),
    "year-first": (
        "{rows:,} dates seem to begin with a year of two figures, for their first number hardly "
        "changes and their last does; the last was taken for the year, the first read as {read}.",
        "Write years with four figures, as 2018-07-31.",
    ),
    "day-numbers": (
        "{rows:,} cells hold day numbers of a spreadsheet, not dates; the first was read as "
        "{read}.",
        "Check one, or format the column as dates and export it again.",
    ),
    "unix-times": (
        "{rows:,} cells hold seconds since 1970, not dates; the first was read as {read}.",
        "Check one, or export dates.",
    ),
    "half-swapped": (
        "{rows:,} real dates had day and month exchanged back: their days are all up to 12, those "
        "of the texts beside them all above, as a spreadsheet that reads month first leaves them; "
        "the first was read as {read}.",
        "Check one, or import the file again with the column as text.",
    ),
    "day-ends": ("{rows:,} times are 24:00; read as the first minute of the next day.", None),
    "no-zeros": (
        "{rows:,} times have lost the zeros before them; the first was read as {read}.",
        None,
    ),
    "day-fractions": (
        "{rows:,} times are fractions of a day, as spreadsheets keep them; the first was read as "
        "{read}.",
        None,
    ),
    "midnight": (
        "{rows:,} of {known:,} times are exactly 00:00, as systems write where only the day is "
        "known; the day alone was taken from them.",
        None,
    ),
    "one-hour": (
        "all of {rows:,} times with a zone are {hours} in UTC, as systems write where only the day "
        "is known: midnight by another clock; the day alone was taken from them.",
        "Name the clock of the place by `timezone`, such as America/Toronto.",
    ),
    "one-hour-named": (
        "all of {rows:,} times with a zone are {hours} in UTC, as systems write where only the day "
        "is known: midnight, but not always by the clock of {clock}; the day alone was taken.",
        None,
    ),
    "clock-unused": (
        "{rows:,} dates name their own time zone, or a week, so this column was not read beside "
        "them.",
        "Name one of the two columns.",
    ),
    "open-end": ("{rows:,} ends stand for none, such as 31/12/9999; taken as empty.", None),
    "date-future": (
        "dates in the future: {rows:,}, the first {read}.",
        "Correct them: what has not happened cannot be counted.",
    ),
    "date-far": (
        "dates that lie years from all others: {rows:,}, the first {read}.",
        "Correct them, or leave them out.",
    ),
    "time-format": (
        "a time of day was expected, as 23:59, 2359 or 11:59 PM.",
        "Correct the time, or leave it empty where only the day is known.",
    ),
    "end-missing": ("{rows:,} rows have no end; they are as wide as their start.", None),
    "start-missing": ("{rows:,} rows have no start; they are as wide as their end.", None),
    "ends-swapped": (
        "{rows:,} rows end before they start; start and end were exchanged.",
        None,
    ),
    "over-midnight": (
        "{rows:,} rows end at an earlier time than they start at; the end was read as on the next "
        "day.",
        None,
    ),
    "clocks-back": (
        "times that the clocks showed twice: {rows:,}; both hours are covered.",
        None,
    ),
    "clocks-forward": ("times that the clocks skipped: {rows:,}; moved on an hour.", None),
    "offence-missing": ("an offence was expected; the cell is empty.", "Fill it in."),
    "offence-unknown": (
        "{known} was expected.",
        "Correct it, or translate it by 'offence_words' in the field map.",
    ),
    "not-a-number": (
        "a number was expected ({kind}).",
        "Leave both coordinates empty where the place is not known.",
    ),
    "number-cut": (
        "a number with all its figures was expected; as a spreadsheet shows it, the last are gone.",
        "Format the column as a number, and export it again: opening the file anew does not bring "
        "them back.",
    ),
    "not-a-point": (
        "one point was expected; the geometry is of another kind, or several points.",
        "Give every incident one point, or leave its geometry empty.",
    ),
    "half-a-place": (
        "both coordinates or neither were expected; only {far!r} is given.",
        "Fill in the other one, or empty both.",
    ),
    "zero-zero": (
        "a place was expected; 0, 0 usually stands for an unknown one.",
        "Empty both coordinates where the place is not known.",
    ),
    "filler-place": (
        "a place was expected; one number twice usually stands for an unknown one.",
        "Empty both coordinates where the place is not known.",
    ),
    "default-point": (
        "a place for each row was expected; {rows:,} of {located:,} share one point, {where}, "
        "{why}.",
        "Empty it where the place is not known; if it is right, say 'location_precision'.",
    ),
    "one-point": (
        "{rows:,} of {located:,} located rows share one point, {where}.",
        "Look whether it stands for an unknown place; if so, name its numbers as 'missing' in the "
        "field map.",
    ),
    "position-read": (
        "{rows:,} places were read as {read}: only so do most fall where they should.",
        "Look at where they fall.",
    ),
    "mixed-units": (
        "{rows:,} places are in {other} among others in {unit}; each was read as it is.",
        "Check one, and mend the export.",
    ),
    "metres-not-degrees": (
        "longitude and latitude in degrees were expected; these look like eastings and northings "
        "in metres.",
        "Name the columns 'easting' and 'northing' in the field map; save a geometry with its "
        "coordinate system (in QGIS: Layer, Set CRS, then Export).",
    ),
    "degrees-not-metres": (
        "easting and northing in metres were expected; these look like degrees.",
        "Name the columns 'longitude' and 'latitude' in the field map; save a geometry with its "
        "coordinate system (in QGIS: Layer, Set CRS, then Export).",
    ),
    "perhaps-exchanged": (
        "no place lies in {area}, and most would if easting and northing were exchanged: they may "
        "be swapped.",
        "Look at a place you know; if it lies elsewhere, name the two columns the other way round.",
    ),
    "zones-perhaps-exchanged": (
        "no zone lies in {area}, and most would if easting and northing were exchanged: the "
        "outlines may be swapped.",
        "Look at a zone you know; if it lies elsewhere, write the file again, easting first.",
    ),
    "swapped": (
        "{first} and then {second} were expected, a place in {area}; the other way round they are "
        "one, so they look swapped.",
        "Swap the two columns, or their names in the field map; write a geometry again, longitude "
        "first.",
    ),
    "outside": ("a place in {area} was expected, in {unit}.", Mend("country")),
    "offences-of-no-scheme": (
        "{unknown:,} of its {words:,} different offences are not in the list that fits it best "
        "({scheme}), so that its {rows:,} rows are in no theme and have no harm.",
        Mend("translate-offences"),
    ),
    "rows-hidden": (
        "{rows:,} rows of the sheet {sheet!r} are hidden, by a filter, by hand or with the sheet; "
        "they were read as all others.",
        "Delete them, or name another sheet, if they are not to count.",
    ),
    "formulas-unsolved": (
        "{cells:,} cells in {rows:,} rows of the sheet {sheet!r} hold formulas whose results are "
        "not stored; they were read as empty.",
        "Open the workbook in Excel or LibreOffice, save it there, and load it again.",
    ),
    "tables-disagree": (
        "no numbers of {theme} fit both {one} and {other}, so that {other} was left out: "
        "data were revised between them, or one counted incidents that the other did not, as zones "
        "of the first version did with institutional places.",
        "Make the product again.",
    ),
    "rows-of-counts": (
        "{column!r} holds numbers above 1, so that rows may stand for several incidents each; "
        "every row was counted as one.",
        "Bring one row an incident.",
    ),
    "rows-of-no-incident": (
        "{column!r} says of {rows:,} rows that they are no incident, or one told elsewhere (no "
        "crime, cancelled, transferred, duplicate); every row was counted.",
        "Take them out before, if they are not to count.",
    ),
    "place-doubtful": (
        "{taken} were taken for the place; {rival} could be it as well, and lie elsewhere.",
        "Name in the field map where it happened.",
    ),
    "systematic-fault": (
        "one fault, {fault}, is in {rows:,} of {of:,} rows ({share:.0%}): it is the file or its "
        "field map that is wrong, not the rows{cause}.",
        None,
    ),
    "nul-byte": (
        "text was expected; the cell holds NUL bytes.",
        "Export the row again: the file was damaged on its way.",
    ),
    "decision-place": (
        "a decision names its place by theme and area_id; one of them is empty.",
        "Fill it in, else the decision stands beside no place.",
    ),
    "decision-action": (
        "an action of {kinds} was expected; other words stay as they were typed.",
        "Choose the nearest, and write the rest as note.",
    ),
    "decision-day": (
        "a day was expected, as 2026-03-31 or 31/03/2026; other words stay as they were typed.",
        None,
    ),
    "decision-phone": (
        "the text looks like a phone number.",
        "Leave it out: the page names places and posts, not people.",
    ),
    "decision-house": (
        "the text looks like a house number.",
        "Leave it out: the page names places and posts, not people.",
    ),
    "decision-name": (
        "the text looks like the name of a person.",
        "Name a team or a post instead.",
    ),
}

CAUSES: Mapping[str, tuple[str, str | Mend]] = {
    "minus": (
        "with a minus before the longitude",
        "Put the minus back: west of Greenwich longitudes are below zero.",
    ),
    "scaled": ("as {said}", "Write all in the unit of the others."),
    "coarse": (
        "as {said}; a first figure of each, that of its square of 100 km, may be missing as well",
        "Ask the source for all figures; or multiply both by {factor:.0f}, say "
        "'location_precision' snapped, and look at where they fall.",
    ),
    "system": (
        "as metres of {said}",
        "Name the columns 'easting' and 'northing' and the system 'coordinate_system' in the field "
        "map; save a geometry with it. Then look at where they fall.",
    ),
    "abroad": ("in another country, in the area of {said}", Mend("another-country")),
}
"""As what places that lie nowhere would lie where they should, and what to do."""
