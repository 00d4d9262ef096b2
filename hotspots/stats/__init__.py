"""Statistics of arrays: arrays in, arrays out; nothing here knows a table of the library."""
