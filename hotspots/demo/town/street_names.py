"""Names for a town that does not exist: wards, villages and streets, made up and put together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

TOWN_NAME = "Saltmere"

CENTRE_WARD = "Castle & Quayside"

WARD_NAMES = (
    "Northgate & Priory",
    "Tannery & Millbeck",
    "Cinder Hill",
    "Harbour & Ropewalk",
    "Abbey Fields",
    "Kiln Lane & Brickfields",
    "Gallows Hill",
    "Westmoor & Haxwell",
    "Larkrise",
    "Foxholes & Ember Park",
    "Saltings",
    "Thornwick & Ferrand",
    "Beacon Edge",
    "Oxmarsh & Southfleet",
    "Wold Villages",
)

VILLAGES = (
    "Haxwell",
    "Thornwick",
    "Ferrandby",
    "Oxmarsh",
    "Southfleet",
    "Emberley",
    "Larkholme",
    "Wolderby",
)

CENTRE_STREETS = (
    "High Street",
    "Market Place",
    "Castle Gate",
    "Fishergate",
    "Cornmarket",
    "Ropewalk",
    "Quayside",
    "Bridge Street",
    "Guildhall Street",
    "Saltergate",
    "Tanner Row",
    "Finkle Row",
    "Harbour Street",
    "Customs Lane",
    "Priory Gate",
    "Whitefriars",
    "Goose Lane",
    "Cooper Street",
    "Chandler Street",
    "Lantern Street",
    "Net Loft Lane",
    "Old Exchange",
    "Swan Yard",
    "Anchor Street",
)

SUFFIXES = {
    "centre": ("Street", "Lane", "Row", "Court", "Gate", "Passage", "Yard"),
    "terrace": (
        "Street",
        "Terrace",
        "Grove",
        "Mount",
        "View",
        "Place",
        "Avenue",
        "Road",
        "Crescent",
        "Row",
        "Parade",
    ),
    "suburb": ("Avenue", "Drive", "Road", "Gardens", "Way", "Rise", "Park", "Close", "Croft"),
    "estate": ("Crescent", "Walk", "Green", "Close", "Drive", "Approach", "Garth", "Court"),
    "industrial": ("Way", "Works Road", "Trading Estate", "Wharf Road", "Sidings"),
    "campus": ("Walk", "Quad", "College Lane", "Library Road", "Gardens"),
    "village": ("Lane", "Street", "Church Lane", "Green", "Croft", "Mill Lane", "Back Lane"),
    "park": ("Walk", "Path"),
    "rural": ("Lane", "Moor Lane", "Road", "Bank"),
}

_STEMS = (
    "Ash",
    "Beck",
    "Bram",
    "Cald",
    "Carl",
    "Dal",
    "Dun",
    "Elm",
    "Fen",
    "Gar",
    "Hal",
    "Haw",
    "Hol",
    "Ing",
    "Kel",
    "Lang",
    "Lin",
    "Mar",
    "Mel",
    "Nun",
    "Oak",
    "Pen",
    "Quarn",
    "Rad",
    "Raw",
    "Sand",
    "Sel",
    "Skel",
    "Stan",
    "Thorn",
    "Up",
    "Wal",
    "Wes",
    "Whit",
    "Wil",
    "Win",
    "Yar",
)
_ENDINGS = (
    "ford",
    "ley",
    "ton",
    "by",
    "wick",
    "worth",
    "field",
    "dale",
    "bourne",
    "croft",
    "holme",
    "stead",
)


def stems() -> Iterator[str]:
    """Made-up first halves of street names, each once, in an order that mixes them.

    Examples
    --------
    >>> names = stems()
    >>> next(names), next(names)
    ('Ashford', 'Beckley')
    """
    for word in ("", "Upper ", "Lower ", "Old ", "Great ", "Little "):
        for shift, index in product(range(len(_ENDINGS)), range(len(_STEMS))):
            yield word + _STEMS[index] + _ENDINGS[(index + shift) % len(_ENDINGS)]
