"""What can be found in followup: indicators and how they are read, never their values."""

from portal.search import sources
from portal.search.sources import Searchable

from .models import Indicator


def indicators(ids=None):
    rows = Indicator.objects.all()
    for row in rows if ids is None else rows.filter(pk__in=ids):
        yield Searchable(
            row.pk,
            row.name,
            row.get_absolute_url(),
            " ".join(filter(None, [row.why, row.limits, row.action])),
            keywords=f"{row.numerator_label} {row.denominator_label}",
            names=row.code,
        )


sources.register("indicator", "Indikator", indicators)
