"""The tasking product: its configuration file, its analysis, its results on disk."""
