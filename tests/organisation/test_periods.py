from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import modelform_factory

from organisation.models import Unit
from portal.audit.shown import changes_of
from portal.editing.history_timeline import Timeline
from tests.factories import make_unit

FIRST, END = date(2026, 3, 1), date(2026, 7, 1)


def test_includes_first_day_and_excludes_the_day_it_ends(db):
    unit = make_unit(valid_from=FIRST, valid_to=END)
    shown = {
        day: Unit.objects.on(day).filter(pk=unit.pk).exists()
        for day in (date(2026, 2, 28), FIRST, date(2026, 6, 30), END)
    }

    assert shown == {
        date(2026, 2, 28): False,
        FIRST: True,
        date(2026, 6, 30): True,
        END: False,
    }


def test_open_ended_period_has_no_limits(db):
    unit = make_unit()

    assert Unit.objects.on(date(1900, 1, 1)).filter(pk=unit.pk).exists()
    assert Unit.objects.on(date(2999, 1, 1)).filter(pk=unit.pk).exists()


def test_day_is_the_swedish_one_by_default(db, clock):
    unit = make_unit(valid_from=date(2026, 12, 1))

    clock.move_to("2026-11-30T22:59:00+00:00")  # 23.59 in Sweden
    assert not Unit.objects.on().filter(pk=unit.pk).exists()
    clock.move_to("2026-11-30T23:01:00+00:00")
    assert Unit.objects.on().filter(pk=unit.pk).exists()


def test_last_day_is_the_day_before_the_end():
    assert Unit(valid_to=END).last_day == date(2026, 6, 30)
    assert Unit().last_day is None


def test_has_ended_from_the_end_day_on():
    assert Unit(valid_to=date(2026, 11, 23)).has_ended
    assert not Unit(valid_to=date(2026, 11, 24)).has_ended
    assert not Unit().has_ended


@pytest.mark.parametrize("valid_to", [FIRST, date(2026, 2, 1)])
def test_empty_period_is_refused(db, valid_to):
    unit = make_unit()
    unit.valid_from, unit.valid_to = FIRST, valid_to

    with pytest.raises(ValidationError) as refused:
        unit.full_clean()
    assert refused.value.messages == ["Perioden måste sluta efter att den har börjat."]
    with pytest.raises(IntegrityError):
        unit.save()


def test_period_of_one_day_is_taken(db):
    unit = make_unit(valid_from=FIRST, valid_to=date(2026, 3, 2))

    unit.full_clean()
    assert unit.last_day == FIRST


def test_last_valid_day_is_what_editors_read_and_write(db):
    unit = make_unit(valid_to=date(2026, 12, 1))
    form_class = modelform_factory(Unit, fields=["valid_to"])

    assert form_class(instance=unit)["valid_to"].value() == date(2026, 11, 30)
    untouched = form_class({"valid_to": "2026-11-30"}, instance=unit)
    assert (untouched.is_valid(), untouched.has_changed()) == (True, False)
    form_class({"valid_to": "2027-01-31"}, instance=unit).save()
    unit.refresh_from_db()
    assert unit.valid_to == date(2027, 2, 1)
    assert not form_class({"valid_to": "9999-12-31"}, instance=unit).is_valid()


def test_history_and_audit_log_tell_the_last_valid_day(db):
    unit = make_unit(name="Linden")
    unit.valid_to = date(2026, 12, 1)
    unit.save()

    timeline = Timeline(Unit, unit.pk, [])
    [change] = timeline.entries(timeline.moments())[0].changes
    assert (change.label, change.old, change.new) == (
        "Gäller till och med",
        "tomt",
        "30 november 2026",
    )
    assert [*changes_of("organisation.unit", {"valid_to": [None, "2026-12-01"]})] == [
        ("Gäller till och med", "tomt", "2026-11-30")
    ]
