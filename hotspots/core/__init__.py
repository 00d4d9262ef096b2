"""What every room may import: tables, errors, periods, selection, grids, the logbook."""
