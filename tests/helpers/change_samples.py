"""Pages of a theme beside an earlier time, one of them with a planted rise and a planted fall."""

import numpy as np
import pandas as pd
from map_samples import data_of, drawn, sample_areas, sample_periods, sample_record

THEME = "serious_violence"


def page_of(areas=None, **options):
    settings = {"record": sample_record(), "area_periods": sample_periods(THEME)} | options
    return drawn(sample_areas(THEME) if areas is None else areas, **settings)


def theme_of(page):
    return next(theme for theme in data_of(page)["themes"] if theme["cells"])


def partner():
    record = sample_record(marking="OFFICIAL", audience="partner")
    record.sources.clear()
    return record


def planted():
    """This time and last time, with one fall and one rise that no chance explains."""
    now, then = sample_areas(THEME), sample_areas(THEME, "2017-07")
    rising, falling = now.index[300], now.index[600]
    now.loc[[rising, falling], "incident_count"] = [60, 3]
    then.loc[[rising, falling], "incident_count"] = [4, 55]
    return (ranked(now), ranked(then)), (rising, falling)


def steady_months(areas):
    """Other months of these areas, in which none ever came in bursts."""
    months = pd.period_range("2014-01", "2014-12", freq="M").astype(str)
    index = pd.MultiIndex.from_product([areas.index, months], names=["area_id", "period"])
    known = pd.DataFrame({"incident_count": 60, "theme": THEME, "published": True}, index=index)
    return known.reset_index()


def ranked(areas):
    rank = (
        areas["incident_count"]
        .where(areas["incident_count"] > 0)
        .rank(ascending=False, method="min")
    )
    return areas.assign(rank=rank, rank_low=rank, rank_high=rank + 9)


def moved_by_one():
    """Last time with one incident more or fewer in every cell that has some."""
    then = sample_areas(THEME, "2017-07")
    now = sample_areas(THEME)["incident_count"]
    shift = np.where(np.arange(len(now)) % 2, 1, -1)
    return ranked(then.assign(incident_count=np.where(now > 0, np.maximum(now + shift, 0), 0)))
