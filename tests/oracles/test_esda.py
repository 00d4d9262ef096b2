"""Local statistics are those of esda, to nine digits."""

import numpy as np
import pytest

import hotspots as hs


def test_gi_star_finds_st_louis():
    libpysal = pytest.importorskip("libpysal")
    from libpysal.examples import get_path

    table = libpysal.io.open(get_path("stl_hom.txt"))
    rate = np.array(table.by_col("HR8893"))
    weights = libpysal.io.open(get_path("stl.gal")).read()
    position = {name: i for i, name in enumerate(weights.id_order)}
    near = {position[a]: [position[b] for b in weights.neighbors[a]] for a in position}
    z = hs.stats.local_gi_star(rate, near)["z"]
    assert z.idxmax() == 39
    assert z.max() == pytest.approx(6.018849, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_both_local_statistics_equal_esda_on_random_grids(seed):
    libpysal, esda = pytest.importorskip("libpysal"), pytest.importorskip("esda")
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(4, 25, 2)
    weights = libpysal.weights.lat2W(int(rows), int(columns), rook=bool(seed % 2))
    values = rng.negative_binomial(0.4, 0.1, rows * columns).astype(float)
    ours = hs.stats.local_gi_star(values, weights.sparse)["z"].to_numpy()
    theirs = esda.G_Local(values, weights, transform="B", star=True, permutations=0)
    assert np.abs(ours - theirs.Zs).max() < 1e-9
    moran = hs.stats.local_moran(values, weights.sparse)
    theirs = esda.Moran_Local(values, weights, permutations=0)
    assert np.abs(moran["moran"] - theirs.Is).max() < 1e-9
    assert np.abs(moran["z"] - (theirs.Is - theirs.EI) / np.sqrt(theirs.VI)).max() < 1e-9
    named = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    assert moran["quadrant"].tolist() == [named[quadrant] for quadrant in theirs.q]
