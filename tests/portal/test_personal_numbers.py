"""Personal identity numbers: how they are known, and that no form of any model takes one."""

import json
from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from education.models import Occasion
from portal.accounts.models import User
from portal.web.personal_numbers import (
    ADVICE,
    guarded_fields,
    has_personal_number,
    refuse_personal_numbers,
)

# Socialstyrelsen and Skatteverket use 1212-12-12 for examples: nobody has such a number.
NUMBER = "19121212-1212"


@pytest.mark.parametrize(
    "text",
    [
        "191212121212",
        "1212121212",
        "121212-1212",
        "121212+1212",
        "121212–1212",  # en dash
        "121212‑1212",  # hard hyphen
        "121212−1212",  # minus
        "121212 1212",
        "121212\u00a01212",  # hard blank
        "121212 - 1212",
        "19 121212-1212",
        "19121212 1212",
        "1912-12-12-1212",
        "1912-12-12 - 1212",
        "12-12-12-1212",
        "1912.12.12-1212",
        "12 12 12-1212",
        "121272-1219",  # co-ordination number
        "19121272-1219",
        "121212-T121",  # interim number
        "pnr121212-1212",
        "pnr-121212-1212",
        "(121212-1212)",
        "121212-1212:s",
        "12<b>12</b>12-1212",
        "121212-&#49;212",
        "1212\u200b12-1212",
        "１２１２１２-１２１２",
    ],
)
def test_every_way_to_write_one_is_known(text):
    assert has_personal_number(text)
    assert has_personal_number(f"Patienten {text}, som ringde.")


@pytest.mark.parametrize(
    "text",
    [
        "121212-1213",  # control digit
        "121312-1211",
        "120230-1219",  # no such day
        "120290-1216",  # nor with 60 added
        "556036-0793",  # a company
        "SE2321000016-1003",  # HSA-id
        "08-123 456 78",
        "070-123 45 67",
        "+46 70 123 45 67",
        "0771-524 524",
        "2019:1297",
        "1991:481 18 §",
        "DV077, GB010",
        "2026-03-12 1530",  # a moment
        "10 12 15 1232",  # columns
        "1121212-12122",
        "11212121212",
        "121212-12123",
        "121212-T121x4"[:8],
        "<td>121212</td><td>1212</td>",
        "7f1212121212f"[:6],
        "",
    ],
)
def test_other_numbers_are_left_alone(text):
    assert not has_personal_number(text)


def luhn(nine):
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(nine))
    return str(-total % 10)


DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 31))


@settings(max_examples=300, deadline=None)
@given(
    born=DAYS,
    serial=st.integers(0, 999),
    added=st.sampled_from([0, 60]),
    century=st.booleans(),
    sign=st.sampled_from(["-", "+", "", " ", "–", " - "]),
    around=st.tuples(
        st.text("abc åäö.,()!?\n", max_size=9), st.text("abc åäö.,()!?\n", max_size=9)
    ),
)
def test_all_numbers_that_can_be_given_are_known(born, serial, added, century, sign, around):
    six = f"{born:%y%m}{born.day + added:02}"
    number = f"{six}{sign}{serial:03}{luhn(f'{six}{serial:03}')}"
    number = f"{born:%Y}"[:2] * century + number
    assert has_personal_number(f"{around[0]}{number}{around[1]}")


@settings(max_examples=300, deadline=None)
@given(born=DAYS, serial=st.integers(0, 999), wrong=st.integers(1, 9))
def test_a_number_with_another_control_digit_is_none(born, serial, wrong):
    nine = f"{born:%y%m%d}{serial:03}"
    last = (int(luhn(nine)) + wrong) % 10
    assert not has_personal_number(f"{nine[:6]}-{nine[6:]}{last}")


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("0123456789-+ .:/<b>&#;TÅ١１\u200b\x00"), max_size=400))
def test_odd_strings_are_answered(text):
    assert has_personal_number(text) in {True, False}


def test_long_texts_cost_little():
    for text in ("<" * 200_000, "12" * 100_000, "1212 " * 40_000, "&#" * 100_000, "<b" * 100_000):
        assert not has_personal_number(text)
    assert has_personal_number("x " * 100_000 + NUMBER)


def test_lists_and_tables_are_read_through():
    refuse_personal_numbers(["a", {"b": ["c", 1212121212, None]}])
    for value in (["a", NUMBER], {"a": {"b": [NUMBER]}}, {NUMBER: 1}):
        with pytest.raises(ValidationError) as refused:
            refuse_personal_numbers(value)
        assert refused.value.messages == [ADVICE]


def own_models():
    return [
        model
        for model in apps.get_models()
        if "site-packages" not in model._meta.app_config.path
        and not model.__name__.startswith("Historical")
    ]


def test_every_text_field_of_every_model_refuses_one():
    """Walks the models itself, so that a field that the guard overlooks is seen."""
    texts = (models.CharField, models.TextField, models.JSONField)
    unguarded = [
        str(field)
        for model in own_models()
        for field in model._meta.concrete_fields
        if isinstance(field, texts) and refuse_personal_numbers not in field.validators
    ]
    assert sorted(unguarded) == [
        "accounts.Invitation.token_hash",
        "accounts.User.password",
        "audit.Entry.values_hash",
        "education.CourseNews.times",
        "education.ExternalCalendar.digest",
        "education.ExternalCalendar.etag",
        "education.ExternalCalendar.fault",
        "education.ExternalCalendar.last_modified",
        "education.ExternalCalendar.note",
        "followup.ImportBatch.choices",
        "followup.ImportBatch.replaced",
        "followup.ImportBatch.result",
        "followup.ImportFile.checksum",
        "followup.Release.result",
        "followup.Release.spread",
        "followup.UnitName.key",
        "guidance.DocumentVersion.checksum",
        "guidance.DocumentVersion.file_kind",
        "guidance.DocumentVersion.file_name",
        "guidance.Page.amendments_read",
        "guidance.PageVersion.contents",
        "guidance.PageVersion.lasting",
        "guidance.PageVersion.preview_key",
        "guidance.PageVersion.rendered",
        "organisation.FileImport.checksum",
        "organisation.FileImport.options",
        "organisation.FileImport.result",
        "web.SiteSettings.logo",
        "web.SiteSettings.logo_code",
        "web.SiteSettings.logo_dark",
        "web.SiteSettings.logo_dark_code",
    ]


def test_a_field_with_history_refuses_one_once():
    field = Occasion._meta.get_field("cancel_reason")
    with pytest.raises(ValidationError) as fault:
        field.clean("19811218-9876", Occasion())

    assert fault.value.messages == [ADVICE]


@pytest.mark.django_db
def test_the_starting_content_holds_nothing_that_looks_like_one():
    """0 false alarms in all texts of the pack, through the validator that forms use."""
    alarms, read = [], 0
    for field in guarded_fields():
        for value in field.model._base_manager.values_list(field.name, flat=True):
            read += 1
            try:
                refuse_personal_numbers(value)
            except ValidationError:
                alarms.append(f"{field}: {value}")
    assert alarms == []
    assert read > 5000


def forms_of_the_admin(request):
    for model, model_admin in admin.site._registry.items():
        if model in own_models() and model._meta.model_name not in {"page", "measurement"}:
            yield model, model_admin.get_form(request, change=False)


@pytest.mark.django_db
def test_every_form_of_the_admin_refuses_one_in_every_text_field(rf):
    """Posts a number into all fields at once: each text field must answer for itself."""
    request = rf.get("/admin/")
    request.user = User.objects.create_superuser("a@example.org")
    guarded = {(field.model, field.name): field for field in guarded_fields()}
    tried = 0
    for model, form_class in forms_of_the_admin(request):
        names = [name for name in form_class.base_fields if (model, name) in guarded]
        names = [name for name in names if not guarded[model, name].choices]
        form = form_class(data=dict.fromkeys(names, NUMBER))
        assert not form.is_valid() or not names
        for name in names:
            messages = form.errors.get(name, [])
            # An address, a code or a colour is refused for its shape before that.
            assert messages, f"{model.__name__}.{name} took it"
            tried += ADVICE in messages
            assert "1212" not in json.dumps(messages)
    assert tried > 80


@pytest.mark.django_db
def test_a_forged_post_stores_nothing(admin_client):
    term = apps.get_model("guidance", "GlossaryTerm")
    before = term.objects.count()
    response = admin_client.post(
        "/admin/guidance/glossaryterm/add/",
        {"term": "prov", "anchor": "prov", "kind": "term", "meaning": f"Som {NUMBER}."},
    )
    assert response.status_code == 200
    assert ADVICE in response.context["adminform"].form.errors["meaning"]
    assert term.objects.count() == before
