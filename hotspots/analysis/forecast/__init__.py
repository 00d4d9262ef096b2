"""Prospective accuracy: would last period's choice of areas have found this period's crime."""
