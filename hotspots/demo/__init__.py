"""The demonstration: real Leeds from the bundled data, and a town that does not exist."""
