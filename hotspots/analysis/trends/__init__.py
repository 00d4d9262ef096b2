"""Areas over time: counts by month, what stays on top, what rises and falls."""
