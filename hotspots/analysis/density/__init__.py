"""Density: incidents or harm per square kilometre, smoothed over the neighbourhood."""

from hotspots.analysis.density.surface import density_at, harm_density, kernel_density

__all__ = ["density_at", "harm_density", "kernel_density"]
