"""Commands: they ask, call one function of the library, say the answer, and compute nothing."""
