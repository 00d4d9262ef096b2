"""How often does a method flag something where there is nothing, and how often what was planted?

Nulls
    permuted      the counts of real Leeds cells dealt out at random over the cells; what is at
                  risk stays where it is
    travelling    the same, but what is at risk moves with the counts
    constant      every incident falls on any real map point of Leeds with the same probability
Power
    planted       constant risk, but higher by a factor in seven cells side by side
    added         permuted cells, and so many incidents more in each of seven cells side by side

Run: ``python benchmarks/bench_significance.py [--runs 200] [--methods sqrt+bh ...]``. Results are
written into ``docs/decisions/significance-defaults.md`` by hand.
"""

import argparse
import time

import numpy as np
import pandas as pd

import hotspots as hs

MONTHS = ("2016-07", "2017-07", "2018-07")
RINGS = 1
FACTORS = (2.0, 3.0, 5.0, 10.0)
ADDED = (2, 5, 10)

METHODS = {
    "analytic, raw, bh": {"null": "analytic", "transform": "none"},
    "permutation, raw, bh": {"null": "permutation", "transform": "none"},
    "permutation, cap, bh": {"null": "permutation", "transform": "cap"},
    "permutation, sqrt, bh": {"null": "permutation", "transform": "sqrt"},
    "permutation, log1p, bh": {"null": "permutation", "transform": "log1p"},
    "permutation, sqrt, holm": {"null": "permutation", "correction": "holm"},
    "permutation, sqrt, max-t": {"null": "permutation", "correction": "max-t"},
    "constant-risk, bh": {"null": "constant-risk"},
    "both, raw, bh": {"null": "both", "transform": "none"},
    "both, sqrt, bh": {"null": "both", "transform": "sqrt"},
    "both, log1p, bh": {"null": "both", "transform": "log1p"},
    "both, sqrt, holm": {"null": "both", "correction": "holm"},
    "both, sqrt, max-t": {"null": "both", "correction": "max-t"},
}


class Leeds:
    """Real cells, real map points, and the neighbours of both."""

    def __init__(self, theme):
        record = hs.RunRecord("bench", marking="OPEN DATA")
        files = [hs.bundled(f"incidents/{m}-west-yorkshire-street.csv.gz") for m in MONTHS]
        frames = [hs.load_incidents(file, record=record) for file in files]
        incidents = pd.concat(frames)
        incidents.index = pd.RangeIndex(len(incidents))
        if theme:
            incidents["theme_bench"] = incidents["offence"].eq(theme)
        city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
        self.grid = hs.H3Grid(9)
        july = hs.Question(
            "bench" if theme else None, "2018-07", within=city, include_institutional=True
        )
        self.cells = hs.aggregate_to_cells(hs.assign_cells(hs.select(incidents, july), self.grid))
        self.weights = self.grid.neighbours(self.cells.index.to_numpy(), RINGS)
        points = hs.evaluation.points_at_risk(hs.assign_cells(incidents, self.grid))
        self.at_risk = points.reindex(self.cells.index, fill_value=0)
        self.counts = self.cells["incident_count"].to_numpy()
        self.slim = self.cells[["kind", "share_inside", "geometry"]]
        self.tested = (self.slim["share_inside"] >= 0.5).to_numpy()

    def flag(self, counts, at_risk, options, seed):
        frame = self.slim.assign(incident_count=counts)
        risk = at_risk if options.get("null") in ("both", "constant-risk") else None
        return hs.flag_hotspots(frame, neighbours=self.weights, at_risk=risk, rng=seed, **options)

    def patch(self, rng):
        """Seven cells side by side, all tested, with at least ten map points."""
        row = self.weights
        while True:
            centre = int(rng.integers(len(self.counts)))
            cells = np.append(row[[centre]].indices, centre)
            enough = self.at_risk.to_numpy()[cells].sum() >= 10
            if len(cells) == 7 and self.tested[cells].all() and enough:
                return cells


def permuted(leeds, rng):
    return leeds.counts[rng.permutation(len(leeds.counts))], leeds.at_risk


def travelling(leeds, rng):
    order = rng.permutation(len(leeds.counts))
    moved = pd.Series(leeds.at_risk.to_numpy()[order], index=leeds.at_risk.index)
    return leeds.counts[order], moved


def constant(leeds, rng, patch=None, factor=1.0):
    risk = leeds.at_risk.to_numpy(dtype=float).copy()
    if patch is not None:
        risk[patch] *= factor
    return rng.multinomial(leeds.counts.sum(), risk / risk.sum()), leeds.at_risk


def measure(leeds, options, make, runs, planted=False):
    """Share of runs with any flag; with a patch: share of runs and of cells found, and IoU."""
    any_flag, found, recall, overlap, flags = [], [], [], [], []
    for run in range(runs):
        rng = np.random.default_rng([run, 11])
        patch = leeds.patch(rng) if planted else None
        counts, at_risk = make(rng, patch)
        at_risk = at_risk.where((counts == 0) | (at_risk > 0), 1)
        flagged = leeds.flag(counts, at_risk, options, run)
        hot = flagged["is_hotspot"].to_numpy()
        flags.append(hot.sum() + flagged["is_coldspot"].sum())
        any_flag.append(flags[-1] > 0)
        if planted:
            inside = np.zeros(len(hot), dtype=bool)
            inside[patch] = True
            found.append(hot[patch].any())
            recall.append(hot[patch].mean())
            union = (hot | inside).sum()
            overlap.append((hot & inside).sum() / union)
    result = {"any flag %": 100 * np.mean(any_flag), "flags a run": np.mean(flags)}
    if planted:
        result |= {
            "patch found %": 100 * np.mean(found),
            "its cells flagged %": 100 * np.mean(recall),
            "mean IoU": np.mean(overlap),
        }
    return result


def added(leeds, rng, patch, more):
    counts, at_risk = permuted(leeds, rng)
    counts = counts.copy()
    counts[patch] += rng.poisson(more, len(patch))
    return counts, at_risk


def scenarios(leeds):
    yield "null: permuted", False, lambda rng, _: permuted(leeds, rng)
    yield "null: travelling", False, lambda rng, _: travelling(leeds, rng)
    yield "null: constant", False, lambda rng, _: constant(leeds, rng)
    for factor in FACTORS:
        name = f"planted x{factor:g}"
        yield name, True, lambda rng, p, f=factor: constant(leeds, rng, p, f)
    for more in ADDED:
        yield f"added +{more}", True, lambda rng, p, m=more: added(leeds, rng, p, m)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--power-runs", type=int, default=50)
    parser.add_argument("--theme", default="Anti-social behaviour")
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    parser.add_argument("--scenarios", nargs="*", default=None, help="beginnings of their names")
    arguments = parser.parse_args()
    leeds = Leeds(arguments.theme or None)
    print(
        f"{len(leeds.counts):,} cells, {leeds.counts.sum():,} incidents, "
        f"{leeds.at_risk.sum():,} map points",
        flush=True,
    )
    for method in arguments.methods:
        for name, planted, make in scenarios(leeds):
            wanted = arguments.scenarios
            if wanted is not None and not any(name.startswith(start) for start in wanted):
                continue
            begun = time.perf_counter()
            runs = arguments.power_runs if planted else arguments.runs
            found = measure(leeds, METHODS[method], make, runs, planted)
            numbers = "  ".join(f"{key} {value:.2f}" for key, value in found.items())
            print(
                f"{method:26} | {name:18} | runs {runs} | {numbers} | "
                f"{time.perf_counter() - begun:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
