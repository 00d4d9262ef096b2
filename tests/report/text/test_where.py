"""Where the incidents fall, in words."""

from hotspots.report.text.where import where_lines, where_sentence

WHERE = {
    "west": -1.6, "south": 53.7, "east": -1.5, "north": 53.8,
    "grid_squares": {"SE33": 0.6, "SE23": 0.4}, "near": {"Leeds": 0.97},
    "districts": {"Leeds": 0.9},
    "piles": [{"place_name": "Boar <Lane>", "grid_reference": "SE302335", "incidents": 1234}],
    "within": 0.9, "forces": ["West Yorkshire Police"],
}  # fmt: skip


def test_a_line_says_the_town_the_squares_and_the_pile():
    said = where_sentence(WHERE)
    assert said == (
        "Incidents fall nearest to Leeds (97%), in squares SE33 (60%) and SE23 (40%); most at one "
        "place: SE302335 (Boar <Lane>), 1,234; 90% in the area"
    )


def test_places_abroad_are_said_in_degrees_and_nothing_is_said_of_none():
    abroad = {**WHERE, "grid_squares": {}, "near": {}, "districts": {}, "piles": []}
    assert where_sentence(abroad).startswith("Incidents fall between 53.7 and 53.8 north")
    assert where_sentence({}) == "" and where_lines({}) == ["No incident has a place."]


def test_a_sheet_has_every_kind_of_it():
    said = " ".join(where_lines(WHERE))
    for part in ("SE33 60%", "Leeds 97%", "Leeds 90%", "West Yorkshire Police", "SE302335"):
        assert part in said
