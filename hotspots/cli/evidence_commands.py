"""Did it work, and what an order rests on: ``hotspots change`` and ``pspo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspots.cli.options import Request, command
from hotspots.core.errors import needed, require
from hotspots.core.periods import read_day, read_span

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.evaluation.change_result import Change
    from hotspots.cli.inputs import Gathered
    from hotspots.core.periods import Period
    from hotspots.core.select import Selection
    from hotspots.programmes.pspo_result import PspoEvidence


SUBTRACTED = "counts before and after can be subtracted from one another"

ThemeOption = Annotated[
    str | None, typer.Option(help="Theme; that the areas were chosen for, else all incidents.")
]
BeforeOption = Annotated[str | None, typer.Option(help="Window of your own.")]
AfterOption = Annotated[str | None, typer.Option(help="Window of your own.")]
MonthsOption = Annotated[int, typer.Option(help="Longest default windows.")]
RingOption = Annotated[list[float] | None, typer.Option(help="Edge of a ring in metres; repeat.")]
BreaksOption = Annotated[
    str | None, typer.Option(help="Your known breaks in the data (TOML), beside the bundled ones.")
]
GoOnOption = Annotated[
    bool, typer.Option("--acknowledge-breaks", help="Go on across a known break, with a caution.")
]
ComparatorOption = Annotated[
    str | None,
    typer.Option(
        help="Zones to compare with: FILE or FILE:LAYER. Of patrol areas, the near misses."
    ),
]


def window(typed: str | None, option: str) -> Period | None:
    """A window that was typed, if any."""
    return None if typed is None else read_span(typed, option)


def comparator_of(given: str | None, have: Gathered) -> Any:
    """Zones to compare with; of patrol areas those that were next in line."""
    from hotspots.cli.inputs import read_zones
    from hotspots.programmes.patrols.patrol_areas import NEAR_MISS

    if given is None:
        return None
    found: gpd.GeoDataFrame = read_zones(given, "comparator", have.record)
    missed = found["status"].eq(NEAR_MISS)
    require(
        bool(missed.any()) or not found["kind"].eq("patrol").any(),
        f"`comparator`: {given} holds patrol areas and no near misses, so nothing in it was left "
        "untreated. Choose areas with `near_misses`, or leave the option out.",
    )
    return found[missed] if missed.any() else found


PLAN_COLUMNS = ("months", "count", "places", "smallest_fall", "smallest_rise")
CHANGE_COLUMNS = (
    "area_name", "count_before", "count_after", "change", "change_percent", "rate_ratio",
    "rate_ratio_low", "rate_ratio_high", "harm_before", "harm_after", "harm_ratio",
)  # fmt: skip


@command("The treated zones: FILE or FILE:LAYER. Needed.")
def change(
    request: Request,
    *,
    started: Annotated[
        str | None, typer.Option(help="First day of the work, 2025-04-01 or 01/04/2025. Needed.")
    ] = None,
    theme: ThemeOption = None,
    ring: RingOption = None,
    comparator: ComparatorOption = None,
    before: BeforeOption = None,
    after: AfterOption = None,
    months: MonthsOption = 12,
    breaks: BreaksOption = None,
    acknowledge_breaks: GoOnOption = False,
    allow_empty_months: Annotated[
        bool, typer.Option("--allow-empty-months", help="Months without a row are real.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Before the start: which fall would show, and when.")
    ] = False,
) -> None:
    """Say whether it worked: before against after, treated zones against the rest."""
    require(request.zones is not None, "give the treated zones with `zones`.")
    if plan:
        _planned(request, theme, started)
        return
    first = needed(started, "give the first day of the work with `started`.")
    began = read_day(first, "started")
    early, late = window(before, "before"), window(after, "after")
    from hotspots.analysis.evaluation.change import compare_change
    from hotspots.programmes.release_answer import outlines_of_change
    from hotspots.report.text.section_words import TITLES

    have = request.gather()
    treated = _treated(request, have)
    theme = theme or have.theme_of(treated)
    have.about_violence(theme)
    asked = have.of_all_times(theme)
    result = compare_change(
        treated,
        asked,
        started=began,
        before=early,
        after=late,
        months=months,
        comparator="rest" if comparator is None else comparator_of(comparator, have),
        rings_m=tuple(ring or ()),
        breaks=have.breaks(breaks),
        acknowledge_breaks=acknowledge_breaks,
        allow_empty_months=allow_empty_months,
        record=have.record,
    )
    words, facts = _with_review(result, treated, asked)
    have.deliver(
        result, result.table, CHANGE_COLUMNS, sentence=words, facts=facts,
        cautions=result.choice, heading=TITLES["change"],
        outlines=outlines_of_change(result, treated),
    )  # fmt: skip


def _treated(request: Request, have: Gathered) -> gpd.GeoDataFrame:
    """The zones in which something was done; near misses were not chosen."""
    from hotspots.cli.inputs import with_choice
    from hotspots.programmes.patrols.patrol_areas import without_near_misses

    have.keep_internal(SUBTRACTED)
    treated = have.zones("treated")
    assert treated is not None and request.zones is not None
    return without_near_misses(with_choice(treated, request.zones, request.zone_id))


def _with_review(
    result: Change, treated: gpd.GeoDataFrame, asked: Selection
) -> tuple[str, dict[str, Any]]:
    """Of patrol areas also what the same rule chose in earlier years, where these are held."""
    from hotspots.programmes.patrols.best_areas import KIND as PATROL
    from hotspots.programmes.patrols.review import review_change

    words, facts = result.to_sentence(), result.to_dict()
    review = review_change(result, treated, asked) if treated["kind"].eq(PATROL).all() else None
    if review is not None and len(review.earlier):
        words, facts["review"] = review.to_sentence(), review.to_dict()["earlier"]
    return words, facts


def _planned(request: Request, theme: str | None, started: str | None) -> None:
    """What these zones could show, before anything is done."""
    began = None if started is None else read_day(started, "started")
    from hotspots.analysis.evaluation.plan import plan_change

    have = request.gather()
    treated = _treated(request, have)
    theme = theme or have.theme_of(treated)
    result = plan_change(treated, have.of_all_times(theme), started=began)
    table = result.table.reset_index().assign(theme=result.theme)
    have.deliver(result, table, PLAN_COLUMNS, heading="Which change would show")


@command("The orders: FILE or FILE:LAYER; a product's own otherwise.")
def pspo(
    request: Request,
    *,
    order: Annotated[
        str | None, typer.Option(help="One order, by name or id; all of them by default.")
    ] = None,
    today: Annotated[
        str | None,
        typer.Option(help="Day to count the rest of the term from, 2026-04-01 or 01/04/2026."),
    ] = None,
    theme: ThemeOption = None,
    basket: Annotated[
        list[str] | None,
        typer.Option(help="Basket of a prohibition, by name or file (TOML); repeat."),
    ] = None,
    ring: RingOption = None,
    comparator: ComparatorOption = None,
    before: BeforeOption = None,
    after: AfterOption = None,
    months: MonthsOption = 12,
    breaks: BreaksOption = None,
    acknowledge_breaks: GoOnOption = False,
) -> None:
    """Lay out the evidence on public spaces protection orders, limb by limb, for an officer."""
    told_day = None if today is None else read_day(today, "today")
    early, late = window(before, "before"), window(after, "after")
    import pandas as pd

    from hotspots.io.zones.from_lists import choose_zones
    from hotspots.programmes.pspo_evidence import pspo_evidence
    from hotspots.programmes.release_answer import outlines_of_orders
    from hotspots.report.text.section_words import TITLES

    have = request.gather()
    have.keep_internal(SUBTRACTED)
    orders = needed(have.zones("pspo"), "orders are needed: give their file with `zones`.")
    chosen = choose_zones(orders, [order]) if order else orders
    have.about_violence(theme)
    shared: dict[str, Any] = {
        "baskets": {Path(name).stem: name for name in basket or ()},
        "rings_m": tuple(ring or (250.0, 500.0)),
        "comparator": comparator_of(comparator, have),
        "today": told_day,
        "before": early,
        "after": late,
        "months": months,
        "breaks": have.breaks(breaks),
        "acknowledge_breaks": acknowledge_breaks,
        "record": have.record,
    }
    asked = have.of_all_times(theme)
    evidence = [pspo_evidence(chosen.iloc[[row]], asked, **shared) for row in range(len(chosen))]
    have.deliver(
        evidence,
        pd.concat([one.limbs.assign(order=one.order_name) for one in evidence]),
        (),
        sentence="\n\n".join(one.to_sentence() for one in evidence),
        facts={"orders": [one.to_dict() for one in evidence]},
        text="\n\n".join(_by_limb(one) for one in evidence),
        cautions=[caution for one in evidence for caution in one.cautions],
        heading=TITLES["pspo"],
        parts={one.order_name: one.to_sentence() for one in evidence},
        outlines=outlines_of_orders(evidence, chosen, asked.source.timezone),
    )


def _by_limb(evidence: PspoEvidence) -> str:
    """What the data say to each limb and what they cannot say, with room to decide."""
    lines = [evidence.order_name]
    for limb, row in evidence.limbs.iterrows():
        lines += [
            f"  {limb} ({row['section']})",
            f"    the data say: {row['evidence']}",
            f"    they cannot say: {row['cannot_say']}",
            f"    decision: {row['decision'] or '________'} ({row['status']})",
        ]
    return "\n".join(lines)
