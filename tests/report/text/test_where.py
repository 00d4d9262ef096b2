"""Where the incidents fall, in words that stand in ``golden_sentences.json``."""

from report_samples import WHERE

from hotspots.report.text.ground_words import where_lines


def test_a_line_gives_the_share_of_each_square_the_pile_and_what_is_in_the_area(said):
    line = said["where: in a district"]
    told = [
        line.index(one) for one in ("Leeds (90%)", "SE33 (60%)", "SE23 (40%)", "1,234", "90% in")
    ]
    assert told == sorted(told)
    assert "SE302335 (Boar <Lane>)" in line


def test_places_abroad_are_said_in_degrees_and_nothing_is_said_of_none(said):
    assert "53.7" in said["where: abroad"] and "SE" not in said["where: abroad"]
    assert said["where: nowhere"] == ""
    assert len(said["where: nowhere, lines"].splitlines()) == 1


def test_a_sheet_has_every_kind_of_it():
    told = " ".join(where_lines(WHERE))
    for part in ("SE33 60%", "Leeds 90%", "West Yorkshire Police", "SE302335"):
        assert part in told
