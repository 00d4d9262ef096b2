"""Another tool imports the library and gets Clear, Hold, Build and Jemlock areas as GeoJSON.

python examples/other_tool.py product.toml folder
"""

import json
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd

import hotspots as hs

SCHEMA = 1


def write_areas(configuration: str, folder: str | Path) -> tuple[str, str]:
    """Choose the areas of a product and write them: the same tables that the commands write."""
    product = hs.load_product(configuration)
    if not isinstance(product, hs.TaskingProduct):
        raise SystemExit(f"{configuration} is a Protect product")
    record = hs.RunRecord(product.title, product.marking, product.audience)
    incidents = product.prepare(record)
    asked = hs.select(incidents, hs.Question(period=product.period, within=product.within))

    violence = asked.of("serious_violence")
    patrols = hs.select_patrol_areas(
        violence, by=None, min_incidents=4, wards=of_kind(product, "ward"), record=record
    )
    screen = hs.screen_clear_hold_build(
        asked,
        undecided="out",
        night_time_economy=of_kind(product, "night_time_economy"),
        record=record,
    )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    hs.write_geojson(patrols.areas, folder / "jemlock.geojson", record=record)
    hs.write_geojson(screen.table, folder / "clear-hold-build.geojson", record=record)
    return patrols.to_sentence(), screen.to_paragraph()


def of_kind(product: hs.TaskingProduct, kind: str) -> gpd.GeoDataFrame | None:
    """The zones of a kind, from whichever file of the product; None where there are none."""
    found = (zones.loc[zones["kind"].eq(kind)] for zones in product.zones)
    return next((zones for zones in found if len(zones)), None)


def read_areas(path: str | Path) -> tuple[str, list[dict[str, Any]]]:
    """What a tool without the library does: look at the version, take the areas to patrol."""
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    if content["hotspots_schema"] != SCHEMA:
        raise ValueError(f"{path}: written for schema {content['hotspots_schema']}, not {SCHEMA}")
    rows = [feature["properties"] for feature in content["features"]]
    return content["marking"], [row for row in rows if row.get("status") != "near miss"]


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        sys.exit("usage: python examples/other_tool.py product.toml folder")
    print("\n\n".join(write_areas(*arguments)))
    for name in ("jemlock", "clear-hold-build"):
        marking, rows = read_areas(Path(arguments[1]) / f"{name}.geojson")
        print(f"\n{name}: {len(rows)} areas, marked {marking}")


if __name__ == "__main__":
    main(sys.argv[1:])
