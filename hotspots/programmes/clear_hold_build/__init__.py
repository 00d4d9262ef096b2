"""Screening for Clear, Hold, Build: who is first in most categories, and why not in the rest."""
