"""Letting a year's values out: planned, audited, stored, and never changed afterwards."""

import hashlib

from django.db import transaction
from django.utils import timezone

from .disclosure.plans import Plan, plan_release, years_with_values
from .models import Indicator, Release, ReleasedValue


class ReleaseRefused(Exception):
    """The release was not made: `plan` says what it would reveal, or that it has changed."""

    def __init__(self, plan: Plan, reason: str):
        self.plan, self.reason = plan, reason
        super().__init__(reason)


def digest(plan: Plan) -> str:
    """What somebody has looked at, so that the press lets out that and nothing else."""
    rows = sorted(
        repr(
            [
                row.unit_id or 0,
                row.sex,
                row.state,
                row.numerator,
                row.denominator,
                str(row.reported),
                row.seen_by,
            ]
        )
        for row in plan.rows
    )
    basis = f"{plan.number}, {plan.indicator.threshold}"
    return hashlib.sha256("\n".join([basis, *rows]).encode()).hexdigest()


@transaction.atomic
def release_year(
    indicator: Indicator, year: int, *, by=None, reason: str = "", seen: str | None = None
) -> Release:
    """Release a year of an indicator; the release before, if any, no longer counts.

    seen  the digest of the plan that somebody has confirmed; None without anybody
    Raises ReleaseRefused when the audit finds what could be worked out, when there is nothing to
    release or when something has changed since the plan was looked at. Nothing is stored then.
    """
    indicator = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)
    plan = plan_release(indicator, year)
    if not plan.has_values:
        raise ReleaseRefused(plan, "empty")
    if seen is not None and seen != digest(plan):
        raise ReleaseRefused(plan, "changed")
    if not plan.is_safe:
        raise ReleaseRefused(plan, "revealing")
    Release.objects.filter(indicator=indicator, year=year).update(is_current=False)
    release = Release.objects.create(
        indicator=indicator,
        year=year,
        number=plan.number,
        released_at=timezone.now(),
        released_by=by,
        reason=reason,
        threshold=indicator.threshold,
        result=plan.counts,
        spread=plan.spread,
    )
    for row in plan.rows:
        row.release = release
    ReleasedValue.objects.bulk_create(plan.rows, batch_size=500)
    return release


def waiting_releases() -> list[tuple[Indicator, int]]:
    """Years that have values and no release, newest first; three queries."""
    indicators = Indicator.objects.exclude(kind=Indicator.Kind.DERIVED)
    years = years_with_values(indicators)
    released = set(Release.objects.current().values_list("indicator", "year"))
    waiting = [
        (indicator, year)
        for indicator in indicators
        for year in years[indicator.pk]
        if (indicator.pk, year) not in released
    ]
    return sorted(waiting, key=lambda pair: (-pair[1], pair[0].position, pair[0].code))


def release_everything() -> list[Release]:
    """Release every year that has values and no release: what a pack brings is let out when
    it is loaded. A year that the audit refuses stays unreleased."""
    made = []
    for indicator, year in waiting_releases():
        try:
            made.append(release_year(indicator, year))
        except ReleaseRefused:
            continue
    return made
