"""More than chance? Local statistics, and flags that carry their evidence."""
