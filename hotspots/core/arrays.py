"""Arrays by what they hold, as signatures call them; docstrings give their shapes."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.intp]
"""Positions in another array (-1 is nowhere), or counts of them."""
Bools: TypeAlias = NDArray[np.bool_]
Objects: TypeAlias = NDArray[np.object_]
"""Identifiers, texts or shapes."""
