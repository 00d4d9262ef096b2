"""Themes: anti-social behaviour, serious violence and vehicle nuisance, as far as the data go."""

from hotspots.themes.definitions import Sensitive, Theme, Themes
from hotspots.themes.tagging import tag_themes

__all__ = ["Sensitive", "Theme", "Themes", "tag_themes"]
