"""Damaged files are read or refused in words; more of them: benchmarks/fuzz_files.py."""

import random
import warnings

import pytest
from mutants import damaged, originals, read

FEW = 4


@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_is_read_or_refused_and_loses_no_row(tmp_path):
    warnings.simplefilter("ignore")
    (tmp_path / "whole").mkdir()
    rng = random.Random(15)
    for whole in originals(tmp_path / "whole"):
        assert read(whole) == "read"
        for number in range(FEW):
            folder = tmp_path / f"{whole.name}-{number}"
            folder.mkdir()
            broken = folder / whole.name
            broken.write_bytes(damaged(whole, rng))
            assert read(broken) in ("read", "refused"), broken
