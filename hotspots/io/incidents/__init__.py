"""Incidents in: files of any partner become one table, and every row is accounted for."""
