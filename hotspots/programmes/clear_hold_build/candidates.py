"""What is compared: candidate areas, given or grown, and the incidents of each category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.analysis.names import name_areas
from hotspots.analysis.regions.grow import (
    Reach,
    choose_grid,
    gather_blocks,
    grow_places,
    outlines_of,
    owners_of,
)
from hotspots.analysis.regions.set_packing import pack_places, too_close
from hotspots.core.crs import coordinates, require_ground, require_same_crs
from hotspots.core.errors import Findings, InputError, listing, require
from hotspots.core.points import distinct_places
from hotspots.core.tables import AREAS, INCIDENTS, has_shapes, require_table
from hotspots.core.text.mends import Mend
from hotspots.offences.baskets import basket_members, basket_names, basket_status
from hotspots.offences.codes import POLICE_UK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid
    from hotspots.core.select import Selection

NAME_COLUMNS = ("place_name", "area_name", "zone_name")
MOST_GROWN = 40
MOST_SEEDS = 600
MOST_CATEGORIES = 60
PARTNERSHIP_FIVE = {
    "Class B drugs": "class_b",
    "cannabis possession": "cannabis_possession",
    "cannabis trafficking": "cannabis_trafficking",
    "weapon possession": "weapon_possession",
    "violence (without section 47 and domestic)": "violence_excl_s47_domestic",
}
PROXY = "(open-data proxy)"
PROXY_TYPES = ("Drugs", "Possession of weapons", "Violence and sexual offences")


@dataclass(frozen=True)
class Candidates:
    """Areas to compare: a table with ``name``, and which incidents lie in each (sparse)."""

    table: pd.DataFrame
    inside: Any

    def first(self, index: pd.Index) -> pd.Series:
        """The first candidate each incident lies in; missing for none."""
        matrix = self.inside.tocsr()
        somewhere = np.diff(matrix.indptr) > 0
        found = np.full(matrix.shape[0], None, dtype=object)
        first = matrix.indices[matrix.indptr[:-1][somewhere]]
        found[somewhere] = self.table.index.to_numpy(dtype=object)[first]
        return pd.Series(found, index=index, name="area_id", dtype=object)


def given_areas(
    areas: gpd.GeoDataFrame, used: gpd.GeoDataFrame, max_area_km2: float | None
) -> Candidates:
    """Polygons to compare, in order of id; a point on the border of two lies in both."""
    require_table(areas, AREAS, argument="candidates", only=["geometry"])
    require_ground(areas, "candidates")
    require_same_crs(used, areas, ("incidents", "candidates"))
    areas = areas.iloc[np.argsort(areas.index.astype(str).to_numpy(), kind="stable")]
    table = areas.rename_axis("area_id").assign(
        name=_names(areas), area_km2=areas.geometry.area / 1e6
    )
    if max_area_km2 is not None:
        _require_budget(table, max_area_km2)
    x, y = coordinates(used.geometry)
    places, inverse = distinct_places(x, y)
    # Places are whole millimetres (`distinct_places`): each is asked once, however many incidents
    # it has.
    tree = shapely.STRtree(np.asarray(shapely.points(places / 1000)))
    area, place = tree.query(np.asarray(areas.geometry), predicate="intersects")
    hits = _sparse(place, area, (len(places), len(areas)))
    return Candidates(table, hits[inverse] if len(inverse) else _sparse([], [], (0, len(areas))))


def assigned_areas(mine: pd.Series, grid: Grid | None, crs: Any) -> Candidates:
    """The areas incidents are assigned to, cells with their outlines; missing for those in none."""
    codes, ids = pd.factorize(mine, sort=True)
    held = np.flatnonzero(codes >= 0)
    table = pd.DataFrame({"name": [str(name) for name in ids]}, index=pd.Index(ids, name="area_id"))
    if grid is not None:
        cells = np.asarray(ids, dtype=object)
        table["area_km2"] = grid.areas_km2(cells)
        table = gpd.GeoDataFrame(table, geometry=grid.polygons(cells, crs), crs=crs)
    return Candidates(table, _sparse(held, codes[held], (len(mine), len(ids))))


def grown_areas(
    used: gpd.GeoDataFrame, grid: Grid | None, max_area_km2: float, max_walk_m: float
) -> Candidates:
    """Neighbourhoods grown from the busiest blocks, at most forty, none overlapping another."""
    blocks = gather_blocks(used, choose_grid(used)[0] if grid is None else grid)
    if len(blocks) and blocks.area_km2.min() > max_area_km2:
        raise InputError(
            f"one block has {blocks.area_km2.min():.3f} km², more than a candidate may have "
            f"(`max_area_km2={max_area_km2:g}`).",
            rule="block-too-large",
            mend=Mend("finer-candidates"),
        )
    worth = blocks.count.astype(float)
    every = np.ones(len(blocks), dtype=bool)
    reach = Reach(max_area_km2, max_walk_m)
    places = grow_places(blocks, worth, reach, every, MOST_SEEDS)
    close = too_close(blocks, np.arange(len(blocks)), 0.0)
    chosen = pack_places(places, close, MOST_GROWN, exact=False).chosen
    members = [places.blocks_of(place) for place in chosen]
    outlines = outlines_of(blocks, members, "candidate", used.crs)
    table = gpd.GeoDataFrame({"area_km2": outlines.area / 1e6}, geometry=outlines)
    table["name"] = table.index.astype(object)
    mine = owners_of(blocks, members)
    held = np.flatnonzero(mine >= 0)
    return Candidates(table, _sparse(held, mine[held], (len(used), len(table))))


def named(compared: Candidates, members: Selection) -> Candidates:
    """Candidates that have no names of their own take that of their street."""
    table = compared.table
    own = bool((table["name"].astype(str) != table.index.astype(str)).any())
    if own or not len(table) or not has_shapes(table):
        return compared
    streets = name_areas(table, members)["place_name"]
    return replace(compared, table=table.assign(name=streets.astype(object)))


def _names(areas: gpd.GeoDataFrame) -> pd.Series:
    """The first column of names there is, else the id."""
    names = pd.Series(areas.index.astype(str), index=areas.index, dtype=object)
    for column in reversed(NAME_COLUMNS):
        if column in areas.columns:
            known = areas[column].astype(object)
            names = known.where(known.notna() & (known != ""), names)
    return names


def _require_budget(table: pd.DataFrame, max_area_km2: float) -> None:
    large = table[table["area_km2"] > max_area_km2]
    require(
        not len(large),
        f"`candidates` may have {max_area_km2:g} km² each; {len(large):,} of {len(table):,} have "
        f"more: {listing(large['name'])}. A large area wins by its size; cut it, or allow more.",
    )


def _sparse(rows: Any, columns: Any, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    # The first candidate of an incident is read off the order of its columns.
    matrix.sort_indices()
    return matrix


def police_uk_proxy_categories(incidents: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Three categories open police data can carry, each named as a proxy.

    The five of the partnership (Class B drugs, cannabis possession, cannabis trafficking, weapon
    possession, violence without section 47 and domestic) cannot be told apart there.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents of the scheme ``police_uk``.

    Returns
    -------
    dict of str to Series
        For ``categories=``: drugs, possession of weapons, violence and sexual offences.

    Raises
    ------
    InputError
        For incidents of another scheme.

    Notes
    -----
    "Violence and sexual offences" holds common assault, domestic abuse and sexual offences at home:
    who is first in it says little about violence in the street.

    References
    ----------
    https://data.police.uk/about/ (crime types).

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"offence": ["Drugs", "Burglary"], "offence_scheme": "police_uk"})
    >>> {name: int(flags.sum()) for name, flags in police_uk_proxy_categories(rows).items()}
    {'drugs (open-data proxy)': 1, 'possession of weapons (open-data proxy)': 0,
     'violence and sexual offences (open-data proxy)': 0}
    """
    require_table(incidents, INCIDENTS, argument="incidents", only=["offence", "offence_scheme"])
    others = set(incidents["offence_scheme"].dropna().unique()) - {"police_uk"}
    require(
        not others,
        f"the open-data proxy needs incidents of the scheme 'police_uk'; got {listing(others)}. On "
        "a force extract use the five categories (see `basket_members`).",
    )
    offence = incidents["offence"].astype(object)
    return {f"{name[0].lower()}{name[1:]} {PROXY}": offence.eq(name) for name in PROXY_TYPES}


def category_flags(
    incidents: gpd.GeoDataFrame,
    categories: Mapping[str, str | pd.Series] | None,
    undecided: str,
) -> dict[str, NDArray[np.bool_]]:
    """A mask for each category on the rows of the incidents; every fault named at once."""
    if categories is None:
        categories = _usual_categories(incidents, undecided)
    require(
        isinstance(categories, Mapping) and 1 <= len(categories) <= MOST_CATEGORIES,
        f"`categories` must map 1 to {MOST_CATEGORIES} names to boolean columns or Series; got "
        f"{len(categories) if hasattr(categories, '__len__') else type(categories).__name__}.",
    )
    findings = Findings()
    flags = {}
    for name, given in categories.items():
        column: Any = given
        if isinstance(given, str):
            if given not in incidents.columns and given not in basket_names():
                findings.error(
                    "missing-column",
                    f"category {name!r} needs the column {given!r} in `incidents`, which has "
                    f"{listing(incidents.columns, most=30)}, or the name of a basket.",
                )
                continue
            own = given in incidents.columns
            column = (
                incidents[given] if own else basket_members(incidents, given, undecided=undecided)
            )
        problem = flag_problem(column, incidents.index)
        if problem:
            findings.error("bad-category", f"category {name!r} {problem}")
        else:
            flags[str(name)] = np.asarray(column.reindex(incidents.index), dtype=bool)
    findings.raise_errors(InputError)
    return flags


def without_categories(incidents: gpd.GeoDataFrame) -> pd.Series:
    """The offence schemes of incidents whose codes are in none of the usual categories."""
    schemes = incidents["offence_scheme"].astype(str)
    able = [
        scheme
        for scheme in schemes.unique()
        if all(basket_status(one, scheme).state != "absent" for one in PARTNERSHIP_FIVE.values())
    ]
    return schemes[~schemes.isin(able)] if able else schemes.iloc[:0]


def _usual_categories(incidents: gpd.GeoDataFrame, undecided: str) -> dict[str, pd.Series]:
    """The five of the partnership, of the sources that carry them; on open data the proxy."""
    if set(incidents["offence_scheme"].unique()) == {POLICE_UK}:
        return police_uk_proxy_categories(incidents)
    asked = incidents.drop(index=without_categories(incidents).index)
    found = {
        name: basket_members(asked, basket, undecided=undecided)
        for name, basket in PARTNERSHIP_FIVE.items()
    }
    return {name: flags.reindex(incidents.index, fill_value=False) for name, flags in found.items()}


def flag_problem(column: Any, index: pd.Index) -> str | None:
    """Why a column cannot say true or false of every incident; None when it can."""
    if not isinstance(column, pd.Series):
        return f"must be a column name or a boolean Series; got {type(column).__name__}."
    if not column.index.is_unique or len(index.difference(column.index)):
        missing = len(index.difference(column.index))
        return f"must have a value for every incident; {missing:,} of {len(index):,} have none."
    if column.isna().any() or (len(column) and column.dtype.kind != "b" and
                               str(column.dtype) != "boolean"):  # fmt: skip
        return f"must be true or false for every incident; got {column.dtype}."
    return None
