"""Density: incidents or harm per square kilometre, smoothed over the neighbourhood."""

from hotspots.density.measures import density_at, harm_density
from hotspots.density.surface import kernel_density

__all__ = ["density_at", "harm_density", "kernel_density"]
