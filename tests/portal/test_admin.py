"""Every admin page answers, costs the same for many rows, and leaves search as the rows are."""

import html

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.forms import FileField
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education.models import (
    Course,
    CourseNews,
    ExternalCalendar,
    ImportedEvent,
    NewsDelivery,
    Occasion,
    Participation,
    Subscription,
)
from followup.models import Indicator
from guidance.models import (
    Agreement,
    Document,
    ExternalLink,
    FormerSlug,
    Notice,
    PageVersion,
    Redirect,
)
from organisation.models import (
    Appointment,
    Attestation,
    FileImport,
    Listing,
    Person,
    Profession,
    Role,
    Unit,
    UnitKind,
    UnitManager,
)
from portal.accounts.models import Invitation
from portal.operation.models import BackupRun
from portal.outbox.models import OutgoingMail
from portal.publishing.models import VersionState
from portal.search.query import search
from portal.web.models import ServiceMessage, SiteSettings
from tests.factories import (
    make_appointment,
    make_best_bet,
    make_claim_rule,
    make_course,
    make_document,
    make_feedback,
    make_imported_event,
    make_indicator,
    make_law,
    make_manager,
    make_measurement,
    make_missed_query,
    make_notice,
    make_occasion,
    make_page,
    make_person,
    make_review,
    make_role,
    make_service_message,
    make_step,
    make_training_request,
    make_unit,
    make_unit_name,
    make_version,
)

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
WITH_HISTORY = [Unit, Role, Person, Appointment, Course, Occasion, Indicator, SiteSettings]
ODD = {
    "unknown field": "finns__inte=1",
    "bad page": "p=abc",
    "page past the end": "p=99999999999999999999",
    "bad order": "o=x.99.-",
    "letters for a number": "id__exact=abc",
    "a number too big": "id__exact=99999999999999999999999",
    "NUL in a search": "q=%00",
    "NUL in a filter": "id__exact=%00",
    "signs of a regular expression": "q=%28%5B%2A%5C",
    "a very long search": "q=" + "ord%20" * 500,
    "half a character": "q=%C3",
    "error flag": "e=1",
    "popup": "_popup=1&_to_field=finns_inte",
    "a day of no month": "valid_from__gte=2026-13-45",
    "a year of no calendar": "published_on__year=99999&confirmed_on__year=-1",
    "day without month": "published_on__day=31&confirmed_on__month=0",
    "unknown choice": "galler=aldrig&tider=kanske&state__exact=finns-inte",
}


def by_label(model):
    return model._meta.label


def url(model, page, *args, **query):
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args, query=query)


@pytest.fixture
def rows():
    """What the starting content has none of."""
    Redirect.objects.create(old_path="/gammal/", page=make_page())
    FormerSlug.objects.create(slug="forra", page=make_page())
    sender = get_user_model().objects.create_user("avsandare@example.org", "x")
    invitation = Invitation(email="ny@example.org", invited_by=sender)
    invitation.renew()
    invitation.save()
    occasion = make_occasion()
    make_training_request()
    Subscription.objects.create(address="prov@example.org", kinds=["new"])
    CourseNews.objects.create(occasion=occasion, kind="new")
    Participation.objects.create(
        year=2025, course=occasion.course, profession=Profession.objects.first(), count=7
    )
    NewsDelivery.objects.create(rhythm="weekly", count=1)
    make_imported_event()
    make_service_message()
    make_feedback()
    Attestation.objects.create(unit=make_manager(user=None, email="ny@example.org").unit)
    make_claim_rule()
    ExternalLink.objects.create(url="https://example.org/")
    OutgoingMail.objects.create(key="prov", to="prov@example.org", subject="Prov", body="Prov")
    FileImport.objects.create(kind="units", file_name="enheter.csv", state="stored")
    Listing.objects.create(unit=make_unit(), year=2026, listed_patients=5)
    make_unit_name(unit=make_unit())
    make_review()
    make_missed_query()
    make_best_bet()
    BackupRun.objects.create(kind="backup", file_name="portal.zip", started_at=timezone.now())


def form_values(response):
    """What a browser would send from a change form as it stands."""
    values = {}
    forms = [response.context["adminform"].form]
    for formset in response.context.get("inline_admin_formsets") or []:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            # A stored file is not sent again.
            if value is None or value is False or isinstance(bound.field, FileField):
                continue
            if isinstance(value, (list, tuple)):
                value = [getattr(each, "pk", each) for each in value]
            values[bound.html_name] = "on" if value is True else bound_text(bound, value)
    if "opened_as" in response.context:
        values["_opened"] = response.context["opened_as"]
    return values


def bound_text(bound, value):
    if isinstance(value, list):
        return value
    text = bound.field.widget.format_value(value)
    if isinstance(text, list):
        text = text[0] if text else ""
    return "" if text is None else text


def save(client, row, **changes):
    address = url(type(row), "change", row.pk)
    values = {**form_values(client.get(address)), **changes}
    response = client.post(address, values)
    if response.status_code == 200:
        raise AssertionError(response.context["errors"])
    assert response.status_code == 302
    return response


@pytest.mark.parametrize("model", REGISTERED, ids=by_label)
def test_list_answers_with_search_order_and_every_filter(model, editor, rows):
    plain = editor.get(url(model, "changelist"))
    changelist = plain.context["cl"]
    choices = [
        choice["query_string"]
        for spec in changelist.filter_specs
        for choice in spec.choices(changelist)
    ]

    assert plain.status_code == 200
    assert len(changelist.result_list) > 0
    for query in ["?q=a", "?q=åäö", "?o=1", "?o=-2.1", "?all=", *choices]:
        assert editor.get(url(model, "changelist") + query).status_code == 200


@pytest.mark.parametrize("query", ODD.values(), ids=ODD)
@pytest.mark.parametrize("model", REGISTERED, ids=by_label)
def test_list_takes_any_query_string(model, query, editor):
    response = editor.get(f"{url(model, 'changelist')}?{query}", follow=True)

    assert response.status_code in {200, 400}


@pytest.mark.parametrize("model", REGISTERED, ids=by_label)
def test_forms_history_and_delete_pages_answer(model, editor, rows):
    row = model._default_manager.order_by("pk").first()
    model_admin = admin.site._registry[model]
    expected = {
        url(model, "change", row.pk): 200,
        url(model, "history", row.pk): 200,
    }
    request = editor.get(url(model, "changelist")).wsgi_request
    expected[url(model, "add")] = 200 if model_admin.has_add_permission(request) else 403
    deletable = model_admin.has_delete_permission(request, row)
    expected[url(model, "delete", row.pk)] = 200 if deletable else 403

    assert {address: editor.get(address).status_code for address in expected} == expected
    for odd in ["abc", "0", "9" * 40, "_00"]:
        for page in ["change", "history", "delete"]:
            assert editor.get(url(model, page, odd)).status_code in {302, 400, 403, 404}


@pytest.mark.parametrize("model", REGISTERED, ids=by_label)
def test_empty_form_is_answered_in_swedish(model, editor):
    response = editor.post(url(model, "add"), {})

    if response.status_code != 403:
        text = html.unescape(response.content.decode())
        assert response.status_code == 200
        assert "detta fält måste fyllas i" in text.lower()


def trimmed(values):
    """Forms take the blanks at a text's ends."""
    return {k: v.strip() if isinstance(v, str) else v for k, v in values.items()}


@pytest.mark.parametrize("model", WITH_HISTORY, ids=by_label)
def test_saving_a_row_as_it_is_keeps_it_and_tells_why(model, editor, rows):
    row = model.objects.order_by("pk").first()
    before = {f.name: getattr(row, f.name) for f in model._meta.concrete_fields}

    save(editor, row, change_reason="Kontrollerad <b>i dag</b>")

    row = model.objects.get(pk=row.pk)
    record = row.history.first()
    after = {f.name: getattr(row, f.name) for f in model._meta.concrete_fields}
    assert trimmed(after) == trimmed(before)
    assert (record.history_user, record.history_type) == (editor.user, "~")
    assert record.history_change_reason == "Kontrollerad <b>i dag</b>"
    page = editor.get(url(model, "history", row.pk)).content.decode()
    assert "Kontrollerad &lt;b&gt;i dag&lt;/b&gt;" in page
    version = url(model, "simple_history", row.pk, record.pk)
    assert editor.get(version).status_code == 200


MAKERS = {
    Unit: lambda parent: make_unit(kind=parent["kind"], parent=parent["unit"]),
    Role: lambda parent: make_role(),
    Person: lambda parent: make_person(),
    Appointment: lambda parent: make_appointment(),
    UnitManager: lambda parent: make_manager(unit=parent["unit"]),
    Course: lambda parent: make_course(),
    Occasion: lambda parent: make_occasion(),
    ImportedEvent: lambda parent: make_imported_event(),
    ExternalCalendar: lambda parent: make_imported_event().calendar,
    Indicator: lambda parent: make_indicator(),
    Document: lambda parent: make_document(),
    Notice: lambda parent: make_notice(page=make_page()),
    ServiceMessage: lambda parent: make_service_message(),
    Redirect: lambda parent: Redirect.objects.create(
        old_path=f"/{Redirect.objects.count()}/", page=make_page()
    ),
}


def queries_of(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", MAKERS, ids=by_label)
def test_list_costs_the_same_for_one_row_and_many(model, editor, monkeypatch):
    """Counted within a search that only the new rows match, and over all rows."""
    parent = {"unit": make_unit(), "kind": UnitKind.objects.first()}
    address = url(model, "changelist", all="")
    MAKERS[model](parent)
    queries_of(editor, address)
    counts = [queries_of(editor, address)]
    for more in (2, 40):
        for _ in range(more):
            MAKERS[model](parent)
        counts.append(queries_of(editor, address))

    assert counts[0] == counts[1] == counts[2]


def test_unit_list_costs_the_same_for_two_hundred(editor):
    address = url(Unit, "changelist")

    def make(number):
        for _ in range(number):
            make_unit(kind=UnitKind.objects.first(), parent=Unit.objects.first())

    make(60)  # more than a page, from where the list is counted
    queries_of(editor, address)
    few = queries_of(editor, address)
    make(200)

    assert queries_of(editor, address) == few


def found(text):
    return [hit.title for hit in search(text).hits]


def test_saved_unit_is_found_at_once_by_its_new_name_and_not_by_the_old(editor):
    unit = make_unit(kind=UnitKind.objects.get(code="vardcentral"), name="Kvarnsjö vårdcentral")
    save(editor, unit)
    assert "Kvarnsjö vårdcentral" in found("kvarnsjö")

    save(editor, unit, name="Lyckebo vårdcentral")

    assert "Lyckebo vårdcentral" in found("lyckebo")
    assert "Kvarnsjö vårdcentral" not in found("kvarnsjö")


def test_added_and_deleted_notice_comes_and_goes_in_search(editor):
    values = {
        "title": "Blåklocksveckan",
        "slug": "blaklocksveckan",
        "text": "Prov.",
        "published_on": "2026-11-23",
    }

    assert editor.post(url(Notice, "add"), values).status_code == 302
    assert found("blåklocksveckan")[0] == "Blåklocksveckan"

    notice = Notice.objects.get(slug="blaklocksveckan")
    assert editor.post(url(Notice, "delete", notice.pk), {"post": "yes"}).status_code == 302
    assert "Blåklocksveckan" not in found("blåklocksveckan")


def test_rows_deleted_together_go_out_of_search(editor):
    notice = make_notice(title="Tussilagodagen")
    save(editor, notice)
    assert found("tussilagodagen")[0] == "Tussilagodagen"

    editor.post(
        url(Notice, "changelist"),
        {"action": "delete_selected", "_selected_action": [notice.pk], "post": "yes"},
    )

    assert not Notice.objects.filter(pk=notice.pk).exists()
    assert "Tussilagodagen" not in found("tussilagodagen")


def test_person_with_a_new_name_is_found_where_she_works(editor):
    appointment = make_appointment(
        unit=Unit.objects.public().first(), person=make_person(name="Gammalnamn Testsson")
    )
    save(editor, appointment)

    save(editor, appointment.person, name="Nyttnamn Testsson")

    assert "Nyttnamn Testsson" in found("nyttnamn testsson")
    assert "Gammalnamn Testsson" not in found("gammalnamn")


def test_unit_that_an_appointment_leaves_is_no_longer_found_by_its_role(editor):
    role = make_role(title="Vimpelvakt")
    kind = UnitKind.objects.get(code="vardcentral")
    first, second = make_unit(name="Ettan", kind=kind), make_unit(name="Tvåan", kind=kind)
    appointment = make_appointment(unit=first, role=role)
    save(editor, appointment)
    assert "Ettan" in found("vimpelvakt")

    save(editor, appointment, unit=second.pk)

    assert "Tvåan" in found("vimpelvakt")
    assert "Ettan" not in found("vimpelvakt")


def test_word_in_a_list_is_found_through_the_page_that_shows_it(editor):
    agreement = Agreement.objects.first()

    save(editor, agreement, requirements="Gulsippsregeln gäller\n\n  Andra kravet  ")

    agreement.refresh_from_db()
    assert agreement.requirements == ["Gulsippsregeln gäller", "Andra kravet"]
    assert found("gulsippsregeln")[0] == "Överenskommelser"


@pytest.mark.parametrize(
    ("make", "field"), [(make_law, "short_name"), (make_document, "title")], ids=["law", "document"]
)
def test_text_that_quotes_a_row_is_made_ready_again(make, field, editor):
    row = make()
    version = make_version()
    version.laws.add(row) if make is make_law else version.documents.add(row)

    save(editor, row, **{field: "Nya namnet"})

    assert "Nya namnet" in PageVersion.objects.get(pk=version.pk).rendered


def test_text_is_made_ready_again_for_a_role_in_a_step_and_keeps_its_law(editor):
    law, role, version = make_law(short_name="Provlagen"), make_role(), make_version()
    step = make_step(version=version)
    step.responsible.add(role)
    version.laws.add(law)

    save(editor, role, title="Nya rollen")
    text = PageVersion.objects.get(pk=version.pk).rendered
    assert "Nya rollen" in text or "nya rollen" in text
    assert "Provlagen" in text

    editor.post(url(type(law), "delete", law.pk), {"post": "yes"})
    assert type(law).objects.filter(pk=law.pk).exists()
    assert "Provlagen" in PageVersion.objects.get(pk=version.pk).rendered


def test_history_shows_differences_in_swedish_and_escaped(editor):
    appointment = make_appointment()
    save(
        editor,
        appointment,
        state="vacant",
        person="",
        acting="on",
        confirmed_on="2026-11-20",
        note="<script>alert(1)</script>",
    )

    page = editor.get(url(Appointment, "history", appointment.pk)).content.decode()

    assert "har innehavare → vakant" in page
    assert "nej → ja" in page
    assert "tomt → 20 november 2026" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_markup_in_a_name_is_shown_as_text_in_lists(editor):
    unit = make_unit(name="<img src=x onerror=alert(1)>", kind=UnitKind.objects.first())
    page = editor.get(url(Unit, "changelist", q="onerror")).content.decode()

    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img src=x" not in editor.get(url(Unit, "delete", unit.pk)).content.decode()


def test_older_version_comes_back_and_is_found_again(editor):
    unit = make_unit(kind=UnitKind.objects.get(code="vardcentral"), name="Rödklinten")
    save(editor, unit)
    save(editor, unit, name="Blåklinten")
    old = unit.history.filter(name="Rödklinten").first()
    address = url(Unit, "simple_history", unit.pk, old.pk)

    response = editor.post(address, form_values(editor.get(address)))

    assert response.status_code == 302
    assert Unit.objects.get(pk=unit.pk).name == "Rödklinten"
    assert "Rödklinten" in found("rödklinten")


def test_who_only_may_see_a_unit_cannot_bring_an_old_version_back(client):
    unit = make_unit(name="Nu")
    viewer = get_user_model().objects.create_user("ser@example.org", "x", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_unit", "view_every_unit"])
    viewer.user_permissions.set(rights)
    client.force_login(viewer)
    address = url(Unit, "simple_history", unit.pk, unit.history.get().pk)
    Unit.objects.filter(pk=unit.pk).update(name="Senare")

    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 403
    assert Unit.objects.get(pk=unit.pk).name == "Senare"


@pytest.mark.parametrize("version", ["abc", "0", "9" * 40])
def test_history_of_no_version_is_not_found(version, editor):
    unit = make_unit()

    assert editor.get(f"{url(Unit, 'history', unit.pk)}{version}/").status_code == 404


def test_codes_are_set_once(editor):
    role = make_role()

    assert 'name="code"' in editor.get(url(Role, "add")).content.decode()
    assert 'name="code"' not in editor.get(url(Role, "change", role.pk)).content.decode()


def test_search_finds_swedish_letters_of_either_case(editor):
    make_unit(name="Örtagårdens hus")

    page = editor.get(url(Unit, "changelist", q="örtagården HUS")).content.decode()

    assert "Örtagårdens hus" in page


def test_measurements_are_seen_by_superusers_alone(client, editor):
    measurement = make_measurement()
    model = type(measurement)
    address = url(model, "change", measurement.pk)
    page = editor.get(url(model, "changelist")).content.decode()
    assert "Sanna värden" in page
    assert editor.post(address, {"numerator": "1"}).status_code == 403

    staff = get_user_model().objects.create_user("alla@example.org", "x", is_staff=True)
    staff.user_permissions.set(Permission.objects.all())
    client.force_login(staff)

    assert client.get(url(model, "changelist")).status_code == 403
    assert client.get(address).status_code == 403
    assert "measurement" not in client.get(reverse("admin:index")).content.decode()


def test_index_counts_what_waits_and_links_to_just_those(editor):
    Appointment.objects.filter(state="vacant").delete()
    Occasion.objects.without_sessions().delete()
    PageVersion.objects.exclude(review_note="").update(review_note="")
    assert editor.get(reverse("admin:index")).context["waiting"] == []
    make_appointment(state="vacant")
    make_appointment(state="vacant", unit=make_unit(valid_to="2026-01-01"))
    filled = make_appointment(state="vacant", valid_to="2027-01-01")
    make_appointment(unit=filled.unit, role=filled.role, valid_from="2027-01-01")
    make_occasion().sessions.all().delete()
    page = make_version(review_note="Siffran om tid.").page
    make_version(page=page, state=VersionState.DRAFT)
    make_version(state=VersionState.IN_REVIEW)

    response = editor.get(reverse("admin:index"))

    assert "Väntar på dig" in response.content.decode()
    rows = [panel.rows for panel in response.context["waiting"]]
    assert [(row["label"], row["count"]) for row in rows] == [
        ("Vakanta uppdrag", 1),
        ("Sidor för granskning", 1),
        ("Sidor med utkast", 1),
        ("Sidor med ”ska granskas”", 1),
        ("Tillfällen utan tid", 1),
    ]
    for row in rows:
        assert editor.get(row["url"]).context["cl"].result_count == row["count"]


@pytest.mark.parametrize(
    ("group", "waiting", "shortcuts"),
    [
        ("redaktör", "Sidor för granskning", []),
        ("kursansvarig", "Tillfällen utan tid", []),
        (
            "uppföljningsansvarig",
            None,
            ["Läs in mätvärden", "Publicera värden", "Enheternas kommentarer"],
        ),
    ],
)
def test_only_what_one_can_do_something_about_waits(client, group, waiting, shortcuts):
    user = get_user_model().objects.create_user("hon@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    make_appointment(state="vacant")
    make_occasion().sessions.all().delete()
    make_version(state=VersionState.IN_REVIEW)
    context = client.get(reverse("admin:index")).context
    rows = {panel.rows["label"] for panel in context["waiting"]}
    told = {"Vakanta uppdrag", "Sidor för granskning", "Tillfällen utan tid"} & rows

    assert told == {waiting} - {None}
    assert [each["label"] for each in context["shortcuts"]] == shortcuts
    for each in context["shortcuts"]:
        assert client.get(each["url"]).status_code == 200


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("education_importedevent", "Posterna läses in ur ”Kalendrar från andra anordnare”."),
        ("followup_importbatch", "Det görs under ”Läs in mätvärden”"),
        ("outbox_outgoingmail", "Här läggs inget till för hand"),
    ],
)
def test_an_empty_list_says_where_its_rows_come_from(editor, address, said):
    assert said in editor.get(reverse(f"admin:{address}_changelist")).text


def test_index_stands_in_the_editors_order(editor):
    apps = editor.get(reverse("admin:index")).context["app_list"]

    assert [app["name"] for app in apps] == [
        "Vägledning",
        "Organisation",
        "Utbildning",
        "Uppföljning",
        "Sök",
        "Utskick",
        "Webbplatsen",
        "Konton",
        "Granskningslogg",
        "Drift",
    ]
    assert [str(model["name"]).lower() for model in apps[-3]["models"]] == [
        "inbjudningar",
        "användare",
        "grupper",
    ]
    assert all(app["intro"] for app in apps)


def test_way_to_the_site_stands_only_where_readers_see_the_row(editor):
    shown, level = make_unit(), Unit.objects.get(hsa_id="NATIONELL")
    link = "Visa på webbplats"

    assert link in (page := editor.get(url(Unit, "change", shown.pk)).content.decode())
    assert f'href="{shown.get_absolute_url()}"' in page
    assert link not in editor.get(url(Unit, "change", level.pk)).content.decode()


def test_delete_page_lists_no_rows_of_join_tables(editor):
    document = make_document(title="Provdokument")
    document.roles.add(make_role())

    page = editor.get(url(type(document), "delete", document.pk)).content.decode()

    assert "Dokument: " in page
    assert "Provdokument" in page
    assert "relation" not in page.split("<main")[1].lower()


def test_empty_list_says_what_to_do(editor):
    Redirect.objects.all().delete()
    assert "Börja med knappen ”Lägg till omdirigering”" in (
        editor.get(url(Redirect, "changelist")).content.decode()
    )
    assert "visa alla enheter" in (editor.get(url(Unit, "changelist", q="xyzzy")).content.decode())


def test_index_tells_nothing_to_who_may_not_see_it(client):
    make_appointment(state="vacant")
    staff = get_user_model().objects.create_user("ny@example.org", "x", is_staff=True)
    client.force_login(staff)

    assert client.get(reverse("admin:index")).context["waiting"] == []


def test_admin_says_whose_it_is_under_a_strict_policy(editor):
    response = editor.get(reverse("admin:index"))
    page = response.content.decode()

    assert "<title>Redigering | Redigering, Region Exempelland</title>" in page
    assert "<b>Försäkringsmedicin</b> Redigering, Region Exempelland" in page
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert 'style="' not in page
