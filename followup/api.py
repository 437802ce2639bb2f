"""Indicators and their values as JSON. What may not be shown to all is not here either."""

from django.http import Http404
from ninja import Field, Query, Router, Schema

from portal.web.api import Problem, problem

from .models import Indicator
from .presenters import flat_rows, measured
from .views import exported

indicators = Router(tags=["Indikatorer"])


class IndicatorBrief(Schema):
    code: str
    name: str
    why: str = Field(description="Varför den följs.")
    kind: str = Field(
        description="proportion: andel i procent. rate_per_1000: antal per 1 000. ratio: kvot. "
        "derived: avstånd till enheternas median."
    )
    direction: str = Field(description="lower, higher eller none: varken bra eller dåligt i sig.")
    numerator: str = Field(description="Vad som räknas.")
    denominator: str = Field(description="Av vad.")
    period: str
    source: str
    threshold: int = Field(description="Antal under gränsen döljs, och vad som avslöjar dem.")
    url: str = Field(description="Indikatorns sida för läsare.")


class Value(Schema):
    """Ett värde för en enhet, ett år och ett kön."""

    hsa_id: str = Field(description="Tomt för hela regionen.")
    unit: str
    year: int
    sex: str = Field(description="total, women eller men.")
    state: str = Field(
        description="value, zero: noll på riktigt, missing: saknas, not_applicable: ej aktuellt "
        "eller hidden: dolt."
    )
    value: float | None = Field(description="Avrundat som på webbplatsen; null när det inte visas.")
    numerator: int | None
    denominator: int | None


class IndicatorDetail(IndicatorBrief):
    limits: str = Field(description="Siffrornas begränsningar.")
    values: list[Value]


def brief(request, indicator):
    counted = measured(indicator)
    return {
        "code": indicator.code,
        "name": indicator.name,
        "why": indicator.why,
        "kind": indicator.kind,
        "direction": indicator.direction,
        "numerator": counted.numerator_label,
        "denominator": counted.denominator_label,
        "period": indicator.period,
        "source": indicator.source,
        "threshold": counted.threshold,
        "url": request.build_absolute_uri(indicator.get_absolute_url()),
    }


@indicators.get(
    "indicators/",
    response={200: list[IndicatorBrief], 429: Problem},
    summary="Alla indikatorer",
    url_name="indicator_list",
)
def indicator_list(request):
    return [brief(request, row) for row in Indicator.objects.select_related("derived_from")]


@indicators.get(
    "indicators/{slug:code}",
    response={200: IndicatorDetail, 404: Problem, 422: Problem, 429: Problem},
    summary="En indikator med värden per enhet, år och kön",
    url_name="indicator_detail",
)
def indicator_detail(
    request,
    code: str,
    year: int | None = Query(None, ge=1900, le=2999, description="Bara ett mätår."),
):
    try:
        indicator, values = exported(code, year)
    except Http404:
        return problem(404, "Ingen indikator har den koden, eller inga värden för året.")
    return {
        **brief(request, indicator),
        "limits": indicator.limits,
        "values": flat_rows(indicator, values),
    }
