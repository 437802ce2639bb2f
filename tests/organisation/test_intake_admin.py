"""A file read in through the admin: chosen, looked at, confirmed once, by who may."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from organisation.catalogue import WHY_LOCKED
from organisation.models import FileImport, Listing, Unit, UnitKind
from tests.factories import make_unit
from tests.portal.test_admin import form_values

pytestmark = pytest.mark.django_db
GOOD = "HSA-id;Namn;Enhetstyp\nT-1;Ny enhet;Vårdcentral\n"


def address(name, *args):
    return reverse(f"admin:organisation_fileimport_{name}", args=args)


@pytest.fixture
def desk(client):
    user = get_user_model().objects.create_user("adm@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name="administratör"))
    client.force_login(user)
    return client


def upload(client, text, kind="units", **fields):
    file = SimpleUploadedFile("enheter.csv", text.encode())
    return client.post(address(kind), {"file": file, **fields})


def test_file_is_stored_only_after_it_has_been_confirmed(desk):
    waiting = upload(desk, GOOD)
    batch = FileImport.objects.get()

    assert waiting.url == address("preview", batch.pk)
    assert not Unit.objects.filter(hsa_id="T-1").exists()
    shown = desk.get(waiting.url)
    assert "Ny enhet" in shown.content.decode()
    done = desk.post(waiting.url, {"digest": shown.context["plan"].digest}, follow=True)
    assert "Filen enheter.csv är inläst." in done.content.decode()
    assert Unit.objects.get(hsa_id="T-1").history.get().history_user.email == "adm@example.org"
    batch.refresh_from_db()
    assert (batch.state, batch.content, batch.result["new"]) == ("stored", None, 1)


def test_second_press_stores_nothing_and_says_so(desk):
    waiting = upload(desk, GOOD)
    digest = desk.get(waiting.url).context["plan"].digest
    desk.post(waiting.url, {"digest": digest})
    records = Unit.history.count()
    again = desk.post(waiting.url, {"digest": digest}, follow=True)

    assert "Filen är redan inläst eller avbruten." in again.content.decode()
    assert Unit.history.count() == records


def test_what_has_changed_since_the_preview_is_shown_anew(desk):
    waiting = upload(desk, GOOD)
    digest = desk.get(waiting.url).context["plan"].digest
    make_unit(hsa_id="T-1", name="Någon annans")
    shown = desk.post(waiting.url, {"digest": digest})

    assert "har ändrats sedan du såg förhandsvisningen" in shown.content.decode()
    assert Unit.objects.get(hsa_id="T-1").name == "Någon annans"
    desk.post(waiting.url, {"digest": shown.context["plan"].digest})
    assert Unit.objects.get(hsa_id="T-1").name == "Ny enhet"


@pytest.mark.parametrize("digest", ["", "x" * 5000, "å\0"])
def test_forged_digest_stores_nothing(digest, desk):
    waiting = upload(desk, GOOD)

    assert desk.post(waiting.url, {"digest": digest}).status_code == 200
    assert not Unit.objects.filter(hsa_id="T-1").exists()


def test_faults_are_shown_by_row_and_nothing_waits(desk):
    shown = upload(desk, "HSA-id;Namn;Enhetstyp\nT-1;;Slott\n").content.decode()

    assert "2 fel i filen, inget har sparats" in shown
    assert "Namn saknas. Skriv enhetens namn." in shown
    assert FileImport.objects.count() == 0


def test_file_of_another_kind_is_told_in_the_form(desk):
    response = upload(desk, "%PDF-1.7 skräp")

    assert response.status_code == 200
    assert response.context["form"].errors == {
        "file": ["Filen är en PDF. Välj en CSV, XLSX, ODS eller XLS."]
    }


def test_waiting_file_can_be_called_off_and_is_forgotten_after_a_day(desk):
    upload(desk, GOOD)
    first = FileImport.objects.get()
    desk.post(address("cancel", first.pk))
    upload(desk, GOOD)
    second = FileImport.objects.get(state="waiting")
    FileImport.objects.filter(pk=second.pk).update(uploaded_at=timezone.now() - timedelta(days=2))
    upload(desk, GOOD)

    told = [(batch.state, batch.content is None) for batch in FileImport.objects.order_by("pk")]
    assert told == [("cancelled", True), ("cancelled", True), ("waiting", False)]


def test_listed_patients_are_read_in_for_the_year_that_is_chosen(desk):
    unit = make_unit(hsa_id="T-1")
    waiting = upload(desk, "HSA-id;Antal listade\nT-1;5\nT-9;6\n", "listings", year="2025")
    shown = desk.get(waiting.url)
    done = desk.post(waiting.url, {"digest": shown.context["plan"].digest}, follow=True)

    assert "T-9 – Ingen enhet i portalen har detta HSA-id" in done.content.decode()
    assert Listing.objects.get(unit=unit).listed_patients == 5


@pytest.mark.parametrize("group", ["redaktör", "granskare", "uppföljningsansvarig", "enhetschef"])
def test_others_may_not_read_in_or_confirm(group, client):
    user = get_user_model().objects.create_user("annan@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    batch = FileImport.objects.create(kind="units", file_name="x.csv", content=GOOD.encode())

    for place in [address("units"), address("listings"), address("preview", batch.pk)]:
        assert client.get(place).status_code == 403
        assert client.post(place, {"digest": "x"}).status_code == 403
    assert client.post(address("cancel", batch.pk)).status_code == 403
    assert not Unit.objects.filter(hsa_id="T-1").exists()


def change(desk, unit, **values):
    place = reverse("admin:organisation_unit_change", args=[unit.pk])
    return desk.post(place, {**form_values(desk.get(place)), **values})


def test_fields_of_the_catalogue_are_locked_with_a_word_why(desk):
    kind = UnitKind.objects.get(code="vardcentral")
    unit = make_unit(name="Katalogens namn", kind=kind, from_catalogue=True)
    place = reverse("admin:organisation_unit_change", args=[unit.pk])
    shown = desk.get(place)

    assert WHY_LOCKED in shown.content.decode()
    assert list(shown.context["adminform"].form.fields) == [
        "from_catalogue", "email", "listed_patients", "change_reason",
    ]  # fmt: skip
    assert change(desk, unit, name="Påhittat", email="ny@example.org").status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.email) == ("Katalogens namn", "ny@example.org")


def test_older_version_does_not_bring_back_what_the_catalogue_owns(desk):
    kind = UnitKind.objects.get(code="vardcentral")
    unit = make_unit(name="Gammalt", email="gammal@example.org", kind=kind)
    record = unit.history.get()
    unit.name, unit.email, unit.from_catalogue = "Katalogens", "ny@example.org", True
    unit.save()
    place = reverse("admin:organisation_unit_simple_history", args=[unit.pk, record.pk])
    values = form_values(desk.get(place))
    response = desk.post(place, {**values, "from_catalogue": "on"})

    assert response.status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.email) == ("Katalogens", "gammal@example.org")


def test_unit_that_leaves_the_catalogue_is_unlocked(desk):
    kind = UnitKind.objects.get(code="vardcentral")
    unit = make_unit(name="Katalogens namn", kind=kind, from_catalogue=True)
    place = reverse("admin:organisation_unit_change", args=[unit.pk])
    values = form_values(desk.get(place))
    del values["from_catalogue"]
    desk.post(place, values)

    assert change(desk, unit, name="Nytt namn").status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.from_catalogue) == ("Nytt namn", False)
