"""The slow and obvious way along streets: Dijkstra over a graph in which every place is a node."""

from __future__ import annotations

import heapq
from itertools import count, pairwise
from typing import Any

import numpy as np


def walked(network: Any, edge: Any, along: Any) -> Any:
    """Metres between any two places, shape (places, places); infinite where there is no way."""
    graph: dict[Any, list[tuple[Any, float]]] = {}
    for one, (start, end) in enumerate(network.nodes):
        places = sorted((along[place], place) for place in np.flatnonzero(edge == one))
        stops = [(0.0, ("node", start)), *((at, ("place", place)) for at, place in places)]
        stops.append((network.lengths[one], ("node", end)))
        for (low, a), (high, b) in pairwise(stops):
            graph.setdefault(a, []).append((b, high - low))
            graph.setdefault(b, []).append((a, high - low))
    found = np.full((len(edge), len(edge)), np.inf)
    tie = count()
    for start in range(len(edge)):
        best: dict[Any, float] = {}
        heap = [(0.0, next(tie), ("place", start))]
        while heap:
            metres, _, node = heapq.heappop(heap)
            if node in best:
                continue
            best[node] = metres
            for other, step in graph[node]:
                heapq.heappush(heap, (metres + step, next(tie), other))
        for (kind, place), metres in best.items():
            if kind == "place":
                found[start, place] = metres
    return found
