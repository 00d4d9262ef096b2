"""Areas and zones set beside one another: overlaps, totals, concentration."""
