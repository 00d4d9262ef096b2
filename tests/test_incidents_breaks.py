"""Known breaks are data, and a comparison that crosses one is told."""

import pytest

from hotspots.checks import InputError
from hotspots.incidents import crossed_breaks, known_breaks
from hotspots.record import RunRecord


def names(periods, **options):
    return [known.name for known in crossed_breaks(periods, **options)]


def test_every_break_says_what_changed_what_to_do_and_who_says_so():
    for known in known_breaks():
        assert known.what.endswith(".") and known.advice.endswith(".") and known.source
        assert known.touches and str(known).startswith(known.name)


def test_a_break_is_crossed_only_when_time_lies_on_both_sides():
    around = {"theme": "serious_violence", "touching": ["points"]}
    assert names(["2022-06", "2022-07"], **around) == ["map points of 2022"]
    assert names(["2022-07", "2022-08"], **around) == []
    assert names(["2022-05", "2022-06"], **around) == []
    assert names(["2022"], **around) == ["map points of 2022"]
    assert names([], **around) == []


def test_gradual_breaks_concern_any_two_times_of_their_theme():
    assert names(["2016-07", "2018-07"], theme="asb") == ["ASB recording", "online reports of ASB"]
    assert names(["2018-07"], theme="asb") == names(["2018-07", "2018-07"], theme="asb") == []
    assert names(["2016-07", "2018-07"], theme="vehicle_nuisance") == []


def test_breaks_of_other_sources_are_left_out_and_districts_survive_new_points():
    assert names(["2021", "2024"], scheme="home_office", theme="serious_violence") == []
    assert names(["2021", "2024"], theme="serious_violence", touching=["counts", "offences"]) == []


def test_the_record_takes_a_caveat_for_each_break():
    record = RunRecord("Test", marking="OPEN DATA - TEST")
    crossed_breaks(["2022-01", "2024-01"], theme="serious_violence", record=record)
    assert [caveat.split(":")[0] for caveat in record.caveats] == [
        "map points of 2022 (1 July 2022)", "LSOAs of 2021 (1 June 2023)",
    ]  # fmt: skip


def test_breaks_of_ones_own_are_read_and_mistakes_are_told(tmp_path):
    file = tmp_path / "breaks.toml"
    file.write_text(
        '[[break]]\nname = "Niche"\non = 2019-04-01\nwhat = "A new system."\nadvice = "Wait."\n'
        'source = "us"\n'
    )
    assert names(["2019-03", "2019-04"], breaks=known_breaks(file)) == ["Niche"]
    file.write_text('[[break]]\nname = "Niche"\n')
    with pytest.raises(InputError, match=r"breaks\.toml"):
        known_breaks(file)
    with pytest.raises(InputError, match="touching"):
        crossed_breaks(["2019"], touching=["everything"])
