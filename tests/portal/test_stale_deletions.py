"""Nobody deletes what she has not seen: a question that is old is asked once more."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guidance.models import Document, DocumentVersion, Synonym
from organisation.models import Role
from tests.factories import make_document, make_role
from tests.guidance.office_files import odt
from tests.portal.test_admin import url
from tests.portal.test_conflicts import anna, bo, hidden_values, opened, words_of  # noqa: F401

pytestmark = pytest.mark.django_db

SELECTED = "/admin/guidance/synonym/"


def asked(client, row):
    """The question before a deletion, and what its button sends."""
    address = url(type(row), "delete", row.pk)
    return address, button_of(client.get(address))


def button_of(response):
    return {name: values[-1] for name, values in hidden_values(response).items()}


def text_of(response):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


def test_row_that_is_as_it_was_is_deleted(anna):  # noqa: F811
    role = make_role()
    address, values = asked(anna, role)

    assert anna.post(address, values).status_code == 302
    assert not Role.objects.filter(pk=role.pk).exists()


def test_row_that_somebody_has_changed_is_shown_and_asked_of_again(anna, bo):  # noqa: F811
    role = make_role(title="Samordnare")
    address, values = asked(anna, role)
    form, data = opened(bo, role)
    assert bo.post(form, {**data, "title": "Rehabledare"}).status_code == 302

    refused = anna.post(address, values)

    assert refused.status_code == 409
    assert Role.objects.filter(pk=role.pk).exists()
    text = text_of(refused)
    assert "Ingenting är borttaget. Bo Alm sparade ”Rehabledare” 23 november 2026" in text
    assert "När du öppnade Samordnare Sparat nu Rehabledare" in text
    assert anna.post(address, button_of(refused)).status_code == 302
    assert not Role.objects.filter(pk=role.pk).exists()


def test_row_that_belongs_to_it_counts(anna):  # noqa: F811
    document = make_document()
    address, values = asked(anna, document)
    DocumentVersion.objects.create(document=document, label="2026")

    refused = anna.post(address, values)

    assert refused.status_code == 409
    assert Document.objects.filter(pk=document.pk).exists()
    assert "När du öppnade raden finns inte Sparat nu" in text_of(refused)


def test_row_that_is_gone_already_is_told(anna, bo):  # noqa: F811
    role = make_role()
    address, values = asked(anna, role)
    bo.post(*asked(bo, role))
    answer = anna.post(address, values, follow=True)

    assert answer.status_code == 200
    assert "finns inte" in text_of(answer)


@pytest.mark.parametrize("token", ["", "\x00", "x" * 5000, "a:b:c"])
def test_made_up_token_is_no_server_error(anna, token):  # noqa: F811
    address, values = asked(anna, make_role())

    assert anna.post(address, {**values, "_opened": token}).status_code == 302


@pytest.fixture
def synonyms():
    return [Synonym.objects.create(words=[f"ettord{n}", f"annatord{n}"]) for n in range(3)]


def selected(client, rows):
    """The question before several rows are deleted, and what its button sends."""
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
    return hidden_values(client.post(SELECTED, chosen))


def test_selected_rows_are_deleted_as_they_were(anna, synonyms):  # noqa: F811
    values = selected(anna, synonyms[:2])

    assert anna.post(SELECTED, values).status_code == 302
    assert Synonym.objects.filter(pk__in=[row.pk for row in synonyms]).get() == synonyms[2]


def test_selected_row_that_somebody_has_changed_stops_all(anna, synonyms):  # noqa: F811
    values = selected(anna, synonyms)
    Synonym.objects.filter(pk=synonyms[1].pk).update(words=["nyttord", "annat"])

    refused = anna.post(SELECTED, values)

    assert refused.status_code == 409
    assert Synonym.objects.filter(pk__in=[row.pk for row in synonyms]).count() == 3
    text = text_of(refused)
    assert "Ingenting är borttaget. Någon har ändrat det här" in text
    assert text.count("nyttord, annat") == 2
    assert anna.post(SELECTED, hidden_values(refused)).status_code == 302
    assert not Synonym.objects.filter(pk__in=[row.pk for row in synonyms]).exists()


# -- files -------------------------------------------------------------------------------


@pytest.fixture
def document():
    document = make_document()
    for year in (2024, 2025):
        DocumentVersion.objects.create(document=document, label=str(year), year=year)
    return document


def file():
    return SimpleUploadedFile("blankett.odt", odt("Blankett"))


def test_conflict_page_asks_for_the_file_again_and_puts_it_on_its_row(anna, bo, document):  # noqa: F811
    first = document.versions.get(label="2024")
    address, data = opened(anna, document)
    number = next(n for n in (0, 1) if data[f"versions-{n}-id"] == str(first.pk))
    name = f"versions-{number}-file"
    form, theirs = opened(bo, document)
    bo.post(form, {**theirs, "description": "Ny text."})
    first_day = {f"versions-{number}-valid_from": "2026-01-01"}

    refused = anna.post(address, {**data, **first_day, name: file()})

    assert refused.status_code == 409
    assert f'<input type="file" id="conflict-file-1" name="{name}"' in refused.text
    assert 'enctype="multipart/form-data"' in refused.text
    words = words_of(refused)
    assert "Välj filen igen" in words
    assert "Fil Du hade valt ”blankett.odt”." in words

    saved = anna.post(address, {**hidden_values(refused), name: file()})

    assert saved.status_code == 302
    assert {row.label: row.file_name for row in document.versions.all()} == {
        "2024": "blankett.odt",
        "2025": "",
    }


def test_file_follows_its_row_when_another_row_came_before_it(anna, bo, document):  # noqa: F811
    address, data = opened(anna, document)
    total = int(data["versions-TOTAL_FORMS"])
    new = f"versions-{total}-"
    empty = "versions-__prefix__-"
    mine = {
        **data,
        **{name.replace(empty, new): value for name, value in data.items() if empty in name},
        "versions-TOTAL_FORMS": total + 1,
        f"{new}label": "2026",
        f"{new}year": "2026",
        f"{new}valid_from": "2026-01-01",
        f"{new}position": "0",
        f"{new}language": "sv",
    }
    DocumentVersion.objects.create(document=document, label="2023", year=2023)
    refused = anna.post(address, {**mine, f"{new}file": file()})
    assert refused.status_code == 409

    saved = anna.post(address, {**hidden_values(refused), f"{new}file": file()})

    assert saved.status_code == 302
    assert {row.label: row.file_name for row in document.versions.all()} == {
        "2023": "",
        "2024": "",
        "2025": "",
        "2026": "blankett.odt",
    }


def test_form_with_faults_says_at_the_field_that_the_file_is_not_kept(anna, document):  # noqa: F811
    address, data = opened(anna, document)
    answer = anna.post(address, {**data, "title": "", "versions-0-file": file()})

    assert answer.status_code == 200
    assert "Filen är inte sparad. Välj ”blankett.odt” igen." in text_of(answer)
