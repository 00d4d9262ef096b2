"""What happens in the town: one component a process, each with its places, times and offences.

A component is a share of all incidents. Its places are a mixture of layers (see ``layers.py``), its
offences a mixture of codes, its times an hour of the week and a season. Codes are Home Office codes
in the shapes extracts use, and the types of an ASB log; the fire service has words of its own. The
mixtures are plausible, not measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HOME_OFFICE = "home_office"
FIRE_SERVICE = "fire_service"


@dataclass(frozen=True)
class Component:
    """One process that makes incidents."""

    name: str
    source: str
    share: float
    offences: dict[str, float]
    layers: dict[str, float]
    week: str = "street"
    season: str = "flat"
    theme: str = ""
    planted: str = ""
    falls: bool = False
    domestic: bool = False
    interval: float = 0.0
    copies: str = ""
    facts: dict[str, float] = field(default_factory=dict)


VIOLENT = {"105/01": 0.36, "008/06": 0.34, "008/01": 0.15, "104": 0.07, "3B": 0.08}
SERIOUS = {"34B": 0.52, "005/01": 0.30, "34A": 0.10, "5E": 0.04, "10A": 0.03, "2": 0.01}
ASB_LOG = {
    "ASB nuisance": 0.48,
    "ASB personal": 0.17,
    "ASB environmental": 0.07,
    "ASB rowdy behaviour": 0.16,
    "ASB street drinking": 0.08,
    "ASB begging or vagrancy": 0.04,
}
COUNCIL_LOG = {
    "ASB noise": 0.48,
    "ASB neighbours": 0.27,
    "ASB littering or drug waste": 0.15,
    "ASB street drinking": 0.10,
}
HOMES = {"residential": 1.0}
STREETS = {"everywhere": 1.0}

COMPONENTS = (
    Component("serious_public", "police", 0.045, SERIOUS,
              {"patrol": 0.60, "near_misses": 0.06, "residential": 0.28, "everywhere": 0.06},
              "violence", "mild", "serious_violence", "patrol", falls=True),
    Component("violence_public", "police", 0.062, VIOLENT,
              {"patrol": 0.26, "chb": 0.03, "residential": 0.52, "everywhere": 0.19},
              "violence", "mild", "", "patrol", falls=True),
    Component("violence_night", "police", 0.042, VIOLENT,
              {"night": 0.55, "night_patrol": 0.45}, "night", "mild", "", "patrol", falls=True),
    Component("domestic", "police", 0.075,
              {"105/01": 0.46, "008/06": 0.27, "8L": 0.17, "8Q": 0.05, "58A": 0.05},
              HOMES, "home", "mild", domestic=True),
    Component("sexual", "police", 0.014, {"20A": 0.5, "19C": 0.3, "22A": 0.1, "88E": 0.1},
              {"residential": 0.75, "night": 0.25}, "home", interval=0.3),
    Component("weapons", "police", 0.012, {"008/26": 0.58, "008/11": 0.36, "10B": 0.06},
              {"chb": 0.20, "patrol": 0.17, "night": 0.08, "residential": 0.55}, "violence"),
    Component("cannabis_possession", "police", 0.014, {"092/61": 1.0},
              {"chb": 0.16, "night": 0.08, "candidates": 0.17, "residential": 0.59}),
    Component("cannabis_trafficking", "police", 0.006,
              {"092/41": 0.35, "092/81": 0.40, "092/21": 0.25},
              {"chb": 0.19, "night": 0.03, "candidates": 0.20, "residential": 0.58}),
    Component("other_class_b", "police", 0.003, {"092/60": 0.55, "092/65": 0.15, "092/80": 0.30},
              {"chb": 0.17, "night": 0.08, "candidates": 0.17, "residential": 0.58}),
    Component("other_drugs", "police", 0.009, {"92D": 0.7, "92A": 0.3},
              {"chb": 0.10, "night": 0.15, "centre": 0.15, "residential": 0.60}),
    Component("public_order", "police", 0.045, {"9A": 0.86, "66": 0.14},
              {"centre": 0.16, "night": 0.10, "residential": 0.44, "everywhere": 0.30},
              "violence", "summer"),
    Component("burglary", "police", 0.052, {"28E": 0.62, "28F": 0.16, "30C": 0.18, "30D": 0.04},
              {"residential": 0.70, "everywhere": 0.30}, "away", "winter", interval=0.8),
    Component("vehicle_crime", "police", 0.056, {"45": 0.62, "48": 0.28, "126": 0.10},
              {"residential": 0.68, "everywhere": 0.32}, "away", "winter", interval=0.8),
    Component("shoplifting", "police", 0.050, {"46": 1.0},
              {"retail": 0.55, "centre": 0.45}, "shops"),
    Component("other_theft", "police", 0.062, {"49": 0.85, "40": 0.10, "49A": 0.05},
              {"centre": 0.22, "retail": 0.10, "everywhere": 0.68}, interval=0.4),
    Component("theft_person", "police", 0.016, {"39": 1.0}, {"centre": 0.7, "night": 0.3}, "night"),
    Component("cycle_theft", "police", 0.012, {"44": 1.0},
              {"centre": 0.35, "students": 0.25, "everywhere": 0.40}, season="summer",
              interval=0.7),
    Component("damage", "police", 0.058, {"58C": 0.45, "58A": 0.28, "58B": 0.12, "58D": 0.15},
              {"residential": 0.65, "everywhere": 0.35}, "street", interval=0.6),
    Component("arson_crime", "police", 0.006, {"56B": 0.85, "56A": 0.15}, {},
              copies="deliberate_fire"),
    Component("dangerous_driving", "police", 0.003, {"802": 1.0}, {"roads": 1.0}, "cars", "summer",
              "vehicle_nuisance"),
    Component("prison", "police", 0.010, {"105/01": 0.5, "008/06": 0.2, "99": 0.2, "92D": 0.1},
              {"prison": 1.0}, "office", falls=False),
    Component("custody", "police", 0.004, {"92D": 0.4, "66": 0.3, "104": 0.3},
              {"police_station": 1.0}, "violence"),
    Component("police_asb", "police", 0.120, ASB_LOG,
              {"asb_hotspots": 0.34, "centre": 0.06, "residential": 0.34, "everywhere": 0.26},
              "asb", "summer", "asb", "asb", facts={"recording": 0.70}),
    Component("crawl_asb", "police", 0.007,
              {"ASB rowdy behaviour": 0.7, "ASB street drinking": 0.3},
              {"corridor": 1.0}, "crawl", "students", "asb"),
    Component("police_vehicle", "police", 0.024, {"ASB vehicle nuisance": 1.0},
              {"vehicle": 0.62, "roads": 0.18, "residential": 0.20}, "cars", "summer",
              "vehicle_nuisance", "vehicle"),
    Component("council_asb", "council", 0.098, COUNCIL_LOG,
              {"asb_hotspots": 0.24, "students": 0.14, "residential": 0.62}, "noise", "summer",
              "asb", "asb", facts={"online_form": 1.35}),
    Component("council_vehicle", "council", 0.010,
              {"ASB vehicle nuisance": 0.6, "ASB abandoned vehicle": 0.4},
              {"vehicle": 0.5, "residential": 0.5}, "office", "summer", "vehicle_nuisance",
              "vehicle"),
    Component("council_twin", "council", 0.008, {"ASB neighbours": 0.4, "ASB noise": 0.6}, {},
              theme="asb", copies="police_asb"),
    Component("deliberate_fire", "fire", 0.026,
              {"Deliberate secondary fire": 0.82, "Deliberate primary fire": 0.18},
              {"parks": 0.18, "residential": 0.56, "chb": 0.04, "everywhere": 0.22},
              "fires", "fires", facts={"chained": 0.45}),
    Component("accidental_fire", "fire", 0.014,
              {"Accidental dwelling fire": 0.6, "Accidental other fire": 0.4},
              {"residential": 0.8, "everywhere": 0.2}, "home"),
    Component("false_alarm", "fire", 0.018, {"False alarm": 1.0},
              {"everywhere": 0.6, "centre": 0.3, "hospital": 0.1}, "flat"),
    Component("collision", "fire", 0.005, {"Road traffic collision": 1.0}, {"roads": 1.0}),
)  # fmt: skip

SCHEME_OF = {"police": HOME_OFFICE, "council": HOME_OFFICE, "fire": FIRE_SERVICE}
UNLOCATED = {"police": 0.03, "council": 0.05, "fire": 0.005}
HOMICIDE = "001/01"
REPLACED_BY = "other_theft"
