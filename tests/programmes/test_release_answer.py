"""The table of a command beside the product that the same readers have."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from refusing import refused
from small_towns import cells, halves, released, ward_of

import hotspots as hs
from hotspots.core.states import Shown
from hotspots.programmes.release_answer import ANSWER, release_answer

EXACT = cells([14, 4])
PERIODS = halves(EXACT, [(7, 7), (3, 1)])


@dataclass(frozen=True)
class Product:
    """What stands for a product file: its readers get two cells and their halves."""

    audience: str = "internal"
    marking: str = "OFFICIAL"
    sections: dict[str, Any] = field(default_factory=dict)
    briefings: None = None
    decisions: None = None
    previous: Any = None

    def run(self):
        assert self.audience == "partner" and self.previous is None
        return SimpleNamespace(release=lambda: released(EXACT, area_periods=PERIODS))


def test_wards_of_a_command_do_not_tell_what_halves_of_the_product_leave():
    """Halves say that the first cell holds 14 at most; a ward of 18 or more would tell both."""
    ward = ward_of(EXACT, 18).rename(columns={"asb_count": "incident_count"})
    record = hs.RunRecord("Wards", "OFFICIAL", "partner")
    made = [
        release_answer(ward, record, product=product)
        for product in (None, Product(previous="exact"))
    ]
    shown = [one.tables[ANSWER]["shown"].tolist() for one in made]
    assert shown == [[Shown.ROUNDED], [Shown.MERGED_DOWN]]


def test_internal_readers_get_the_answer_as_it_is_and_nothing_is_run_for_them():
    ward = ward_of(EXACT, 18).rename(columns={"asb_count": "incident_count"})
    record = hs.RunRecord("Wards", "OFFICIAL")
    made = release_answer(ward, record, product=Product())
    assert made.tables[ANSWER]["incident_count"].tolist() == [18]


def test_what_no_partner_may_have_is_refused_before_the_product_is_run():
    streets = cells([12, 11]).assign(kind="street")
    record = hs.RunRecord("Roads", "OFFICIAL", "partner")
    with refused("street-segments"):
        release_answer(streets, record, product=Product("never run"))


def patrols(harm):
    """Two patrol areas side by side in the order of their exact harm."""
    table = cells([12, 11]).assign(kind="patrol", min_incidents=10, harm=harm)
    return table.sort_values("harm", ascending=False)


def test_partners_cannot_read_the_exact_order_off_the_table():
    record = hs.RunRecord("Patrols", "OFFICIAL", "partner")
    made = [release_answer(patrols(harm), record).tables[ANSWER] for harm in ([1, 2], [2, 1])]
    assert [list(table.index) for table in made] == [["c0", "c1"]] * 2
    exact = release_answer(patrols([1, 2]), hs.RunRecord("Patrols", "OFFICIAL"))
    assert list(exact.tables[ANSWER].index) == ["c1", "c0"]
