from datetime import date, datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from education.models import Session
from organisation.models import Unit
from portal.web.models import ServiceMessage
from portal.web.sensible_days import fault_of, refuse_odd_days, refuse_odd_years
from tests.factories import make_occasion, make_unit

SPAN = "Kontrollera årtalet. Dagen ska ligga mellan 1940-01-01 och 2036-11-23."


@pytest.mark.parametrize("day", ["1940-01-01", "1974-02-28", "2026-11-23", "2036-11-23"])
def test_days_that_somebody_may_mean(day):
    assert fault_of(date.fromisoformat(day)) == ""


@pytest.mark.parametrize("day", ["0001-01-01", "1926-11-23", "2036-11-24", "2126-11-23"])
def test_days_that_only_a_slip_makes(day):
    assert fault_of(date.fromisoformat(day)) == SPAN


@pytest.mark.parametrize("moment", [datetime.min, datetime.max, datetime(2036, 11, 24)])
def test_moments_are_judged_by_their_day(moment):
    with pytest.raises(ValidationError, match="Kontrollera årtalet"):
        refuse_odd_days(moment)
    with pytest.raises(ValidationError, match="Kontrollera årtalet"):
        refuse_odd_days(moment.replace(tzinfo=timezone.get_current_timezone()))


@pytest.mark.parametrize("year", [1926, 2126])
def test_years_too(year):
    with pytest.raises(ValidationError, match="Det ska ligga mellan 1940 och 2036"):
        refuse_odd_years(year)


def test_every_day_of_every_model_has_the_rule_once():
    own = [config for config in apps.get_app_configs() if "site-packages" not in config.path]
    fields = [
        field
        for config in own
        for model in config.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.DateField)
    ]

    assert len(fields) > 50
    assert [str(field) for field in fields if field.validators.count(refuse_odd_days) != 1] == []


@pytest.mark.django_db
def test_rows_say_which_day_is_odd():
    unit, occasion = make_unit(), make_occasion()
    far = timezone.make_aware(datetime(2126, 3, 1, 13))
    rows = {
        "valid_from": Unit(hsa_id="SE1-A", name="Ny", kind=unit.kind, valid_from="1926-01-01"),
        "valid_to": Unit(hsa_id="SE1-B", name="Ny", kind=unit.kind, valid_to="2126-01-01"),
        "starts": Session(occasion=occasion, starts=far, ends=far.replace(hour=15)),
        "ends_at": ServiceMessage(text="Stopp", starts_at=timezone.now(), ends_at=far),
    }
    for name, row in rows.items():
        with pytest.raises(ValidationError) as refused:
            row.full_clean()
        assert refused.value.message_dict[name] == [SPAN]
