"""How sure a rank is: chance, clustering in places and months, harm weights, snapped locations."""
