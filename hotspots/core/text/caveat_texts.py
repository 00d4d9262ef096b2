"""What a caveat says, by its rule; values are put in where they stand in braces."""

from __future__ import annotations

from collections.abc import Mapping

LISTS = {
    "police_uk": "types of data.police.uk",
    "home_office": "Home Office codes",
    "asb_types": "types of ASB",
    "own": "words of their own",
}
"""What a list of offences is called; of any other its own name says it."""

CAVEATS: Mapping[str, str] = {
    "given": "{text}",
    "definition": "{text}",
    "known-break": "{text}",
    "snapped": "Locations are anonymous map points, each shared by at least eight addresses or "
    "none; an incident happened on or near its point, not at it.",
    "months": "Times are months: the data has no day and no hour.",
    "police-uk-types": "Offences are the 14 types of data.police.uk: violence cannot be split from "
    "sexual or domestic offences, and there is no offence code.",
    "blank-reference": "Anti-social behaviour is published without an identifier: rows that look "
    "the same are separate incidents and all are kept.",
    "unnamed-places": "A source names no places: what happened at police stations, prisons, "
    "hospitals and courts cannot be set apart there, and is counted.",
    "mostly-rejected": "{files}: {share:.0f}% of the rows could not be used and are not counted.",
    "mostly-out-of-scheme": "{files}: {share:.0f}% of the rows carry an offence that is in no "
    "list; they are in no theme and in no count of one.",
    "rejected-reasons": "{files}: rows could not be used most often for: {reasons}.",
    "mostly-elsewhere": "{files}: {outside:.0f}% of the incidents lie outside the study area and "
    "{nowhere:.0f}% have no place; none of these is shown.",
    "months-without-data": "{text}",
    "last-day-left-out": "{day} is not counted: {period} is a period by days, of which the last is "
    "left out. With that day it is written {written}.",
    "source-cut-short": "{gap}: the totals of {period} are short of it.",
    "not-compared": "{period} is not set beside {other}, since not every source covers both whole: "
    "{why}.",
    "many-rejected": "{files}: many of the rows could not be used and are not counted.",
    "many-out-of-scheme": "{files}: many of the rows carry an offence that is in no list; they are "
    "in no theme and in no count of one.",
    "many-elsewhere": "{files}: many of the incidents lie outside the study area or have no place; "
    "none of these is shown.",
    "not-all-covered": "Not every source covers all of the time: the totals are short of the rest.",
    "not-beside": "{period} is not set beside {other}, since not every source covers both whole.",
    "in-no-area": "{incidents:,} incidents ({theme}) lie in none of the areas counted and are not "
    "in their totals.",
    "off-the-streets": "{incidents:,} of {of:,} incidents lie more than {reach_m:g} m from every "
    "street and are left out.",
    "segments-indicative": "Places are snapped to map points, each of which stands for a whole "
    "street and more: a street segment is indicative at best.",
    "theme-absent": "{theme}: {note}.",
    "too-coarse": "{incidents:,} incidents carry an offence code too coarse to tell whether they "
    "belong to {theme}; they are left out.",
    "no-domestic-flag": "{incidents:,} incidents carry no domestic abuse flag, yes or no; they are "
    "treated as not domestic.",
    "unknown-offence": "{incidents:,} incidents carry an offence the scheme does not know and are "
    "in no theme.",
    "sensitive-unknown": "Nothing says which incidents are sensitive, such as domestic abuse and "
    "sexual offences: all are counted.",
    "sensitive-included": "Sensitive incidents are included, {kind}: {reason}",
    "scale-of-elsewhere": "Harm weights are averages over the offences of {force}; the incidents "
    "are of {forces}, whose mix may weigh otherwise.",
    "scale-of-one-force": "Harm weights are averages over the offences of {force}; a source "
    "does not say of which force its incidents are, and another's mix may weigh otherwise.",
    "no-weight": "{incidents:,} incidents carry an offence the harm scale does not know; they have "
    "no harm.",
    "default-weight": "{incidents:,} incidents carry an offence the harm scale does not know; each "
    "was given the weight {weight:g}.",
    "finer-than-map-points": "Indicative: cells of {grid} are finer than the map points of the "
    "data, so a busy cell is a busy map point.",
    "finer-than-spacing": "Indicative only: the cells are finer than the spacing of the source's "
    "map points.",
    "caution": "{text}",
    "no-incidents": "There are no incidents at all.",
    "clock-spike": "{incidents:,} incidents are at exactly {hour:02d}:00, against {beside:g} at "
    "the full hours beside it: the time may be a filler.",
    "several-partners": "Incidents of several partners ({schemes}) are counted together: one event "
    "known to two of them is a pair that is no repeat.",
    "start-stands-hours": "Counted by their start: of the {count:,} incidents in {hours} {leave:,} "
    "are intervals that end outside it, and {enter:,} others end in it.",
    "without-hours": "{incidents:,} of {of:,} incidents are known only to the day or month and are "
    "left out of what is asked by the hour.",
    "few-weeks": "The incidents lie in {weeks} weeks: whether they come in bursts cannot be "
    "seen, and intervals may be too narrow.",
    "part-months": "Left out, since not every source covers them whole: {months}.",
    "start-stands": "{incidents:,} incidents may have happened on more than {days:g} days: the "
    "first of them stands for all.",
    "same-place": "{pairs:,} pairs lie at one map point, which stands for many addresses: they are "
    "not repeats at one address.",
    "silent-source": "{text}: not every source covers both windows whole, and the silence of one "
    "counts as a change.",
    "empty-months": "No incident of any kind is recorded in {months}.",
    "window-cut": "The {window} window straddled the start and was cut to {period}.",
    "month-cut-short": "{month} is left out: the data end inside it.",
    "start-inside-month": "Times are known to the month only and the start, {started}, lies inside "
    "one: that month is in neither window.",
    "unlike-months": "The windows cover different months of the year; the comparator takes out a "
    "season only if both places share it.",
    "break-crossed": "The data changed on {on}: {what}. A change may be one of recording.",
    "gradual-break": "The data changed gradually ({what}).",
    "comparator-shared": "{incidents:,} incidents of the comparator lie in a treated zone or a "
    "ring and were taken out of it.",
    "comparator-empty": "The comparator holds no incidents: the treated change stands alone.",
    "straddling": "{treated:,} incidents in treated areas and {comparator:,} in the comparator may "
    "have happened on either side of the start and are in neither window.",
    "approximate-treated": "Some treated zones are approximate: incidents near their edges may be "
    "wrong.",
    "few-months": "There are too few months to see whether incidents come in bursts; the interval "
    "is Poisson and may be too narrow.",
    "bursts": "Incidents come in bursts, or places drift apart: the variance is {variance:.1f} "
    "times Poisson's, and the intervals are widened for it.",
    "few-before": "The treated areas held only {incidents:,} incidents before: read no percentage.",
    "no-earlier-year": "The data does not reach back a further year, so whether the places were "
    "unusually high when chosen (regression to the mean) could not be checked.",
    "treated-snapped": "Locations are snapped to map points: incidents near a zone's edge may be "
    "on either side.",
    "chosen-high": "These areas were chosen for being high in the period compared ({period}): most "
    "of such a fall can be a return to the usual; compare with a window before the choice.",
    "chosen-late": "These areas were chosen for being high after the start ({period}): they look "
    "as if they had risen; choose first, judge afterwards.",
    "chosen-apart": "The areas were chosen from {period}, which is in neither window.",
    "choice-unknown": "How the areas were chosen is not known: this takes it that it was not for "
    "being high in the before window.",
    "series-alone": "There is no comparator: whatever else began then is part of the ratio.",
    "seasons-kept": "Seasons are not taken out.",
    "short-course": "The course before rests on {months} months: drawn on, it is a guess.",
    "months-vary": "Months vary {dispersion:.1f} times as much as Poisson counts; intervals are "
    "widened.",
    "none-at-all": "There is no incident at all: nothing is fitted.",
    "sparse-before": "There are fewer than 1.5 incidents a month before the start: nothing is "
    "fitted.",
    "none-before": "There is no incident before the start: nothing is fitted.",
    "none-after": "There is no incident after the start: nothing is fitted.",
    "no-control": "The order covers {share:.0f}% of the study area, so nothing inside the city "
    "can serve as a control: the change inside may be the change everywhere. Read the interrupted "
    "time series, or compare with a district outside the city.",
    "order-words-asked-of-asb": "The order prohibits: {words}. The evidence is about all recorded "
    "anti-social behaviour, not about these alone. Give each prohibition as a basket.",
    "order-asked-of-asb": "Nothing says what the order prohibits: the evidence is about recorded "
    "anti-social behaviour alone. Give its prohibitions as baskets.",
    "no-month-before": "The data hold no whole month before it began, so there is no before and "
    "after to compare.",
    "no-month-within": "The data hold no whole month within its term, so there is no before and "
    "after to compare.",
    "short-series": "An interrupted time series needs {fewest} whole months on either side; the "
    "data hold {before} and {within}.",
    "gap-months": "{months:,} months without any data were left out, the first {first}.",
    "long-term": "The term is longer than the {years} years an order can last without an extension "
    "(section 60): check the dates.",
    "lapsed-term": 'The table says "{stated}", but the last day given has passed. If the order was '
    "renewed, load it with its new dates.",
    "proxy-categories": "Open police data carries three coarse categories instead of five: this is "
    "a proxy, not the partnership's screen.",
    "not-grounds": "A hotspot is not grounds for stop and search.",
    "chosen-by-count": "The incidents have no harm weights: areas are chosen by count.",
    "no-equality-view": "Equality view not made: who lives in these areas was not given, so whom "
    "the work falls on is not known here.",
    "police-activity": "Drugs and weapons counts follow police activity.",
    "other-partners": "{incidents:,} incidents of other partners (offences in {schemes}) carry "
    "none of the categories and are left out.",
    "approximate-wards": "Ward outlines are approximate: about one incident in ten may stand in "
    "the wrong ward. The order is that of the list, not a ranking.",
    "per-km2": "Ratios are per km²: a ward with much open land looks quieter than it is.",
    "per-resident": "Ratios are per resident: where many people visit, they look too high.",
    "wards-widened": "The ranges are wider than those of single incidents by how unevenly months "
    "come, over fewer than five months by how much comes from one place.",
    "priority-wards": "{shown:,} of {wards:,} wards: those the product names as priority.",
    "no-radius": "No clusters are drawn: no radius gives one of enough incidents that can be "
    "walked.",
    "partnership-zoning": "Partnership zoning, not premises under the Act; recorded crime is not "
    "terrorist threat.",
    "not-current": "The data end {end}. This page does not show the present.",
    "one-geography": "Wards and other zones carry no counts here: a public product counts in one "
    "geography, since two could be subtracted from one another.",
    "no-clusters": "Clusters are not in a public product: they are drawn around incidents.",
    "published": "The records behind this product were already published one by one by their "
    "source, so counts and harm are shown as they are.",
    "withheld": "Counts below {fewest}, none included, are not shown ({what} in {kinds}: {held:,} "
    "of {areas:,} areas withheld; harm of {harm:,} more withheld).",
    "clusters-left-out": "Counts below {fewest}, none included, are not shown; a cluster that "
    "would tell them by being there is left out.",
    "harm-bands": "Harm is shown as a band: the rounded count, times the mean weight of the area, "
    "lies in it. Where areas are ranked by harm, they are ranked among those whose harm is shown.",
    "rounded-rows": "Rows of sources are rounded to {base}; totals are sums of rounded numbers.",
    "columns-left-out": "Left out, because this audience may not see one value of them: {columns}.",
    "caveats-left-out": "Remarks of the producer that may count incidents are left out here, where "
    "there were any.",
}
