"""Indicator and unit pages in a large region: few queries whatever they hold, and quick.

The suite runs it small and counts queries. With PORTAL_FULL_SCALE=1 there are 400 units, 20
indicators, 20 years and 3 sexes (480,000 released values), and each page has 150 ms of the
processor's time: `make scale`.
"""

import os
import time
from itertools import islice

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from followup.models import Measurement, Release, ReleasedValue, Sex
from organisation.models import Unit
from tests.factories import make_indicator, make_unit_kind

IN_FULL = os.environ.get("PORTAL_FULL_SCALE") == "1"
UNITS, INDICATORS, YEARS = (400, 20, 20) if IN_FULL else (12, 3, 4)
MOST_QUERIES, MOST_SECONDS = 11, 0.150
LAST = 2025

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("figures-scale")]


def in_bulk(model, rows):
    rows = iter(rows)
    while batch := list(islice(rows, 5_000)):
        model.objects.bulk_create(batch)


def values_of(release, units, step):
    """A release's rows: shares round 20 per cent, some of them hidden for others."""
    for place, unit in enumerate([None, *units]):
        for sex, part in ((Sex.TOTAL, 2), (Sex.WOMEN, 1), (Sex.MEN, 1)):
            size = part * (40 + (place * 7 + step) % 600) * (len(units) if unit is None else 1)
            yield ReleasedValue(
                release=release,
                unit=unit,
                sex=sex,
                state=Measurement.State.VALUE,
                numerator=size * (15 + (place * 13 + step) % 11) // 100,
                denominator=size,
                seen_by="own_unit" if place % 9 == 4 else "public",
            )


@pytest.fixture(scope="module")
def region(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        kind = make_unit_kind()
        Unit.objects.bulk_create(
            Unit(hsa_id=f"SE0000000000-S{n:04}", name=f"Enheten {n}", kind=kind)
            for n in range(UNITS)
        )
        units = list(Unit.objects.filter(kind=kind))
        spread = {"units": UNITS, "low": 15.0, "median": 20.0, "high": 25.0}
        indicators = []
        for number in range(INDICATORS):
            indicator = make_indicator(name=f"Indikator {number}", code=f"mangd-{number}")
            indicator.comparison_kinds.add(kind)
            indicators.append(indicator)
        Release.objects.bulk_create(
            Release(
                indicator=indicator,
                year=year,
                threshold=5,
                spread={"public": spread, "signed_in": spread},
            )
            for indicator in indicators
            for year in range(LAST - YEARS + 1, LAST + 1)
        )
        releases = Release.objects.filter(indicator__in=indicators)
        in_bulk(
            ReleasedValue,
            (row for step, each in enumerate(releases) for row in values_of(each, units, step)),
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        yield indicators[0], units[0]
        transaction.set_rollback(True)


def test_pages_cost_few_queries_and_little_time(region, client):
    indicator, unit = region
    addresses = [
        indicator.get_absolute_url(),
        f"{indicator.get_absolute_url()}{LAST - 1}/",
        f"/uppfoljning/enheter/{unit.hsa_id}/",
    ]
    costs = {}
    for address in addresses:
        client.get(address)
        best = 10.0
        for _ in range(5 if IN_FULL else 1):
            with CaptureQueriesContext(connection) as captured:
                started = time.thread_time()
                response = client.get(address)
                best = min(best, time.thread_time() - started)
        assert response.status_code == 200
        costs[address] = (len(captured), round(best, 3))
    if IN_FULL:
        print(costs)

    assert {a: c for a, c in costs.items() if c[0] > MOST_QUERIES} == {}
    if IN_FULL and connection.vendor == "sqlite":
        assert {a: c for a, c in costs.items() if c[1] > MOST_SECONDS} == {}
