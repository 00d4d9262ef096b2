"""A trouble counts once, whatever it is called about; nothing else is lost."""

import numpy as np
from chain import asked
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.troubles import troubles


def test_calls_about_one_place_in_one_month_are_one_trouble_and_no_call_is_lost():
    rows = incidents_at(
        [(0, 0), (0, 0), (0, 0), (0, 0), (500, 0), None, None],
        month=["2018-07", "2018-07", "2018-08", "2018-07", "2018-07", "2018-07", "2018-07"],
        offence=["Anti-social behaviour"] * 3 + ["Burglary"] + ["Anti-social behaviour"] * 3,
    )
    once = troubles(rows)
    assert once.index.tolist() == ["i0", "i2", "i3", "i4", "i5", "i6"]
    assert once["incidents_in_trouble"].tolist() == [2, 1, 1, 1, 1, 1]
    assert once["incidents_in_trouble"].sum() == len(rows)
    again = troubles(once.drop(columns="incidents_in_trouble"))
    assert again.index.tolist() == once.index.tolist()
    other = troubles(shuffled(rows))
    assert sorted(other["incidents_in_trouble"]) == sorted(once["incidents_in_trouble"])
    assert troubles(rows.iloc[:0]).empty


def test_at_exact_places_a_trouble_is_a_place_and_a_day():
    rows = incidents_at([(0, 0)] * 3, location_precision="exact", time_precision="day")
    later = rows["occurred_from"] + np.array([0, 0, 1]) * np.timedelta64(1, "D")
    assert troubles(rows.assign(occurred_from=later))["incidents_in_trouble"].tolist() == [2, 1]


def test_clusters_of_calls_are_more_than_chance_and_those_of_troubles_are_not():
    """Every trouble is called about three times; which are of the theme is chance."""
    called = np.array([any_cluster(seed) for seed in range(4)])
    assert called[:, 0].sum() >= 3 and called[:, 1].sum() <= 1


def any_cluster(seed):
    """Whether chance gives no cluster like one found: of calls, of troubles."""
    rng = np.random.default_rng(seed)
    places = np.repeat(rng.uniform(0, 3_000, (700, 2)).round(), 3, axis=0)
    asb = np.repeat(rng.random(700) < 0.25, 3)
    rows = incidents_at(
        [tuple(one) for one in places],
        theme_asb=asb.tolist(),
        offence=np.where(asb, "Anti-social behaviour", "Burglary").tolist(),
    )
    found = []
    for table, least in ((rows, 18), (troubles(rows), 6)):
        chosen = asked(table, theme="asb", within=zone("C", (0, 0, 3_000, 3_000)))
        clustered = hs.assign_clusters(chosen, radius_m=200, min_incidents=least)
        chance = hs.evaluation.cluster_chance(clustered, draws=39)
        found.append(chance.clusters["evidence"].eq("beyond-chance").any())
    return found
