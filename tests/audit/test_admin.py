"""The log as an auditor reads it."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from organisation.models import Unit
from portal.accounts.models import User
from portal.audit.models import Action, Entry
from portal.audit.notes import note
from tests.factories import make_unit

from .helpers import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(admin_client):
    """Signed in, with a log that is empty of what that wrote."""
    written()
    return admin_client


def page_of(client, entry):
    """{label: text} of an entry's page."""
    text = client.get(reverse("admin:audit_entry_change", args=[entry.pk])).text
    found = re.findall(r"<label>(.*?)</label>.*?<div class=\"readonly\">(.*?)</div>\s*</div>",
                       text, re.DOTALL)  # fmt: skip
    return {label.strip(" :"): words_of(value) for label, value in found}


def words_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_change_is_told_by_field_before_and_after(auditor):
    unit = make_unit(name="Eken")
    written()
    unit.name, unit._change_reason = "Almen", "Nytt namn"
    unit.save()
    [entry] = written()

    told = page_of(auditor, entry)
    assert told["Rad"] == f"Almen ({unit.pk})"
    assert told["Skäl"] == "Nytt namn"
    assert told["Före och efter"] == "Fält Före Efter Namn Eken Almen"
    assert told["Konto"] == told["Uppgifter"] == "–"
    form = reverse("admin:organisation_unit_change", args=[unit.pk])
    page = auditor.get(reverse("admin:audit_entry_change", args=[entry.pk])).text
    assert f'<a href="{form}">Almen ({unit.pk})</a>' in page
    assert ">Historik<" not in page


def test_groups_are_told_by_name_and_number(auditor):
    user = User.objects.create_user("vera@example.org", "x")
    group = Group.objects.create(name="provgrupp")
    written()
    user.groups.add(group)
    [entry] = written()

    assert page_of(auditor, entry)["Uppgifter"] == f"Grupper: tillagda: provgrupp ({group.pk})"


def test_list_tells_whose_sign_in_failed_and_survives_accounts_that_are_gone(auditor):
    user = User.objects.create_user("vera@example.org", "x")
    note(Action.SIGN_IN_FAILED, "accounts.user", user.pk)
    note(Action.SIGN_IN_FAILED, "accounts.user", 987_654)
    note(Action.EXPORT, "guidance.feedback", facts={"rows": 12})
    written()
    text = strip_tags(auditor.get(reverse("admin:audit_entry_changelist")).text)

    assert f"Användare: vera@example.org ({user.pk})" in text
    assert "Användare: 987654" in text
    export = Entry.objects.get(action=Action.EXPORT)
    assert page_of(auditor, export)["Uppgifter"] == "Rader: 12"


def test_row_of_a_kind_that_is_no_more_is_still_read(auditor):
    note(Action.CHANGE, "old.kind", 3, name="En rad", changes={"gone": ("a", None)},
         facts={"gone": ["a", 4]})  # fmt: skip
    [entry] = written()

    told = page_of(auditor, entry)
    assert told["Slag"] == "Old.kind"
    assert told["Rad"] == "En rad (3)"
    assert told["Före och efter"] == "Fält Före Efter Borta a tomt"
    assert told["Uppgifter"] == "Borta: a, 4"


def test_list_asks_as_much_for_many_rows_as_for_few(auditor):
    address, asked = reverse("admin:audit_entry_changelist"), []
    for number in (1, 20):
        for _ in range(number):
            make_unit()
        written()
        with CaptureQueriesContext(connection) as queries:
            auditor.get(address)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert Unit.objects.count() >= 21
