"""Small blocks of ground, places grown from them, and the choice of places that fit together."""
