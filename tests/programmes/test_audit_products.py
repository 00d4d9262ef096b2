"""What an outsider works out from folders of products, and whether a folder is still the same."""

import json
from functools import partial
from types import SimpleNamespace

import pytest
from refusing import refused
from small_towns import cells, halves, released, ward_of

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.errors import DataError
from hotspots.core.record import sha256_of
from hotspots.programmes.audit_products import audit_products, never_held_against
from hotspots.programmes.tasking.load_product import PRODUCTS
from hotspots.report.manifest import write_manifest


def product(made, folder):
    """A folder with the tables of a release, a page that says nothing, and a manifest."""
    folder.mkdir()
    hs.write_geopackage(made, folder / "hotspots.gpkg")
    (folder / "map.html").write_text(f"a page of {folder.name}")
    write_manifest(made.record, folder, ["map.html", "hotspots.gpkg"])
    return folder


@pytest.fixture
def told_together(tmp_path):
    """Cells in one product and a ward in another, made as if nobody knew of the first."""
    exact = cells([7, 7, 4])
    first = product(released(exact), tmp_path / "cells")
    return first, product(released(zones=ward_of(exact, 18)), tmp_path / "ward")


def test_two_folders_tell_together_what_neither_tells(told_together):
    one, other = told_together
    assert audit_products([one]).told == 0
    found = audit_products([one, other])
    assert found.told == 1
    (area,) = found.to_dict()["areas"]
    assert (area["area_id"], area["fewest"], area["most"]) == ("c2", 4, 4)


def test_a_folder_is_audited_with_its_periods(tmp_path):
    exact = cells([14, 4])
    made = released(exact, zones=ward_of(exact, 18), area_periods=halves(exact, [(7, 7), (3, 1)]))
    product(made, tmp_path / "p")
    found = audit_products([tmp_path / "p"])
    assert (found.told, found.narrow) == (0, 0) and len(found.areas) >= 3


def test_an_internal_product_tells_all_its_small_counts_and_is_named_once(tmp_path, typed_in):
    exact = hs.release(cells([14, 4, 0]), audience="internal", marking="OFFICIAL")
    product(exact, tmp_path / "p")
    assert audit_products([tmp_path / "p"]).told == 2
    code, out, _ = typed_in(tmp_path, "audit", "p")
    assert code == 1 and len(out.splitlines()) == 2 and "hotspots.gpkg" in out


def test_the_commands_answer_with_their_exit_codes(told_together, typed_in, tmp_path):
    one, other = told_together
    typed = partial(typed_in, tmp_path)
    assert typed("audit", one)[0] == 0
    code, out, _ = typed("audit", one, other, "--json")
    assert code == 1 and json.loads(out)["told"] == 1
    code, out, _ = typed("audit", one, other)
    assert code == 1 and "c2" in out
    assert typed("verify", one)[0] == 0
    (one / "map.html").write_bytes((other / "map.html").read_bytes())
    code, out, _ = typed("verify", one, "--json")
    assert code == 1 and json.loads(out)["changed"] == ["map.html"]
    (one / "map.html").unlink()
    assert "missing: map.html" in typed("verify", one)[1]


def test_a_product_for_the_same_readers_beside_one_that_was_not_named_is_told(tmp_path):
    """Not one for others, of other days, in a folder that is no product, or named as earlier.

    One of another period in the folder itself would be gone: then nothing is written. Partners read
    what is public.
    """

    def made(name, period, audience="partner"):
        record = hs.RunRecord(name, "FOR READERS", audience)
        record.choose("product", place="Town", period=period, compare=["2024-01/2024-12"])
        exact = cells([7, 3], area_km2=0.25, place_name="Mill Road", share_inside=1.0)
        made = hs.release(exact.assign(kind="h3-8"), audience=audience, record=record)
        folder = product(made, tmp_path / name)
        return folder / "hotspots.gpkg"

    half, year = made("half", "2025-01/2025-06"), made("year", "2025-01/2025-12")
    later = made("later", "2026-01")
    made("inside", "2025-03", "internal")
    open_to_all = made("open", "2025-05/2025-06", "public")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "manifest.json").write_text('{"audience": "partner", "choices": []}')
    asked = SimpleNamespace(period="2025-07/2025-12", compare=("2025-05",), audience="partner",
                            earlier_files={}, previous=None)  # fmt: skip
    assert never_held_against(tmp_path / "now", asked) == [half, open_to_all, year]
    with refused("readers-have-it", str(half), of="out"):
        never_held_against(tmp_path / "half", asked)
    same = SimpleNamespace(**vars(asked) | {"period": "2025-01/2025-06", "compare": ("2024",)})
    assert never_held_against(tmp_path / "half", same) == [later, open_to_all, year], "made again"
    asked.audience = "public"
    assert never_held_against(tmp_path / "now", asked) == [half, open_to_all, year]
    asked.audience = "partner"
    told = year.with_name("manifest.json")
    says = json.loads(told.read_text(encoding="utf-8"))
    del says["outputs"]  # as the first version wrote it
    told.write_text(json.dumps(says), encoding="utf-8")
    assert never_held_against(tmp_path / "now", asked) == [half, open_to_all, year]
    asked.earlier_files["year.gpkg"] = sha256_of(year)
    assert never_held_against(tmp_path / "now", asked) == [half, open_to_all]


def test_a_folder_without_a_product_is_told(tmp_path):
    with refused("no-product", kind=DataError):
        audit_products([tmp_path])
    ward_of(cells([9]), 9)[["zone_name", "geometry"]].to_file(tmp_path / "wards.gpkg")
    with refused("nothing-counted", kind=DataError):
        audit_products([tmp_path])


def test_tables_that_no_numbers_fit_are_named_and_the_others_audited(tmp_path, typed_in):
    """A ward that counted what its cells left out, as wards of the first version did."""
    exact = cells([7, 7, 4])
    product(released(exact), tmp_path / "cells")
    product(released(zones=ward_of(exact, 50)), tmp_path / "ward")
    wide = ward_of(exact, 18).drop(columns="theme")
    product(released(zones=wide, behind=Behind(themes=("asb",))), tmp_path / "wide")
    assert len(audit_products([tmp_path / "wide"]).areas) == 0
    found = audit_products([tmp_path / "cells", tmp_path / "ward", tmp_path / "wide"])
    assert [one.rule for one in found.findings] == ["tables-disagree"]
    assert found.told == 1
    code, out, _ = typed_in(tmp_path, "audit", "cells", "ward")
    assert code == 0 and "square-500 (2025-01-01" in out and "ward (2025-01-01" in out


def test_data_that_were_published_one_by_one_have_nothing_to_tell_and_say_so(tmp_path, typed_in):
    product(released(cells([7, 4], published=True)), tmp_path / "p")
    code, out, _ = typed_in(tmp_path, "audit", "p")
    assert code == 0 and "published one by one" in out


def test_the_manifest_of_the_producer_names_what_went_in_and_a_partners_does_not():
    product = hs.load_product(PRODUCTS / "leeds.toml")
    assert product.inputs["leeds.toml"] == sha256_of(PRODUCTS / "leeds.toml")
    outlines = [name for name in product.inputs if name.endswith("geojson")]
    assert outlines and all(len(value) == 64 for value in product.inputs.values())
    assert not any(name[0] == "/" or "incidents" in name for name in product.inputs)
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    record.inputs.update(product.inputs)
    assert "inputs" in record.manifest()
    assert "inputs" not in released(cells([7]), record=record).record.manifest()
