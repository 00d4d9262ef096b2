"""Hotspots by density, and what they are worth: chance, stability, and how far to look."""

from hotspots.clusters.chance import ClusterChance, cluster_chance
from hotspots.clusters.engines import collapsed_dbscan
from hotspots.clusters.finding import find_clusters, label_clusters
from hotspots.clusters.radius import RadiusSuggestion, suggest_radius
from hotspots.clusters.stability import cluster_stability

__all__ = [
    "ClusterChance",
    "RadiusSuggestion",
    "cluster_chance",
    "cluster_stability",
    "collapsed_dbscan",
    "find_clusters",
    "label_clusters",
    "suggest_radius",
]
