"""Saltmere, a synthetic town with planted truth."""
