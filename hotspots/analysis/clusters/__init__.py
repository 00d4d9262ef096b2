"""Hotspots by density, and what they are worth: chance, stability, and how far to look."""

from hotspots.analysis.clusters.chance import ClusterChance, cluster_chance
from hotspots.analysis.clusters.find import assign_clusters, find_clusters, label_clusters
from hotspots.analysis.clusters.radius import RadiusSuggestion, suggest_radius
from hotspots.analysis.clusters.stability import cluster_stability

__all__ = [
    "ClusterChance",
    "RadiusSuggestion",
    "assign_clusters",
    "cluster_chance",
    "cluster_stability",
    "find_clusters",
    "label_clusters",
    "suggest_radius",
]
