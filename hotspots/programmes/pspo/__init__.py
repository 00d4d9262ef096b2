"""Evidence on a Public Spaces Protection Order, laid out by the statutory limbs for an officer."""
