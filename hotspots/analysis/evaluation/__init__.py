"""Did it work: tests of change that keep a comparator, an interval and the counts in sight."""
