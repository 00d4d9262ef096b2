"""Harm of every incident, from the weight of its offence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from hotspots.core.arguments import has_record, require_made, require_word, size_of
from hotspots.core.behind import UNIT
from hotspots.core.caveats import Caveat
from hotspots.core.errors import Findings, InputError, listing, needed
from hotspots.core.plain import plain
from hotspots.core.record import Entry, RunRecord
from hotspots.core.tables import INCIDENTS, on_every_row, require_table
from hotspots.core.text.mends import Mend
from hotspots.offences.codes import Offence, distinct_offences, raise_unknown
from hotspots.offences.harm_scale import HarmScale, Weight

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Codes, Floats

Transform = Literal["none", "sqrt", "log1p", "cap"]


def weigh_harm(
    incidents: gpd.GeoDataFrame,
    scale: HarmScale,
    *,
    default: float | None = None,
    unknown: Literal["error", "missing"] = "error",
    transform: Transform = "none",
    cap: float | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Give every incident the harm of its offence.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table; needs ``offence`` in the scheme of the scale.
    scale : HarmScale
        Weight per offence, in ``scale.unit``.
    default : float, optional
        Weight for offences the scale does not know. By default they are an error that names each
        with its count. Known but unweighted ones (ASB) get a missing harm either way, never zero.
    unknown : {"error", "missing"}
        Without a default, ``"missing"`` leaves the harm of offences the scale does not know missing
        and says how many.
    transform : {"none", "sqrt", "log1p", "cap"}
        Applied to every weight: the square root, ``log(1 + weight)``, or the smaller of the weight
        and ``cap``. They tame "frequency deserts", where one homicide makes a hotspot that patrols
        find empty.
    cap : float, optional
        For ``transform="cap"``, in units of the scale.
    record : RunRecord, optional
        Gets the choices, the attribution and the caveats of the scale.

    Returns
    -------
    GeoDataFrame
        A copy with ``harm``, ``harm_low``, ``harm_high`` (float, >= 0 or missing) and
        ``harm_scale`` (name of the scale, with the transform) and ``harm_unit``. Same index and
        order. What was weighed before is replaced, in the record too.

    Raises
    ------
    InputError
        For a default, transform or cap that means nothing.
    DataError
        For offences without a weight, each with its count, unless there is a default.

    Notes
    -----
    Harm is a property of the offence, not of the incident. It misleads when codes are coarser than
    the scale: on data.police.uk a common assault weighs as much as a murder, and ``harm_low`` and
    ``harm_high`` say how far another mix of offences would move the weight.

    References
    ----------
    Office for National Statistics (2016). Research outputs: developing a Crime Severity Score for
    England and Wales using data on crimes recorded by the police.
    Sherman, L., Neyroud, P. W. and Neyroud, E. (2016). https://doi.org/10.1093/police/paw003

    Examples
    --------
    >>> import geopandas as gpd
    >>> rows = {"offence": ["Robbery", "Anti-social behaviour"], "offence_scheme": "police_uk"}
    >>> incidents = gpd.GeoDataFrame(rows, geometry=[None, None], crs="EPSG:27700")
    >>> scale = HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    >>> weigh_harm(incidents, scale)["harm"].tolist()
    [799.6, nan]
    """
    require_table(
        incidents, INCIDENTS, argument="incidents", only=["offence", "offence_scheme", "geometry"]
    )
    require_made("scale", scale, HarmScale, 'HarmScale.bundled("ons-css")')
    _check_choices(default, transform, cap)
    distinct, which = distinct_offences(incidents)
    counts = np.bincount(which, minlength=len(distinct))
    found = [_weight(offence, scale) for offence in distinct]
    require_word("unknown", unknown, ("error", "missing"))
    if default is None and unknown == "error":
        _refuse_unknown(distinct, counts, found, scale)
    numbers = np.array([_three(weight, default) for weight in found], dtype=float).reshape(-1, 3)
    numbers = _transformed(numbers, transform, cap)[which]
    name = _scale_name(scale, transform, cap)
    columns = dict(zip(("harm", "harm_low", "harm_high"), numbers.T, strict=True))
    rows = len(incidents)
    alike = np.zeros(rows, dtype=np.int8)
    unit = pd.Categorical.from_codes(alike, categories=pd.Index([scale.unit]))
    weighed = incidents.assign(**columns, harm_scale=on_every_row(name, rows), **{UNIT: unit})
    if has_record(record):
        without = int(sum(n for n, weight in zip(counts, found, strict=True) if weight is None))
        choice = {"harm_scale": name, "transform": transform, "cap": cap, "default": default}
        files = set(incidents["source"].unique()) if "source" in incidents.columns else set()
        known = [one.facts.get("police_forces", ()) for one in record.sources if one.name in files]
        said = (*_caveats(scale, default, without), *_of_a_force(scale, known))
        _write_down(record, ", ".join(sorted(map(str, files))), scale, choice, said)
    return weighed


NO_PLACE_OF_ITS_OWN = "British Transport Police"


def _of_a_force(scale: HarmScale, known: Sequence[Iterable[str]]) -> Iterator[Caveat]:
    """Weights are averages of one force: which others the files name, or that some name none."""
    if not scale.police_force:
        return
    others = {force for forces in known for force in forces}
    others -= {scale.police_force, NO_PLACE_OF_ITS_OWN}
    if others:
        said = {"force": scale.police_force, "forces": listing(sorted(others), most=3)}
        yield Caveat("scale-of-elsewhere", said)
    if not all(known):
        yield Caveat("scale-of-one-force", {"force": scale.police_force})


def _check_choices(default: float | None, transform: str, cap: float | None) -> None:
    findings = Findings()
    if default is not None:
        size_of(default, "default", zero=True)
    findings.one_of("transform", transform, get_args(Transform), "transform")
    if transform == "cap":
        size_of(needed(cap, '`transform="cap"` needs `cap`, a weight above 0.'), "cap")
    if transform != "cap" and cap is not None:
        findings.error(
            "cap", f'`cap` is only used by `transform="cap"`; got {cap!r} with {transform!r}.'
        )
    findings.raise_errors(InputError)


def _weight(offence: Offence, scale: HarmScale) -> Weight | None:
    return scale.find(offence.code) if offence.scheme == scale.offence_scheme else None


def _refuse_unknown(
    distinct: list[Offence], counts: Codes, found: list[Weight | None], scale: HarmScale
) -> None:
    raise_unknown(
        [
            (offence, int(count))
            for offence, count, weight in zip(distinct, counts, found, strict=True)
            if weight is None
        ],
        expected=f"on the harm scale {scale.name!r} (offence scheme {scale.offence_scheme!r})",
        mend=Mend("give-weights"),
        rule="offence-without-weight",
    )


def _three(weight: Weight | None, default: float | None) -> tuple[float, float, float]:
    if weight is None:
        filled = float("nan") if default is None else float(default)
        return filled, filled, filled
    return weight.weight, weight.low, weight.high


def _transformed(numbers: Floats, transform: str, cap: float | None) -> Floats:
    """Every transform keeps the order, so low <= harm <= high still holds."""
    if transform == "sqrt":
        return np.sqrt(numbers)
    if transform == "log1p":
        return np.log1p(numbers)
    if transform == "cap" and cap is not None:
        return np.minimum(numbers, float(cap))
    return numbers


def _scale_name(scale: HarmScale, transform: str, cap: float | None) -> str:
    if transform == "none":
        return scale.name
    return f"{scale.name} (cap {cap:g})" if transform == "cap" else f"{scale.name} ({transform})"


def _caveats(scale: HarmScale, default: float | None, without: int) -> Iterator[Caveat]:
    if scale.caveat:
        yield Caveat("definition", {"text": scale.caveat})
    if without and default is None:
        yield Caveat("no-weight", {"incidents": without}, counts_incidents=True)
    elif without:
        counted = {"incidents": without, "weight": default}
        yield Caveat("default-weight", counted, counts_incidents=True)


def _write_down(
    record: RunRecord,
    files: str,
    scale: HarmScale,
    choice: dict[str, Any],
    said: tuple[Caveat, ...],
) -> None:
    """What a source was weighed by, instead of what was told of it before."""
    method: dict[str, Any] = {"title": scale.title, "edition": scale.edition, "unit": scale.unit}
    method |= {"unweighted": list(scale.unweighted)}
    chosen = ("weigh_harm", plain(choice | method))
    record.tell(Entry(f"weigh_harm {files}", said, (chosen,), (scale.attribution,)))
