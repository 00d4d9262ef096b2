"""Zones in: outlines read, repaired, built, and the lists that say which of them are in force."""
