"""Files and official open data in: every row is accounted for, every outline repaired aloud."""
