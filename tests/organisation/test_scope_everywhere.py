"""Every admin class and every address of a unit, tried by every group on one's own unit, a unit
below it and another, in every way the admin has; with forged ids in addresses and posts.

What is tried is generated from the admin's registry and the resolver, so that what is made
later is tried as well. `pytest -rP` prints how much it was.
"""

from collections import Counter

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from education.models import Participation, TrainingRequest
from followup.models import Measurement, UnitName, UnitReview
from organisation import scope
from organisation.models import (
    Appointment,
    Attestation,
    Listing,
    Person,
    Role,
    Unit,
    UnitManager,
)
from organisation.scoped_admin import ScopedAdmin
from portal.accounts.groups import GROUPS
from tests.factories import make_appointment, make_manager, make_person, make_review, make_unit
from tests.portal.test_admin import form_values, url

pytestmark = pytest.mark.django_db

# A right to see true values is nobody's but a superuser's; units are beside the point. Totals of
# participants and orders of training are the course responsible's, whatever unit they name; what
# names in files mean is the import desk's, of every unit.
NOT_SCOPED = {Measurement, Participation, TrainingRequest, UnitName}
SCOPED = [model for model in admin.site._registry if scope.is_scoped(model)]
# All with a right to "own": a manager without the admin, a region's own group, and each group.
WHO = ["bara chef", "enhetsredigerare", *GROUPS, "superuser"]
WHERE = ["own", "child", "other"]
SEES_ALL = {
    *("redaktör", "granskare", "kursansvarig", "uppföljningsansvarig", "administratör"),
    "superuser",
}
EDITS_ALL = {"administratör", "superuser"}
MARK = "Hemligby"


class World:
    """Three units, each with a row of every model that belongs to units."""

    def __init__(self):
        own = make_unit(name="Egenby")
        units = {"own": own, "child": make_unit(name="Underby", parent=own)}
        units["other"] = make_unit(name=MARK, hsa_id="SE9-HEMLIG", kind=own.kind)
        role = Role.objects.get(code="rehabkoordinator")
        self.rows = {}
        for where, unit in units.items():
            person = make_person(name=f"Person {unit.name}", hsa_id=f"SE9-P-{unit.name.upper()}")
            appointment = make_appointment(unit=unit, role=role, person=person)
            appointment.phone = "08-1"
            appointment.save()
            self.rows[where] = {
                Unit: unit,
                Person: person,
                Appointment: appointment,
                UnitManager: make_manager(unit=unit),
                Attestation: Attestation.objects.create(unit=unit),
                Listing: Listing.objects.create(unit=unit, year=2025, listed_patients=5),
                UnitReview: make_review(unit=unit),
            }

    def snapshot(self):
        """All that stands about the other unit."""
        rows = self.rows["other"]
        unit = rows[Unit].pk
        return [
            list(Unit.objects.filter(pk=unit).values()),
            list(Person.objects.filter(pk=rows[Person].pk).values()),
            *[
                list(model.objects.filter(unit=unit).order_by("pk").values())
                for model in (Appointment, UnitManager, Attestation, Listing, UnitReview)
            ],
        ]


@pytest.fixture
def world():
    return World()


def signed_in(who, world):
    users = get_user_model().objects
    staff = who != "bara chef" and bool(GROUPS.get(who, True))
    user = users.create_user(
        "prov@example.org", "x", is_staff=staff, is_superuser=who == "superuser"
    )
    if who in GROUPS:
        user.groups.add(Group.objects.get(name=who))
    if who == "enhetsredigerare":
        names = [model._meta.model_name for model in SCOPED]
        codename = f"^(view|add|change|delete)_({'|'.join(names)})$"
        group = Group.objects.create(name=who)
        rights = Permission.objects.filter(content_type__model__in=names)
        group.permissions.set(rights.filter(codename__regex=codename))
        user.groups.add(group)
    make_manager(unit=world.rows["own"][Unit], user=user)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.user = user
    return client


def test_each_class_whose_rows_name_a_unit_is_scoped():
    """A model that is registered later has to say which unit its rows belong to."""
    names_unit = {
        model
        for model in admin.site._registry
        if any(f.is_relation and f.related_model is Unit for f in model._meta.concrete_fields)
    }

    assert names_unit - NOT_SCOPED <= set(SCOPED)
    assert {*SCOPED} >= {Unit, Person, Appointment, UnitManager, Attestation}
    for model in SCOPED:
        assert isinstance(admin.site._registry[model], ScopedAdmin), model


def rolled_back(request):
    """A request's answer, and nothing of what it stored."""
    with transaction.atomic():
        answer = request()
        transaction.set_rollback(True)
    return answer


def has_perm(client, action, model):
    meta = model._meta
    return client.user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}")


@pytest.mark.parametrize("who", WHO)
def test_admin_shows_changes_and_confirms_nothing_of_another_unit(who, world):
    client, tried = signed_in(who, world), Counter()
    before = world.snapshot()
    for model in SCOPED:
        model_admin = admin.site._registry[model]
        sees = client.user.is_staff and has_perm(client, "view", model)
        changelist = client.get(url(model, "changelist"))
        assert (changelist.status_code == 200) == sees, (who, model)
        # A search for what only the other has, and a forged filter.
        for query in ("", "?q=hemlig", f"?id__exact={world.rows['other'][model].pk}"):
            page = client.get(url(model, "changelist") + query)
            if who not in SEES_ALL:
                assert MARK.lower() not in page.text.lower().replace("q=hemlig", ""), (who, query)
            tried["list"] += 1
        for where in WHERE:
            row = world.rows[where][model]
            reachable = sees and (where != "other" or who in SEES_ALL)
            for page in ("change", "history", "delete"):
                answer = client.get(url(model, page, row.pk))
                tried[f"{page}, GET"] += 1
                if not reachable:
                    missing = client.get(url(model, page, 10**9))
                    assert answer.status_code in {302, 403, 404}, (who, model, where, page)
                    assert answer.status_code == missing.status_code, (who, model, where, page)
                    assert MARK not in answer.text
                elif page != "delete":
                    assert answer.status_code == 200, (who, model, where, page)
            if where == "other" and who not in EDITS_ALL:
                _forge(client, world, model, model_admin, tried)
                assert world.snapshot() == before, (who, model)
    tried["autocomplete"] += _autocomplete(client, world, who)
    if client.user.is_staff and who not in SEES_ALL:
        assert MARK not in client.get(reverse("admin:index")).text
    print(f"{who}: {dict(tried)}")
    assert sum(tried.values()) > 80


def _forge(client, world, model, model_admin, tried):
    """What no page of ours would send about the other's row."""
    other, own = world.rows["other"][model], world.rows["own"][model]
    values = form_values(opened) if (opened := client.get(url(model, "change", own.pk))) and (
        opened.status_code == 200 and model_admin.has_change_permission(opened.wsgi_request)
    ) else {"name": "Kapad", "phone": "0"}  # fmt: skip
    record = model.history.filter(id=other.pk).first() if hasattr(model, "history") else None
    requests = [
        (url(model, "change", other.pk), {**values, "phone": "0", "_save": "1"}),
        (url(model, "change", other.pk), {"_saveasnew": "1", **values}),
        (url(model, "delete", other.pk), {"post": "yes"}),
        (
            url(model, "changelist"),
            {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"},
        ),
        (
            url(model, "changelist"),
            {
                "action": "delete_selected",
                "_selected_action": [own.pk],
                "select_across": "1",
                "index": "0",
                "post": "yes",
            },
        ),
    ]
    if record:
        requests.append(
            (f"{url(model, 'history', other.pk)}{record.pk}/", {**values, "_save": "1"})
        )
    for field in model._meta.concrete_fields:
        # One's own row, or a new one, moved to what is the other's.
        if field.is_relation and field.related_model in world.rows["other"]:
            forged = {**values, field.name: world.rows["other"][field.related_model].pk}
            requests.append((url(model, "change", own.pk), {**forged, "_save": "1"}))
            requests.append((url(model, "add"), {**forged, "_save": "1"}))
    for address, data in requests:
        with transaction.atomic():
            before = world.snapshot()
            answer = client.post(address, data)
            assert answer.status_code < 500, (address, data)
            assert world.snapshot() == before, (address, data)
            transaction.set_rollback(True)
        tried["forged POST"] += 1


def _autocomplete(client, world, who):
    tried = 0
    for model in SCOPED:
        for field in admin.site._registry[model].get_autocomplete_fields(None):
            meta = model._meta
            for term in ("", "hemlig", "SE9"):
                answer = client.get(
                    reverse("admin:autocomplete"),
                    {"app_label": meta.app_label, "model_name": meta.model_name,
                     "field_name": field, "term": term},
                )  # fmt: skip
                if who not in SEES_ALL:
                    assert MARK not in answer.text, (who, model, field)
                tried += 1
    return tried


UNIT_ROUTES = [
    pattern
    for pattern in next(
        each
        for each in get_resolver().url_patterns
        if getattr(each, "app_name", "") == "organisation"
    ).url_patterns
    if {"redigera", "ersattare"} & set(str(pattern.pattern).split("/"))
]


@pytest.mark.parametrize("who", ["anonymous", *WHO])
def test_site_answers_404_for_units_that_are_not_ones_own(who, world):
    client = Client() if who == "anonymous" else signed_in(who, world)
    before, tried = world.snapshot(), Counter()
    assert len(UNIT_ROUTES) == 5
    for route in UNIT_ROUTES:
        for where in [*WHERE, "missing"]:
            hsa_id = "SE9-FINNSINTE" if where == "missing" else world.rows[where][Unit].hsa_id
            numbers = (
                {}
                if "pk" not in str(route.pattern)
                else {"pk": world.rows["other"][UnitManager].pk}
            )
            address = reverse(f"organisation:{route.name}", kwargs={"hsa_id": hsa_id, **numbers})
            edits = where in {"own", "child"} or (where == "other" and who in EDITS_ALL)
            # A deputy is given by the manager, where her own right stands.
            if route.name in {"deputies", "deputy_end"}:
                edits = where == "own" and route.name == "deputies"
            for method in ("get", "post"):
                answer = rolled_back(
                    lambda m=method, a=address: getattr(client, m)(a, {"who": "x"})
                )
                tried[where] += 1
                if who == "anonymous":
                    assert answer.status_code in {302, 405}, address
                    assert answer.get("Location", "/konto/logga-in/").startswith("/konto/logga-in/")
                elif not edits:
                    wrong_method = answer.status_code == 405
                    assert wrong_method or answer.status_code == 404, (who, where, address)
                    assert MARK not in answer.text
                else:
                    assert answer.status_code in {200, 302, 405, 409, 422}, (who, address)
    if who not in EDITS_ALL:
        assert world.snapshot() == before
    print(f"{who}: {dict(tried)}")
    assert sum(tried.values()) == len(UNIT_ROUTES) * 8


def test_forged_deputy_of_another_unit_is_not_ended(world):
    client = signed_in("bara chef", world)
    other = world.rows["other"][UnitManager]
    deputy = UnitManager.objects.create(
        unit=other.unit, kind="deputy", deputy_for=other, email="e@example.org"
    )
    address = reverse("organisation:deputy_end", args=[world.rows["own"][Unit].hsa_id, deputy.pk])

    assert client.post(address).status_code == 404
    deputy.refresh_from_db()
    assert deputy.valid_to is None
