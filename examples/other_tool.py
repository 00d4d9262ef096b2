"""Another tool imports the library and gets Clear, Hold, Build and Jemlock areas as GeoJSON.

python examples/other_tool.py product.toml folder
"""

import sys
from pathlib import Path

import hotspots as hs


def write_areas(configuration, folder):
    product = hs.load_product(configuration)
    record = hs.RunRecord(product.title, product.marking, product.audience)
    incidents = product.prepare(record)
    where = {"period": product.period, "within": product.within, "record": record}

    patrols = hs.select_patrol_areas(incidents, count=22, **where)
    named = hs.name_areas(patrols.areas, incidents, patrols.labels)

    night = [zones for zones in product.zones if (zones["kind"] == "night_time_economy").all()]
    police = incidents[incidents["offence_scheme"] == "home_office"]
    screen = hs.screen_clear_hold_build(
        police, undecided="out", night_time_economy=night[0] if night else None, **where
    )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    hs.write_geojson(named, folder / "jemlock.geojson", record=record)
    hs.write_geojson(screen.table, folder / "clear-hold-build.geojson", record=record)
    return patrols.to_sentence(), screen.to_paragraph()


if __name__ == "__main__":
    print("\n\n".join(write_areas(*sys.argv[1:])))
