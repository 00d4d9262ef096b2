"""Harm scales: a weight for every offence, and where the weights come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import Field

from hotspots.core.arguments import path_of
from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import DataError, Findings, listing, require
from hotspots.core.schema import AnyText, Table, read_toml
from hotspots.core.sentences import ShownInNotebook
from hotspots.core.text.mends import Mend
from hotspots.offences.cambridge import ABOUT as CAMBRIDGE
from hotspots.offences.cambridge import read_workbook
from hotspots.offences.codes import ASB, HOME_OFFICE, normalise_offence, possible_classes

_BUNDLED = DEFINITIONS / "harm"
_ABOUT = (
    *("name", "title", "edition", "unit", "source", "licence", "offence_scheme", "caveat"),
    "police_force",
)
STATED = ("name", "edition", "unit", "source")
_COLUMNS = ("weight", "weight_low", "weight_high")


class Weight(NamedTuple):
    """What one offence weighs, between its low and its high end."""

    offence: str
    weight: float
    low: float
    high: float


class HarmScaleFile(Table):
    """Where the weights of the CSV file beside it come from."""

    name: str = Field("", description="Short name; travels in the column harm_scale.")
    title: str = Field("", description="What is printed wherever harm is printed.")
    edition: AnyText = Field("", description="Editions of one scale rank places differently.")
    unit: str = Field("", description="Unit of the weights, e.g. days of imprisonment.")
    source: str = Field("", description="Who made the weights, and where they are published.")
    licence: str = Field("", description="On what terms they may be used.")
    offence_scheme: str = Field(
        "", description="Scheme of the offences: police_uk, home_office, or one's own."
    )
    unweighted: tuple[str, ...] = Field(
        (), description="Offences that are known and have no weight: their harm is missing."
    )
    caveat: str = Field("", description="A sentence every product must carry.")
    police_force: str = Field(
        "", description="The force whose mix of offences the weights are averages of, if of one."
    )
    source_url: str = Field("", description="Address of the source, for people.")
    how_made: str = Field("", description="How the weights were made, for people.")
    sensitivity: tuple[dict[str, Any], ...] = Field(
        (), description="Weights under other choices, for people."
    )


@dataclass(frozen=True, repr=False)
class HarmScale(ShownInNotebook):
    """A weight for every offence, and where the weights come from.

    Parameters
    ----------
    name : str
        Short name; travels in the column ``harm_scale``.
    title, edition, unit, source, licence : str
        Printed wherever harm is printed; editions of one scale rank places differently.
    offence_scheme : str
        Scheme of the offences (``"police_uk"``, ``"home_office"`` or one's own).
    weights : tuple of Weight
        In ``unit``; ``0 <= low <= weight <= high``.
    unweighted : tuple of str
        Offences that are known and have no weight (anti-social behaviour): their harm is missing.
    caveat : str
        A sentence every product must carry.
    police_force : str
        The force whose mix of offences the weights are averages of, if they are of one: with
        incidents of another force that is told.

    Examples
    --------
    >>> scale = HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    >>> float(scale.table.loc["Robbery", "weight"])
    799.6
    """

    name: str
    title: str
    edition: str
    unit: str
    source: str
    licence: str
    offence_scheme: str
    weights: tuple[Weight, ...]
    unweighted: tuple[str, ...] = ()
    caveat: str = ""
    police_force: str = ""

    def __post_init__(self) -> None:
        findings = Findings()
        for about in STATED:
            if not str(getattr(self, about)).strip():
                findings.error("scale-says-too-little", f"a harm scale must state its {about}.")
        _check_weights(self, findings)
        findings.raise_errors(DataError)

    def __repr__(self) -> str:
        return (
            f"<HarmScale {self.name!r}, edition {self.edition}: {len(self.weights):,} offences of "
            f"{self.offence_scheme}, in {self.unit}>"
        )

    @classmethod
    def bundled(cls, name: str) -> HarmScale:
        """A scale that comes with the library; see :meth:`bundled_names`.

        Raises
        ------
        InputError
            For another name.
        """
        require(
            name in cls.bundled_names(),
            f"there is no bundled harm scale {name!r}; there are {listing(cls.bundled_names())}.",
        )
        return _bundled(name)

    @classmethod
    def bundled_names(cls) -> list[str]:
        """Names of the scales that come with the library.

        Examples
        --------
        >>> HarmScale.bundled_names()
        ['ons-css', 'ons-css-police-uk-west-yorkshire']
        """
        return sorted(path.stem.replace("_", "-") for path in _BUNDLED.glob("*.toml"))

    @classmethod
    def from_csv(cls, path: str | Path, **about: str) -> HarmScale:
        """Read a scale of one's own from a CSV file.

        Parameters
        ----------
        path : path
            Columns ``offence`` and ``weight``, and ``weight_low`` and ``weight_high`` where an
            offence is a mixture. A row without a weight is known but unweighted.
        **about : str
            ``name``, ``title``, ``edition``, ``unit``, ``source``, ``licence``, ``offence_scheme``,
            ``caveat`` and ``police_force``; whatever is left out is read from the TOML file beside
            the CSV.

        Raises
        ------
        DataError
            For a file that is no such table, or a weight that is none; every fault is named.
        InputError
            When nothing says which scheme the offences are of, or ``about`` has another name.
        """
        file = path_of(path)
        unknown = set(about) - set(_ABOUT)
        require(not unknown, f"a harm scale has no {listing(unknown)}; it has {listing(_ABOUT)}.")
        beside = _beside(file)
        said = {key: getattr(beside, key) for key in _ABOUT} | about
        said["title"] = said["title"] or said["name"]
        lacking = [one for one in STATED if not str(said[one]).strip()]
        require(
            bool(said["offence_scheme"]),
            "a harm scale must say which scheme its offences are written in; it does not"
            f"{f', nor its {listing(lacking)}' if lacking else ''}.",
            rule="no-scheme",
            file=file.name,
            mend=Mend("say-scheme"),
        )
        weights, blank = _read_weights(file)
        known = dict.fromkeys([*blank, *beside.unweighted])
        return cls(weights=weights, unweighted=tuple(known), **said)

    @classmethod
    def from_cambridge_workbook(
        cls, path: str | Path, *, edition: str, sheet: str | int | None = None
    ) -> HarmScale:
        """Read the official workbook of the Cambridge Crime Harm Index, any edition.

        Parameters
        ----------
        path : path
            The .xlsx of the Cambridge Centre for Evidence-Based Policing. Nothing of it comes with
            this library: it is their copyright.
        edition : str
            For instance ``"2020"`` or ``"February 2026"``; editions differ by a factor of 100 for
            some offences, so there is no default.
        sheet : str or int, optional
            By default the first sheet that has the columns ``CCHI Score`` and
            ``HOME_OFFICE_CLASSIFICATION``.

        Returns
        -------
        HarmScale
            In days of imprisonment. An offence code that has several rows, and a class (``8N``),
            gets the median of its rows, with the smallest and largest as range: that summary is
            this library's, not part of the index.

        Raises
        ------
        DataError
            For a file that is no such workbook.
        InputError
            When ``edition`` says nothing.

        Notes
        -----
        The index is meant for crimes reported by victims and witnesses; crimes found by police work
        (drugs, weapons) measure that work. Needs the extra ``excel``.

        References
        ----------
        Sherman, L., Neyroud, P. W. and Neyroud, E. (2016). The Cambridge Crime Harm Index. Policing
        10(3), 171-183. https://doi.org/10.1093/police/paw003
        """
        label = edition.strip()
        require(bool(label), "`edition` must say which edition the workbook is; got nothing.")
        weights, left_out = read_workbook(Path(path), sheet)
        about = dict(CAMBRIDGE)
        if left_out:
            about["caveat"] += (
                f" {left_out:,} entries of the workbook have no Home Office code and are left out."
            )
        return cls(
            name=f"cambridge-chi-{'-'.join(label.lower().split())}",
            title=f"Cambridge Crime Harm Index, {label}",
            edition=label,
            offence_scheme=HOME_OFFICE,
            weights=tuple(Weight(*row) for row in weights),
            unweighted=(ASB,),
            **about,
        )

    @property
    def table(self) -> pd.DataFrame:
        """The weights as a table: ``weight``, ``weight_low``, ``weight_high`` by offence."""
        columns = ["offence", "weight", "weight_low", "weight_high"]
        return pd.DataFrame(list(self.weights), columns=columns).set_index("offence")

    @property
    def attribution(self) -> str:
        """Who to thank: title, source, licence."""
        return f"Harm weights: {self.title} ({self.edition}). {self.source}. {self.licence}".strip()

    def with_unweighted(self, *offences: str) -> HarmScale:
        """The scale with more offences that are known and have no weight.

        Examples
        --------
        >>> scale = HarmScale.bundled("ons-css-police-uk-west-yorkshire")
        >>> "Littering" in scale.with_unweighted("Littering").unweighted
        True
        """
        return replace(self, unweighted=tuple(dict.fromkeys([*self.unweighted, *offences])))

    def with_weights(self, weights: Mapping[str, float], *, name: str) -> HarmScale:
        """The scale with other weights for some offences, under another name.

        Raises
        ------
        InputError
            When the name is the old one.
        DataError
            For a weight below zero, missing or infinite.

        Examples
        --------
        >>> scale = HarmScale.bundled("ons-css-police-uk-west-yorkshire")
        >>> milder = scale.with_weights({"Violence and sexual offences": 139.9},
        ...                             name="without sexual offences")
        >>> float(milder.table.loc["Violence and sexual offences", "weight"])
        139.9
        """
        scheme = self.offence_scheme
        new = [Weight(offence, float(w), float(w), float(w)) for offence, w in weights.items()]
        other = {normalise_offence(w.offence, scheme) for w in new}
        kept = [w for w in self.weights if normalise_offence(w.offence, scheme) not in other]
        require(name != self.name, f"`name` must differ from {self.name!r}: the weights do.")
        return replace(self, name=name, weights=(*kept, *new))

    def find(self, code: str | None) -> Weight | None:
        """Weight of an offence, or of the class it is in.

        Known but unweighted offences weigh not-a-number; offences nobody knows give None, and so
        does a code whose possible classes have different weights.
        """
        if code is None:
            return None
        if code in self._by_offence:
            return self._by_offence[code]
        classes = possible_classes(code, self.offence_scheme)
        found = [self._by_offence.get(part) for part in classes]
        numbers = {None if weight is None else repr(weight[1:]) for weight in found}
        return found[0] if len(numbers) == 1 else None

    @cached_property
    def _by_offence(self) -> dict[str, Weight]:
        scheme = self.offence_scheme
        unknown = float("nan")
        table = {
            normalise_offence(offence, scheme) or offence: Weight(offence, *[unknown] * 3)
            for offence in self.unweighted
        }
        return table | {normalise_offence(w.offence, scheme) or w.offence: w for w in self.weights}


def _check_weights(scale: HarmScale, findings: Findings) -> None:
    seen: dict[str, str] = {}
    for weight in scale.weights:
        code = normalise_offence(weight.offence, scale.offence_scheme)
        if code is None:
            findings.error(
                "offence-not-in-scheme",
                f"{weight.offence!r} is not an offence of the scheme {scale.offence_scheme!r}.",
            )
        elif code in seen:
            findings.error(
                "offence-twice", f"{weight.offence!r} and {seen[code]!r} are the same offence."
            )
        seen.setdefault(code or weight.offence, weight.offence)
        if not 0 <= weight.low <= weight.weight <= weight.high < float("inf"):
            findings.error(
                "weight-out-of-order",
                f"{weight.offence!r} must have 0 <= low <= weight <= high; got {weight.low:g}, "
                f"{weight.weight:g}, {weight.high:g}.",
            )


@cache
def _bundled(name: str) -> HarmScale:
    return HarmScale.from_csv(_BUNDLED / f"{name.replace('-', '_')}.csv")


def _beside(file: Path) -> HarmScaleFile:
    beside = file.with_suffix(".toml")
    if not beside.exists():
        return HarmScaleFile.model_validate({})
    return read_toml(beside, HarmScaleFile, what="the description of a harm scale")


def _read_weights(file: Path) -> tuple[tuple[Weight, ...], list[str]]:
    """Weights of a CSV, and the offences whose weight is blank. Offences are read as text."""
    try:
        rows = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{file.name}: a harm scale must be a CSV file: {error}") from error
    rows.columns = rows.columns.str.strip()
    missing = {"offence", "weight"} - set(rows.columns)
    if missing:
        raise DataError(
            f"{file.name}: a harm scale must have the columns offence and weight; "
            f"{listing(missing)} missing, there are {listing(rows.columns)}."
        )
    findings, weights, blank = Findings(), [], []
    for line, row in enumerate(rows.to_dict("records"), start=2):
        offence = row["offence"].strip()
        if not row["weight"].strip():
            blank.append(offence)
            continue
        numbers = [_number(row, column, file, line, findings) for column in _COLUMNS]
        weights.append(Weight(offence, *numbers))
    findings.raise_errors(DataError)
    return tuple(weights), blank


def _number(row: dict[Any, Any], column: str, file: Path, line: int, findings: Findings) -> float:
    text = str(row.get(column, "")).strip() or str(row["weight"]).strip()
    try:
        return float(text)
    except ValueError:
        findings.error(
            "weight-not-a-number",
            "a weight must be a number.",
            file=file.name,
            line=line,
            column=column,
            value=text[:40],
            mend="Write it with a decimal point and without thousands separators.",
        )
        return float("nan")
