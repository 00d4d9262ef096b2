"""The words for results: themes, changes, caveats, grammar."""
