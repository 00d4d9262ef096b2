"""What happened and what it weighs: offence codes, baskets, themes, harm scales.

Harm belongs to the kind of offence, never to the single incident. Every weight keeps its low and
high end, and every column of harm names its scale.
"""
