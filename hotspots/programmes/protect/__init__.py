"""Protect zones: a product of its own, made only for the audience "protect"."""
