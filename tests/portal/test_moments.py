"""When a page may change though nobody writes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db.models import DateTimeField
from django.utils import timezone

from portal.caching import moments
from tests.factories import (
    make_imported_event,
    make_occasion,
    make_service_message,
    make_version,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")

pytestmark = pytest.mark.django_db


def test_the_next_change_is_the_first_of_all_moments():
    now = timezone.now()
    at = [now + timedelta(minutes=n) for n in range(1, 9)]
    make_service_message(starts_at=now, ends_at=at[7])
    expected = [now + timedelta(minutes=8)]
    for make, when in (
        (lambda when: make_occasion(starts=when - timedelta(hours=2)), at[6]),
        (lambda when: make_occasion(starts=when), at[5]),
        (lambda when: make_imported_event(starts=when), at[4]),
        (lambda when: make_version(publish_at=when), at[3]),
        (lambda when: make_version(expire_at=when), at[2]),
    ):
        make(when)
        expected.append(moments.next_change(now))

    assert expected == [at[7], at[6], at[5], at[4], at[3], at[2]]


def test_the_next_change_is_never_further_than_ten_minutes():
    now = datetime(2026, 11, 23, 3, 0, tzinfo=STOCKHOLM)

    assert moments.next_change(now) == now + timedelta(minutes=10)


def test_moments_come_from_every_table_that_pages_show():
    fields = {f"{model._meta.label}.{name}" for model, name in moments.fields_with_moments()}

    assert {
        "education.ImportedEvent.ends",
        "education.ImportedEvent.starts",
        "education.Session.ends",
        "education.Session.starts",
        "guidance.PageVersion.expire_at",
        "guidance.PageVersion.publish_at",
        "web.ServiceMessage.ends_at",
        "web.ServiceMessage.starts_at",
    } <= fields
    assert not any("Historical" in field or "OutgoingMail" in field for field in fields)


def test_what_is_said_to_be_past_are_moments_of_models():
    for name in moments._PAST:
        model, _, field = name.rpartition(".")
        assert isinstance(apps.get_model(model)._meta.get_field(field), DateTimeField), name
    shown = {f"{model._meta.label}.{name}" for model, name in moments.fields_with_moments()}

    assert moments._PAST
    assert shown & moments._PAST == set()
