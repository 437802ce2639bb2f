"""The table of who may do what, held against what the admin lets each group do."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import RequestFactory
from django.urls import reverse

from portal.accounts import group_actions as actions
from portal.accounts import groups
from portal.accounts.groups import (
    ACTIONS,
    GROUPS,
    IMPORTERS,
    PAGE_MOVERS,
    PAGE_WORKFLOW,
    RELEASERS,
)

pytestmark = pytest.mark.django_db

RIGHTS = Path(__file__).parent.parent.parent / "docs/rights.md"
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
LETTERS = {"view": "s", "add": "l", "change": "ä", "delete": "t"}


def member(group):
    user = get_user_model().objects.create_user(f"{group}@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return get_user_model().objects.get(pk=user.pk)


@pytest.mark.parametrize("group", GROUPS)
def test_group_may_do_in_the_admin_what_the_table_says_and_no_more(group):
    request = RequestFactory().get("/admin/")
    request.user = member(group)
    allowed = {
        (model._meta.label_lower, action)
        for model in REGISTERED
        for action in ACTIONS
        if getattr(admin.site._registry[model], f"has_{action}_permission")(request)
    }
    registered = {model._meta.label_lower for model in REGISTERED}
    table = {
        (model, action)
        for model, granted in GROUPS[group].items()
        for action in granted
        if model in registered
    }

    assert allowed == table


@pytest.mark.parametrize("group", GROUPS)
def test_group_meets_only_its_own_pages(group, client):
    client.force_login(member(group))
    for model in REGISTERED:
        meta = model._meta
        granted = GROUPS[group].get(meta.label_lower, frozenset())
        name = f"admin:{meta.app_label}_{meta.model_name}"

        seen = client.get(reverse(f"{name}_changelist")).status_code
        added = client.get(reverse(f"{name}_add")).status_code

        assert (seen, added) == (
            200 if "view" in granted else 403,
            200 if "add" in granted else 403,
        ), meta.label


@pytest.mark.parametrize("group", GROUPS)
def test_group_has_every_permission_of_the_table(group):
    """Also for models without a page of their own, such as the steps of a page."""
    held = Group.objects.get(name=group).permissions.select_related("content_type")

    of_models = {
        f"{model.split('.')[0]}.{action}_{model.split('.')[1]}"
        for model, granted in GROUPS[group].items()
        for action in granted
    }
    of_units = {f"organisation.{each}" for each in groups.every_unit(group)}
    of_steps = {f"guidance.{step}_pageversion" for step in PAGE_WORKFLOW.get(group, ())}
    assert {f"{row.content_type.app_label}.{row.codename}" for row in held} == (
        of_models
        | of_units
        | of_steps
        | ({"guidance.move_page"} if group in PAGE_MOVERS else set())
        | ({"followup.publish_release"} if group in RELEASERS else set())
        | ({"followup.import_values"} if group in IMPORTERS else set())
    )


def test_table_names_only_models_and_actions_that_exist():
    for table in GROUPS.values():
        for model, granted in table.items():
            assert apps.get_model(model)
            assert granted <= set(ACTIONS)


def test_who_writes_a_page_is_not_who_lets_it_out():
    held = {
        name: {
            step
            for step in ("submit", "approve", "publish", "withdraw")
            if Group.objects.get(name=name)
            .permissions.filter(codename=f"{step}_pageversion")
            .exists()
        }
        for name in GROUPS
    }

    assert held["redaktör"] == {"submit"}
    assert held["granskare"] == {"approve", "publish", "withdraw"}
    assert held["administratör"] == {"submit", "approve", "publish", "withdraw"}
    assert held["enhetschef"] == held["kursansvarig"] == held["uppföljningsansvarig"] == set()


def test_unknown_model_in_the_table_fails(monkeypatch):
    monkeypatch.setitem(groups.GROUPS, "granskare", {"guidance.finnsinte": groups.VIEW})

    with pytest.raises(LookupError, match="finnsinte"):
        actions.hold_groups(apps.get_app_config("guidance"))


def test_migrating_again_restores_the_table_and_leaves_other_groups_alone():
    group = Group.objects.get(name="kursansvarig")
    stranger = Permission.objects.get(codename="delete_unit")
    group.permissions.add(stranger)
    group.permissions.remove(Permission.objects.get(codename="change_course"))
    own = Group.objects.create(name="regionens egen")
    own.permissions.add(stranger)

    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)

    names = set(group.permissions.values_list("codename", flat=True))
    assert "delete_unit" not in names
    assert "change_course" in names
    assert [*own.permissions.all()] == [stranger]
    assert Group.objects.filter(name="kursansvarig").count() == 1


def test_nobody_but_superusers_gets_true_values():
    assert not any("followup.measurement" in table for table in GROUPS.values())


def told_rows():
    """{(model's Swedish plural, group): letters} from the table of docs/rights.md."""
    text = RIGHTS.read_text(encoding="utf-8")
    table = re.search(r"\n(\| Vad \|.*?)\n\n", text, re.S).group(1).splitlines()
    head = [cell.strip() for cell in table[0].strip("|").split("|")][1:]
    rows = {}
    for line in table[2:]:
        name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.update({(name, group): cell for group, cell in zip(head, cells, strict=True)})
    return rows


def test_rights_page_says_what_the_table_says():
    rows = told_rows()
    expected = {}
    for group, table in GROUPS.items():
        for model in {name for each in GROUPS.values() for name in each}:
            granted = table.get(model, frozenset())
            letters = "".join(LETTERS[action] for action in ACTIONS if action in granted)
            name = apps.get_model(model)._meta.verbose_name_plural
            expected[name, group] = letters or "–"

    assert rows == expected


def test_administrator_cannot_make_herself_a_superuser(client):
    user = member("administratör")
    chief = get_user_model().objects.create_superuser("chef@example.org", "x")
    client.force_login(user)
    address = reverse("admin:accounts_user_change", args=[user.pk])
    page = client.get(address).content.decode()
    assert 'name="groups"' in page
    assert 'name="is_superuser"' not in page
    assert 'name="user_permissions"' not in page

    client.post(
        address, {"email": user.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    )
    user.refresh_from_db()
    assert not user.is_superuser

    for page in ("change", "delete"):
        address = reverse(f"admin:accounts_user_{page}", args=[chief.pk])
        assert client.post(address, {"post": "yes"}).status_code in {302, 403}
    address = reverse("admin:auth_user_password_change", args=[chief.pk])
    values = {"password1": "nytt-losen-31415", "password2": "nytt-losen-31415"}
    assert client.post(address, values).status_code in {302, 403, 404}
    chief.refresh_from_db()
    assert chief.check_password("x")
