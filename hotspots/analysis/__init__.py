"""One question of an analyst to a module, from incidents and areas to areas with answers."""
