"""Evidence on orders: ``hotspots pspo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspots.cli.before_after import (
    SUBTRACTED,
    AfterOption,
    BeforeOption,
    BreaksOption,
    ComparatorOption,
    GoOnOption,
    MonthsOption,
    RingOption,
    ThemeOption,
    breaks_of,
    comparator_of,
    window,
)
from hotspots.cli.options import Request, command
from hotspots.core.periods import read_day

if TYPE_CHECKING:
    from hotspots.programmes.pspo import PspoEvidence


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
        list[str] | None, typer.Option(help="Basket of a prohibition, by name; repeat.")
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
    import pandas as pd

    from hotspots.cli.inputs import gather
    from hotspots.cli.output import Answer, deliver
    from hotspots.core.errors import require
    from hotspots.io.zones.from_lists import choose_zones
    from hotspots.programmes.pspo import pspo_evidence

    have = gather(request)
    have.keep_internal(SUBTRACTED)
    orders = have.zones("pspo")
    require(orders is not None, "orders are needed: give their file with `zones`.")
    assert orders is not None
    chosen = choose_zones(orders, [order]) if order else orders
    have.about_violence(theme)
    shared: dict[str, Any] = {
        "baskets": {name: name for name in basket or ()},
        "rings_m": tuple(ring or (250.0, 500.0)),
        "comparator": comparator_of(comparator, have),
        "today": None if today is None else read_day(today, "today"),
        "before": window(before, "before"),
        "after": window(after, "after"),
        "months": months,
        "breaks": breaks_of(have, breaks),
        "acknowledge_breaks": acknowledge_breaks,
        "record": have.record,
    }
    asked = have.of_all_times(theme)
    evidence = [pspo_evidence(chosen.iloc[[row]], asked, **shared) for row in range(len(chosen))]
    answer = Answer(
        "\n\n".join(one.to_sentence() for one in evidence),
        {"orders": [one.to_dict() for one in evidence]},
        pd.concat([one.limbs.assign(order=one.order_name) for one in evidence]),
        text="\n\n".join(_by_limb(one) for one in evidence),
        cautions=[caution for one in evidence for caution in one.cautions],
    )
    deliver(answer, have)


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
