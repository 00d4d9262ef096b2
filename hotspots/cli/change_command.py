"""Did it work, before against after: ``hotspots change``."""

from __future__ import annotations

from typing import Annotated

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

COLUMNS = (
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
) -> None:
    """Say whether it worked: before against after, treated zones against the rest."""
    from hotspots.analysis.evaluation import compare_change
    from hotspots.cli.inputs import gather, with_choice
    from hotspots.cli.output import Answer, deliver
    from hotspots.core.errors import require
    from hotspots.programmes.patrols.patrol_areas import NEAR_MISS

    require(started is not None, "give the first day of the work with `started`.")
    require(request.zones is not None, "give the treated zones with `zones`.")
    assert started is not None and request.zones is not None
    began = read_day(started, "started")
    early, late = window(before, "before"), window(after, "after")
    have = gather(request)
    have.keep_internal(SUBTRACTED)
    treated = have.zones("treated")
    assert treated is not None
    treated = with_choice(treated, request.zones, request.zone_id)
    have.about_violence(theme)
    result = compare_change(
        treated[treated["status"].ne(NEAR_MISS)],
        have.of_all_times(theme),
        started=began,
        before=early,
        after=late,
        months=months,
        comparator="rest" if comparator is None else comparator_of(comparator, have),
        rings_m=tuple(ring or ()),
        breaks=breaks_of(have, breaks),
        acknowledge_breaks=acknowledge_breaks,
        allow_empty_months=allow_empty_months,
        record=have.record,
    )
    words, said = result.to_sentence(), result.choice
    deliver(Answer(words, result.to_dict(), result.table, COLUMNS, cautions=said), have)
