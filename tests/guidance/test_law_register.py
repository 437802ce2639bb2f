"""What rests on a law, and what an amendment flags."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from guidance.law_register import resting_on
from guidance.models import Certificate, CertificateRule, ConsentRule, LegalReference, Milestone
from guidance.rendering import render_version
from guidance.text_control import findings_of
from portal.accounts.models import User
from portal.publishing.models import VersionState
from tests.factories import make_document, make_law, make_page, make_role, make_step, make_version
from tests.pages import main_of, queries_of, words
from tests.portal.test_admin import form_values


@pytest.fixture
def law(db):
    return make_law(
        code="provlagen",
        short_name="Provlagen",
        wording_checked_on=date(2026, 6, 1),
        latest_amendment="2026:999",
        amended_in_force_on=date(2027, 1, 1),
    )


def make_uses(law):
    """One row of each kind that rests on a law."""
    version = make_version(page=make_page(nav_title="Provsidan"))
    version.laws.add(law)
    step = make_step(version=version, title="Provsteget")
    step.laws.add(law)
    step.responsible.add(make_role(title="Provaren"))
    rule = ConsentRule.objects.create(
        code=f"P{law.pk}", caregiver="all", recipient="X", purpose="Y", consent="no", answer="Z"
    )
    rule.laws.add(law)
    rule.documents.add(make_document(title="Provblanketten"))
    Milestone.objects.create(
        code=f"p{law.pk}", day=8, occupations=["anstalld"], title="Provdagen", who="A", text="B",
        law=law,
    )  # fmt: skip
    certificate = Certificate.objects.create(
        code=f"C{law.pk}", name="Provintyget", recipient="fk", when="Alltid"
    )
    certificate_rule = CertificateRule.objects.create(
        code=f"R{law.pk}", recipient="fk", occupations=["anstalld"], need="needed", answer="A",
        next_step="B", law=law,
    )  # fmt: skip
    certificate_rule.certificates.add(certificate)
    return version


def test_finds_all_that_rests_on_a_law_and_nothing_else(law):
    make_uses(law)
    make_uses(other := make_law())
    draft = make_version(page=make_page(nav_title="Utkastet"), state=VersionState.DRAFT)
    draft.laws.add(law)
    make_step(version=draft, title="Utkastets steg").laws.add(law)

    uses = resting_on([law])[law.pk]

    assert {name: [str(row) for row in rows] for name, rows in vars(uses).items()} == {
        "pages": ["Provsidan"],
        "steps": ["Provsteget"],
        "consent_rules": [f"P{law.pk} X: Y"],
        "milestones": ["Dag 8: Provdagen"],
        "certificate_rules": [f"R{law.pk} Försäkringskassan, dag 1 och framåt"],
        "roles": ["Provaren"],
        "certificates": [f"C{law.pk} Provintyget"],
        "documents": ["Provblanketten"],
    }
    assert other.pk not in resting_on([law])


def test_register_shows_where_a_law_is_used_by_constant_queries(client, law):
    make_uses(law)
    before = queries_of(client, "/lagar-och-regler/")
    for _ in range(3):
        make_uses(make_law())

    main = main_of(client.get("/lagar-och-regler/"))

    row = words(main.partition('id="provlagen"')[2].partition("<dt")[0])
    assert "Används på Sidor: Provsidan Steg: Provsteget Roller: Provaren" in row
    assert "Utkastet" not in main
    assert len(queries_of(client, "/lagar-och-regler/")) == len(before)


def test_law_needs_a_check_until_it_was_checked_in_force(db):
    def needs(checked, in_force):
        law = make_law(
            wording_checked_on=checked,
            amended_in_force_on=in_force,
            latest_amendment="2026:1" if in_force else "",
        )
        listed = LegalReference.objects.needing_check().filter(pk=law.pk).exists()
        assert listed is law.needs_check
        return listed

    day = date(2026, 7, 1)
    assert needs(None, None) is False
    assert needs(day, None) is False
    assert needs(None, day) is True
    assert needs(date(2026, 6, 30), day) is True
    assert needs(day, day) is False


def test_amendment_has_a_number_and_a_day(db):
    law = make_law()
    law.latest_amendment = "2026:1"

    with pytest.raises(ValidationError, match="både ändringens nummer och dagen"):
        law.full_clean()


def test_reader_sees_an_unchecked_amendment_where_the_law_is_a_source(client, law):
    version = make_version(page=make_page())
    version.laws.add(law)
    render_version(version)
    checked = make_version(page=make_page())
    checked.laws.add(make_law())
    render_version(checked)
    told = "Ändringen 2026:999 gäller från den 1 januari 2027. Texten är inte kontrollerad mot den."

    assert told in words(main_of(client.get(version.page.get_absolute_url())))
    assert told in words(main_of(client.get("/lagar-och-regler/")))
    assert "Ändringen" not in words(main_of(client.get(checked.page.get_absolute_url())))


def test_registering_an_amendment_flags_pages_and_checking_it_clears_them(client, db):
    client.force_login(User.objects.create_superuser(email="r@example.org", password="x"))
    law = make_law(short_name="Flagglagen", wording_checked_on=date(2026, 6, 1))
    version = make_version(page=make_page(nav_title="Flaggsidan"))
    version.laws.add(law)
    render_version(version)
    url = f"/admin/guidance/legalreference/{law.pk}/change/"

    def save(**fields):
        response = client.post(url, {**form_values(client.get(url)), **fields})
        assert response.status_code == 302

    def flagged():
        waiting = words(client.get("/admin/").content.decode())
        page = words(main_of(client.get(version.page.get_absolute_url())))
        rules = {finding.rule for finding in findings_of(version)}
        version.refresh_from_db()
        return [
            "Lagrum ändrade sedan lydelsen kontrollerades" in waiting,
            "Sidor som vilar på ett ändrat lagrum" in waiting,
            "Lagrummet ändras" in page,
            "amended-law" in rules,
        ]

    assert flagged() == [False, False, False, False]
    save(latest_amendment="2026:999", amended_in_force_on="2026-10-01")
    version = type(version).objects.get(pk=version.pk)
    assert flagged() == [True, True, True, True]
    response = client.get(f"/admin/guidance/legalreference/?id__in={law.pk}")
    assert "Flagglagen" in response.content.decode()
    save(wording_checked_on="2026-10-01")
    version = type(version).objects.get(pk=version.pk)
    assert flagged() == [False, False, False, False]


def test_editor_finds_the_forms_of_what_rests_on_a_law(client, law):
    client.force_login(User.objects.create_superuser(email="r@example.org", password="x"))
    version = make_uses(law)

    main = client.get(f"/admin/guidance/legalreference/{law.pk}/change/").content.decode()

    page_form = f"/admin/guidance/page/{version.page_id}/change/"
    assert f'<a href="{page_form}">Provsidan</a>' in main
    assert f'<a href="{page_form}">Provsteget</a>' in main
    assert "Inget i portalen vilar" not in main


def test_guides_answer_says_that_a_law_is_amended(client, law):
    address = "/sekretess-och-samtycke/samtyckesguide/?vem=offentlig&till=egen-personal"
    before = words(main_of(client.get(address)))
    for rule in ConsentRule.objects.exclude(law_text=""):
        rule.laws.set([law])

    assert "Lagrummet ändras" not in before
    assert "Lagrummet ändras" in words(main_of(client.get(address)))
