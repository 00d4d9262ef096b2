"""When: hours of the week, months of the year, events, and what follows soon and near."""
