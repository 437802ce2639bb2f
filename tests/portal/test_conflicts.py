"""Two editors on one row: the second is asked, and nothing of either is lost."""

import html
import re

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from education.models import Participation, Session
from guidance.models import Document, LegalReference, Page, Redirect, Synonym
from organisation.models import (
    Appointment,
    Listing,
    Profession,
    Responsibility,
    Role,
    Unit,
    UnitManager,
)
from portal.editing.conflict_admin import ConflictAdmin
from tests.factories import (
    make_appointment,
    make_best_bet,
    make_claim_rule,
    make_document,
    make_feedback,
    make_imported_event,
    make_law,
    make_manager,
    make_occasion,
    make_page,
    make_role,
    make_service_message,
    make_training_request,
    make_unit,
)
from tests.portal.test_admin import REGISTERED, by_label, form_values, url

pytestmark = pytest.mark.django_db


def signed_in(email, **fields):
    client = Client()
    client.user = get_user_model().objects.create_superuser(email, "x", **fields)
    client.force_login(client.user)
    return client


@pytest.fixture
def anna():
    return signed_in("anna@example.org", first_name="Anna", last_name="Ek")


@pytest.fixture
def bo():
    return signed_in("bo@example.org", first_name="Bo", last_name="Alm")


@pytest.fixture
def rows():
    """What the starting content has none of."""
    Redirect.objects.create(old_path="/gammal/", page=make_page())
    course = make_occasion().course
    profession = Profession.objects.first()
    Participation.objects.create(year=2025, course=course, profession=profession, count=7)
    make_training_request()
    make_imported_event()
    make_service_message()
    make_feedback()
    Listing.objects.create(unit=make_unit(), year=2026, listed_patients=5)
    make_manager(user=None, email="chef@example.org")
    make_claim_rule()
    make_best_bet()


def opened(client, row):
    """The form's address and values, as a browser has them while somebody writes."""
    address = url(type(row), "change", row.pk)
    return address, form_values(client.get(address))


def hidden_values(response):
    """What the conflict page would send, nothing chosen."""
    values = {}
    for tag in re.findall(r"<input type=\"hidden\"[^>]*>", response.text):
        name, value = (html.unescape(re.search(f'{key}="([^"]*)"', tag)[1]) for key in ATTRIBUTES)
        values.setdefault(name, []).append(value)
    return values


ATTRIBUTES = ("name", "value")


def words_of(response):
    """The page's own words, without what is hidden."""
    text = response.text[response.text.index('<div class="conflict-page">') :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def differences(response):
    context = response.context
    return {
        part: [(each.label, each.base, each.theirs, each.mine) for each in context[part]]
        for part in ("to_choose", "theirs", "mine")
    }


def may_be_changed(model):
    model_admin = admin.site._registry[model]
    superuser = type("Request", (), {"user": get_user_model()(is_superuser=True)})()
    return model_admin.has_change_permission(superuser, model())


CHANGEABLE = [model for model in REGISTERED if model is not Page and may_be_changed(model)]
# Where a text is not free.
FREE = {
    Redirect: ("old_path", "/gammal-{}/"),
    Synonym: ("words", "ord\n{}"),
    UnitManager: ("email", "{}@example.org"),
}


def free_text(model, form):
    """A field that takes any text, and a pattern for new ones."""
    if model in FREE:
        return FREE[model]
    plain = [
        name
        for name, field in form.fields.items()
        if isinstance(field, forms.CharField)
        and type(field) not in {forms.EmailField, forms.URLField}
        and name not in {"change_reason", "hsa_id", "code", "slug"}
        and not field.disabled
    ]
    return plain[0], "Nytt {}"


@pytest.mark.parametrize("model", REGISTERED, ids=by_label)
def test_every_admin_that_changes_rows_sees_conflicts(model):
    model_admin = admin.site._registry[model]

    assert not model_admin.list_editable
    if model in CHANGEABLE:
        assert isinstance(model_admin, ConflictAdmin)


def test_what_is_walked_is_not_nothing():
    assert len(CHANGEABLE) > 20
    assert not may_be_changed(REGISTERED[[by_label(m) for m in REGISTERED].index(MEASUREMENT)])


MEASUREMENT = "followup.Measurement"


@pytest.mark.parametrize("model", CHANGEABLE, ids=by_label)
def test_second_to_save_is_asked_and_can_save_hers(model, anna, bo, rows):
    row = model._default_manager.order_by("pk").first()
    address, first = opened(anna, row)
    _, second = opened(bo, row)
    form = anna.get(address).context["adminform"].form
    assert not [
        name for name, field in form.fields.items() if isinstance(field.widget, forms.MultiWidget)
    ]
    name, pattern = free_text(model, form)

    assert anna.post(address, {**first, name: pattern.format("annas")}).status_code == 302
    conflict = bo.post(address, {**second, name: pattern.format("bos")})

    stored = form_values(anna.get(address))
    assert conflict.status_code == 409
    assert stored[name] == pattern.format("annas")
    assert [each.key for each in conflict.context["to_choose"]] == [name]
    text = words_of(conflict)
    assert conflict.context["saved"][1] == anna.user
    assert " ".join(pattern.format("annas").split()) in text
    assert " ".join(pattern.format("bos").split()) in text

    saved = bo.post(address, {**hidden_values(conflict), f"_choose:{name}": "mine"})

    assert saved.status_code == 302
    after = form_values(anna.get(address))
    assert after[name] == pattern.format("bos")
    assert {**after, name: "", "_opened": ""} == {**stored, name: "", "_opened": ""}


def test_what_only_one_has_changed_needs_no_choice(anna, bo):
    unit = make_unit(name="Ekens vårdcentral", town="Ektorp", phone="010-1")
    address, first = opened(anna, unit)
    _, second = opened(bo, unit)
    anna.post(address, {**first, "town": "Lillköping", "valid_to": "2027-01-31"})

    conflict = bo.post(address, {**second, "phone": "010-2", "change_reason": "Ny växel"})

    assert conflict.status_code == 409
    assert "Anna Ek sparade ”Ekens vårdcentral” 23 november 2026" in words_of(conflict)
    assert differences(conflict) == {
        "to_choose": [],
        "theirs": [
            ("Ort", "Ektorp", "Lillköping", "Ektorp"),
            ("Gäller till och med", "tomt", "31 januari 2027", "tomt"),
        ],
        "mine": [
            ("Telefon", "010-1", "010-1", "010-2"),
            ("Varför ändrar du?", "tomt", "tomt", "Ny växel"),
        ],
    }
    assert bo.post(address, hidden_values(conflict)).status_code == 302
    unit.refresh_from_db()
    assert (unit.town, unit.phone, str(unit.valid_to)) == ("Lillköping", "010-2", "2027-02-01")
    record = unit.history.first()
    assert (record.history_user, record.history_change_reason) == (bo.user, "Ny växel")


def test_choice_for_the_other_keeps_hers_and_no_choice_asks_again(anna, bo):
    law = make_law(short_name="Gammalt", governs="Något")
    address, first = opened(anna, law)
    _, second = opened(bo, law)
    anna.post(address, {**first, "short_name": "Annas", "governs": "Annas"})
    conflict = bo.post(address, {**second, "short_name": "Bos", "governs": "Bos"})
    values = hidden_values(conflict)

    asked = bo.post(address, {**values, "_choose:short_name": "theirs", "_choose:governs": "x"})
    assert asked.status_code == 409
    assert "Välj ett alternativ för varje uppgift" in words_of(asked)
    assert [each.choice for each in asked.context["to_choose"]] == ["theirs", ""]
    chosen = {"_choose:short_name": "theirs", "_choose:governs": "mine"}
    assert bo.post(address, {**hidden_values(asked), **chosen}).status_code == 302

    law.refresh_from_db()
    assert (law.short_name, law.governs) == ("Annas", "Bos")


def test_third_one_who_saves_meanwhile_is_seen_too(anna, bo):
    law = make_law(short_name="Gammalt")
    address, first = opened(anna, law)
    _, second = opened(bo, law)
    anna.post(address, {**first, "short_name": "Annas"})
    conflict = bo.post(address, {**second, "short_name": "Bos"})
    anna.post(address, {**opened(anna, law)[1], "short_name": "Annas igen"})

    again = bo.post(address, {**hidden_values(conflict), "_choose:short_name": "mine"})

    assert again.status_code == 409
    law.refresh_from_db()
    assert law.short_name == "Annas igen"
    assert differences(again)["to_choose"] == [
        ("Kort namn", "Gammalt", "Annas igen", "Bos"),
    ]
    bo.post(address, {**hidden_values(again), "_choose:short_name": "mine"})
    law.refresh_from_db()
    assert law.short_name == "Bos"


def test_wrong_value_is_kept_through_the_conflict_and_told_after_it(anna, bo):
    law = make_law(short_name="Gammalt")
    address, first = opened(anna, law)
    _, second = opened(bo, law)
    anna.post(address, {**first, "short_name": "Annas"})

    conflict = bo.post(address, {**second, "in_force_from": "2026-02-31"})
    form = bo.post(address, hidden_values(conflict))

    assert conflict.status_code == 409
    assert "2026-02-31" in words_of(conflict)
    assert form.status_code == 200
    assert "Skriv dagen som år-månad-dag, till exempel 2027-03-01." in form.text
    assert form_values(form)["in_force_from"] == "2026-02-31"
    assert form_values(form)["short_name"] == "Annas"
    assert bo.post(address, {**form_values(form), "in_force_from": ""}).status_code == 302


def test_button_pressed_twice_is_no_conflict_and_adds_one_row(anna):
    role = make_role()
    address, values = opened(anna, role)
    new = added("responsibilities", values, 0, text="Kallar", kind="own", position="1")
    values = {**values, **new, "title": "Ny"}

    assert [anna.post(address, values).status_code for _ in range(2)] == [302, 302]

    assert [each.text for each in role.responsibilities.all()] == ["Kallar"]
    assert Role.objects.get(pk=role.pk).title == "Ny"


def test_own_save_in_another_window_is_told(anna):
    law = make_law(short_name="Gammalt")
    address, values = opened(anna, law)
    anna.post(address, {**values, "short_name": "Först"})

    conflict = anna.post(address, {**values, "short_name": "Sedan"})

    assert conflict.status_code == 409
    assert "Du har själv sparat" in words_of(conflict)


# -- rows that belong to another -------------------------------------------------------


def added(prefix, values, number, **fields):
    total = max(int(values[f"{prefix}-TOTAL_FORMS"]), number + 1)
    named = {f"{prefix}-{number}-{name}": value for name, value in fields.items()}
    return {f"{prefix}-TOTAL_FORMS": str(total), **named}


@pytest.fixture
def role():
    role = make_role(title="Prov")
    for position, text in enumerate(["Ett", "Två", "Tre"]):
        Responsibility.objects.create(role=role, text=text, kind="own", position=position)
    return role


def texts_of(role):
    return [each.text for each in Responsibility.objects.filter(role=role).order_by("pk")]


def test_rows_changed_added_and_deleted_by_both_come_together(anna, bo, role):
    address, first = opened(anna, role)
    _, second = opened(bo, role)
    place = "responsibilities"
    annas = added(place, first, 3, text="Annas nya", kind="own", position="7")
    annas |= {f"{place}-0-text": "Annas ett", f"{place}-2-DELETE": "on"}
    anna.post(address, {**first, **annas})
    assert texts_of(role) == ["Annas ett", "Två", "Annas nya"]
    bos = added(place, second, 3, text="Bos nya", kind="own", position="8")

    conflict = bo.post(address, {**second, **bos, f"{place}-1-text": "Bos två"})

    assert conflict.status_code == 409
    found = differences(conflict)
    assert found["to_choose"] == []
    assert [each[0] for each in found["theirs"]] == [
        "Ansvar ”Annas ett”: Ansvar",
        "Ansvar ”Annas nya”",
        "Ansvar ”Tre”",
    ]
    assert bo.post(address, hidden_values(conflict)).status_code == 302
    assert texts_of(role) == ["Annas ett", "Bos två", "Annas nya", "Bos nya"]


@pytest.mark.parametrize(
    ("choice", "left"), [("theirs", ["Två", "Tre"]), ("mine", ["Två", "Tre", "Bos ett"])]
)
def test_row_that_one_deleted_and_the_other_changed_is_a_choice(choice, left, anna, bo, role):
    address, first = opened(anna, role)
    _, second = opened(bo, role)
    anna.post(address, {**first, "responsibilities-0-DELETE": "on"})

    conflict = bo.post(address, {**second, "responsibilities-0-text": "Bos ett"})

    (each,) = conflict.context["to_choose"]
    assert (each.label, each.theirs) == ("Ansvar ”Ett”", "raden finns inte")
    assert "Bos ett" in each.mine
    saved = bo.post(address, {**hidden_values(conflict), f"_choose:{each.key}": choice})
    assert saved.status_code == 302
    assert texts_of(role) == left


@pytest.mark.parametrize(
    ("choice", "left"), [("theirs", ["Annas ett", "Två", "Tre"]), ("mine", ["Två", "Tre"])]
)
def test_row_that_one_changed_and_the_other_deletes_is_a_choice(choice, left, anna, bo, role):
    address, first = opened(anna, role)
    _, second = opened(bo, role)
    anna.post(address, {**first, "responsibilities-0-text": "Annas ett"})

    conflict = bo.post(address, {**second, "responsibilities-0-DELETE": "on"})

    (each,) = conflict.context["to_choose"]
    assert each.mine == "raden finns inte"
    saved = bo.post(address, {**hidden_values(conflict), f"_choose:{each.key}": choice})
    assert saved.status_code == 302
    assert texts_of(role) == left


def test_times_of_an_occasion_and_versions_of_a_document_are_compared(anna, bo):
    occasion, document = make_occasion(), make_document()
    for row, name, value in [
        (occasion, "sessions-0-title", "Del ett"),
        (document, "versions-0-note", "Ny"),
    ]:
        if row is document:
            document.versions.create(label="1", year=2025, position=0)
        address, first = opened(anna, row)
        _, second = opened(bo, row)
        assert anna.post(address, {**first, name: value}).status_code == 302
        assert bo.post(address, {**second, name: "Bos"}).status_code == 409
    assert Session.objects.get(occasion=occasion).title == "Del ett"
    assert Document.objects.get(pk=document.pk).versions.get().note == "Ny"


# -- rows that are gone, and what forms carry ------------------------------------------


def test_deleted_row_is_told_and_what_was_typed_can_be_copied(anna, bo, role):
    address, values = opened(bo, role)
    Responsibility.objects.filter(role=role).delete()
    anna.post(url(Role, "delete", role.pk), {"post": "yes"})

    response = bo.post(
        address, {**values, "title": "Bos titel", "responsibilities-0-text": "Bos text"}
    )

    assert response.status_code == 410
    assert "Bos titel" in words_of(response)
    assert "Bos text" in words_of(response)
    assert not Role.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "å" * 2000, ".eJ:1:2"])
def test_form_without_its_token_is_refused_and_kept(token, anna):
    law = make_law(short_name="Sparat")
    address, values = opened(anna, law)

    refused = anna.post(address, {**values, "short_name": "Mitt", "_opened": token})

    law.refresh_from_db()
    assert (refused.status_code, law.short_name) == (409, "Sparat")
    assert "Ingenting är sparat" in words_of(refused)
    assert differences(refused)["to_choose"] == [("Kort namn", "okänt", "Sparat", "Mitt")]
    anna.post(address, {**hidden_values(refused), "_choose:short_name": "mine"})
    law.refresh_from_db()
    assert law.short_name == "Mitt"


def test_token_of_another_row_or_kind_does_not_count(anna):
    law, other = make_law(short_name="Sparat"), make_law(short_name="Annan")
    synonym = Synonym.objects.create(pk=law.pk + 1000, words=["ett", "två"])
    same_number = make_law(pk=synonym.pk, short_name="Sparat")

    for row, foreign in ((law, other), (same_number, synonym)):
        address, values = opened(anna, row)
        token = opened(anna, foreign)[1]["_opened"]
        refused = anna.post(address, {**values, "short_name": "Mitt", "_opened": token})
        assert refused.status_code == 409
        assert not refused.context["known"]
        row.refresh_from_db()
        assert row.short_name == "Sparat"


def test_who_may_not_change_meets_no_page_with_values(client, anna):
    law = make_law(short_name="Hemligt")
    address, values = opened(anna, law)
    viewer = get_user_model().objects.create_user("ser@example.org", "x", is_staff=True)
    client.force_login(viewer)

    assert client.post(address, {**values, "_opened": ""}).status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="view_legalreference"))
    assert client.post(address, {**values, "_opened": ""}).status_code == 403
    assert "_opened" not in client.get(address).text


def test_password_hash_and_unseen_fields_are_not_in_what_a_form_carries(anna, bo):
    model_admin = admin.site._registry[get_user_model()]
    request = bo.get(url(get_user_model(), "changelist")).wsgi_request
    state = model_admin.shape_of(request, anna.user).stored()

    assert "password" not in state["fields"]
    assert state["fields"]["email"] == "anna@example.org"


def test_popup_and_pressed_button_are_remembered(anna, bo):
    law = make_law(short_name="Gammalt")
    address = f"{url(LegalReference, 'change', law.pk)}?_popup=1&_to_field=id"
    first, second = (form_values(each.get(address)) for each in (anna, bo))
    anna.post(address, {**first, "short_name": "Annas", "_popup": "1"})

    conflict = bo.post(address, {**second, "number": "2020:1", "_popup": "1", "_to_field": "id"})

    assert conflict.status_code == 409
    assert 'class="breadcrumbs"' not in conflict.text
    answer = bo.post(conflict.context["form_address"], hidden_values(conflict))
    assert "popup_response" in answer.text

    address, second = opened(bo, law)
    anna.post(address, {**opened(anna, law)[1], "short_name": "Annas tredje"})
    conflict = bo.post(address, {**second, "number": "2020:2", "_continue": "1"})
    answer = bo.post(address, hidden_values(conflict))
    assert (answer.status_code, answer.url) == (302, address)


def test_older_version_is_not_brought_back_over_what_nobody_saw(anna, bo):
    unit = make_unit(name="Första", town="Ektorp")
    unit.name = "Andra"
    unit.save()
    address = url(Unit, "simple_history", unit.pk, unit.history.last().pk)
    values = form_values(bo.get(address))
    change, hers = opened(anna, unit)
    anna.post(change, {**hers, "name": "Tredje", "town": "Lillköping"})

    conflict = bo.post(address, values)

    unit.refresh_from_db()
    assert (conflict.status_code, unit.name) == (409, "Tredje")
    assert differences(conflict) == {
        "to_choose": [("Namn", "Andra", "Tredje", "Första")],
        "theirs": [("Ort", "Ektorp", "Lillköping", "Ektorp")],
        "mine": [],
    }
    bo.post(address, {**hidden_values(conflict), "_choose:name": "mine"})
    unit.refresh_from_db()
    assert (unit.name, unit.town) == ("Första", "Lillköping")


def test_names_of_related_rows_and_choices_are_shown(anna, bo):
    ettan, tvaan, trean = (make_unit(name=name) for name in ("Ettan", "Tvåan", "Trean"))
    appointment = make_appointment(unit=ettan)
    address, first = opened(anna, appointment)
    _, second = opened(bo, appointment)
    anna.post(address, {**first, "unit": tvaan.pk, "acting": "on"})

    conflict = bo.post(address, {**second, "unit": trean.pk, "state": "vacant", "person": ""})

    found = differences(conflict)
    assert [each[1:] for each in found["to_choose"]] == [("Ettan", "Tvåan", "Trean")]
    assert [each[1:3] for each in found["theirs"]] == [("nej", "ja")]
    assert ("har innehavare", "har innehavare", "vakant") in [each[1:] for each in found["mine"]]
    assert Appointment.objects.get(pk=appointment.pk).unit == tvaan


def test_form_costs_the_same_however_many_rows_belong(anna):
    role = make_role()
    address = url(Role, "change", role.pk)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert anna.get(address).status_code == 200
        return len(captured)

    Responsibility.objects.create(role=role, text="Ett", kind="own")
    cost()
    few = cost()
    for number in range(10):
        Responsibility.objects.create(role=role, text=f"Nr {number}", kind="own")

    assert cost() == few
