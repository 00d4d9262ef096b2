"""The front door of disclosure control: one table made safe."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.record import RunRecord
from hotspots.core.shown import HarmShown, Shown
from hotspots.disclosure.refuse import check_marking, overlapping, refuse
from hotspots.disclosure.rules import (FEWEST, Frame, count_columns, counts_in_cells, is_disclosed, is_monthly, is_published, known_columns)
from hotspots.disclosure.suppress import harm_codes, in_order_of_names, months, totals


def apply_disclosure(
    areas: Frame,
    record: RunRecord,
    *,
    earlier: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
    beside: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
    keep: Iterable[str] = (),
) -> Frame:
    """A copy of a table that is safe for the audience of the run.

    Parameters
    ----------
    areas : GeoDataFrame or DataFrame
        Areas, zones with or without totals, area_periods or overlaps.
    record : RunRecord
        Gives the audience; gets what was withheld, as a choice and as a caveat.
    earlier : DataFrame or several, optional
        Tables that audience already has, monthly ones included, as the library made or wrote them.
        Where subtraction could tell a count under 5, counts are rounded more coarsely or withheld;
        another geography over an overlapping period is refused.
    beside : DataFrame or several, optional
        For zones, clusters and counts by period: the tables of cells that the same product shows. A
        number that would tell a count under 5 beside them is rounded more coarsely or withheld.
    keep : iterable of str
        Further columns you vouch for. Columns the library does not know are left out otherwise.

    Returns
    -------
    GeoDataFrame or DataFrame
        For ``internal`` and ``protect``, and where every source was already published record by
        record: an unchanged copy. Else withheld numbers are missing, ``shown`` says in each row
        what was done (a code of :class:`~hotspots.core.shown.Shown`), ``shown_low`` and
        ``shown_high`` what a reader may conclude; ``disclosed_for`` names the audience.

        Counts below 5, none included, are withheld, all others rounded to 5. ``partner``: harm is
        the middle of a band (``harm_low`` to ``harm_high`` are its edges) that holds the harm of
        the rounded count at the area's mean weight, withheld where fewer than 5 incidents
        carry a weight or one event or place is more than half; clusters are drawn
        on 100 m squares. ``public``: nothing derived from anything finer than the rounded counts.

    Raises
    ------
    InputError
        For incident rows or points, a Protect zone in another product, a Protect product without
        Protect marking, a geography too fine, a second geography, or a sensitive theme in public.

    Notes
    -----
    Rounding and withholding protect against arithmetic on what the library publishes. They cannot
    know what a reader has from elsewhere, for instance an export nobody passed as ``earlier``.

    References
    ----------
    Office for National Statistics, "Policy on protecting confidentiality in tables of birth and
    death statistics" (thresholds, rounding, secondary suppression); Hundepool et al. (2012)
    "Statistical Disclosure Control", https://doi.org/10.1002/9781118348239

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"kind": "h3-8", "theme": "asb", "incident_count": [13, 2, 0]},
    ...     index=["a", "b", "c"], geometry=[box(0, 0, 800, 800)] * 3, crs=27700)
    >>> record = RunRecord("Town", marking="PUBLISHED", audience="public")
    >>> apply_disclosure(areas, record)["incident_count"].tolist()
    [15.0, nan, nan]
    """
    check_marking(record)
    refuse(areas, record)
    if record.audience in ("internal", "protect") or is_disclosed(areas, record):
        return areas.copy()
    if is_published(record):
        record.warn_reader(Caveat("published"))
        return areas.copy()
    safe = known_columns(areas, record, set(keep))
    before = overlapping(areas, _several(earlier), record.audience)
    if "share_of_area" in areas.columns and not count_columns(areas, record):
        safe["shown"] = Shown.SHARE
        safe = in_order_of_names(safe)
    elif is_monthly(areas):
        same = overlapping(areas, _several(beside), record.audience)
        safe = months(safe, areas, record, before, same)
    elif count_columns(areas, record):
        safe = totals(safe, areas, record, before, _several(beside), _several(earlier))
    else:
        safe["shown"] = Shown.EXACT
    safe["disclosed_for"] = record.audience
    _log(safe, areas, record)
    return safe


def disclose_tables(
    tables: Iterable[Frame],
    record: RunRecord,
    *,
    earlier: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
) -> list[Frame]:
    """All tables of one product, in the order given: zones and clusters beside its cells."""
    tables, before = list(tables), _several(earlier)
    small = [number for number, table in enumerate(tables) if counts_in_cells(table)]
    safe = {number: apply_disclosure(tables[number], record, earlier=before) for number in small}
    for number, table in enumerate(tables):
        if number not in safe:
            beside = [*safe.values()]
            safe[number] = apply_disclosure(table, record, earlier=before, beside=beside)
    return [safe[number] for number in range(len(tables))]


def _several(tables: pd.DataFrame | Iterable[pd.DataFrame] | None) -> list[pd.DataFrame]:
    return [tables] if isinstance(tables, pd.DataFrame) else list(tables or ())


def _log(safe: pd.DataFrame, areas: pd.DataFrame, record: RunRecord) -> None:
    """What was withheld, for the manifest and for the page."""
    kinds = sorted(set(areas["kind"].astype(str))) if "kind" in areas.columns else []
    themes = sorted(set(areas["theme"].dropna().astype(str))) if "theme" in areas.columns else []
    if not count_columns(areas, record) or is_monthly(areas):
        return
    codes = safe["shown"]
    held = int(codes.isin([Shown.SMALL, Shown.LINKED]).sum())
    bands = safe[harm_codes(safe)]
    harm = int(((codes == Shown.ROUNDED) & (bands == HarmShown.WITHHELD).any(axis=1)).sum())
    record.choose(
        "apply_disclosure",
        audience=record.audience,
        geography=kinds,
        themes=themes,
        areas=len(safe),
        counts_withheld=held,
        harm_withheld=harm,
        left_out=sorted(map(str, set(areas.columns) - set(safe.columns))),
    )
    if (bands == HarmShown.BAND).any(axis=None):
        record.warn_reader(Caveat("harm-bands"))
    if len(safe):
        about = {"what": ", ".join(themes) or "totals", "kinds": ", ".join(kinds) or "areas"}
        counts = {"held": held, "areas": len(safe), "harm": harm, "fewest": FEWEST}
        record.warn_reader(Caveat("withheld", about | counts))
