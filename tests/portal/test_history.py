"""A row's history tells, in Swedish, all that was changed in it, and gives it back."""

import html
import re
from datetime import datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from education.models import Course, Occasion, Session
from followup.models import Indicator, Measurement
from organisation.models import Appointment, Profession, Responsibility, Role, Unit
from portal.packs.loader import load_pack
from tests.factories import (
    make_appointment,
    make_course,
    make_indicator,
    make_occasion,
    make_person,
    make_role,
    make_unit,
    make_unit_kind,
)
from tests.portal.test_admin import form_values, save, url

pytestmark = pytest.mark.django_db


def duty(role, text, **fields):
    return Responsibility.objects.create(role=role, text=text, **fields)


def told(client, row, **query):
    """The entries of a history page as a reader reads them, latest first:
    [(who, why, what)]."""
    page = client.get(url(type(row), "history", row.pk, **query)).content.decode()
    rows = re.findall(
        r"<tr>(.*?)</tr>", page.split('id="content-main"')[1].split("<tbody>")[1], re.S
    )
    return [tuple(map(text_of, re.findall(r"<td>(.*?)</td>", row, re.S))) for row in rows]


def text_of(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def version_url(row, record):
    return url(type(row), "simple_history", row.pk, record.pk)


def test_one_save_of_fields_lists_and_rows_is_one_entry_with_who_and_why(editor):
    kept, gone, new = (make_unit_kind(name=name) for name in ("Kvar", "Bort", "Till"))
    role = make_role(title="Samordnare")
    role.required_kinds.set([kept, gone])
    first, second = duty(role, "Kallar till möte"), duty(role, "Skriver protokoll")

    save(
        editor,
        role,
        title="Koordinator",
        required_kinds=[kept.pk, new.pk],
        change_reason="Nytt beslut",
        **{
            "responsibilities-TOTAL_FORMS": 3,
            "responsibilities-0-text": "Kallar till alla möten",
            "responsibilities-1-DELETE": "on",
            "responsibilities-2-role": role.pk,
            "responsibilities-2-text": "Följer upp",
            "responsibilities-2-kind": "others",
            "responsibilities-2-position": 7,
        },
    )

    assert told(editor, role)[0] == (
        "chef@example.org",
        "Nytt beslut",
        "Benämning: Samordnare → Koordinator "
        "Ska finnas på: lade till Till; tog bort Bort "
        "Ansvar ”Kallar till alla möten” ändrades: "
        "Ansvar: Kallar till möte → Kallar till alla möten "
        "Ansvar ”Skriver protokoll” togs bort. "
        "Ansvar ”Följer upp” lades till.",
    )
    assert role.history.count() == 2
    assert Responsibility.history.filter(id=first.pk).count() == 2
    reasons = Responsibility.history.filter(id=second.pk).values_list("history_change_reason")
    assert list(reasons) == [("Nytt beslut",), (None,)]


def test_session_of_an_occasion_is_told_in_the_occasions_history(editor):
    zone = ZoneInfo("Europe/Stockholm")
    occasion = make_occasion(starts=datetime(2027, 3, 1, 9, tzinfo=zone))
    row = Occasion.objects.get(pk=occasion.pk)

    save(editor, row, **{"sessions-0-starts": "2027-03-01T10:00"})

    assert told(editor, row)[0][2] == (
        "Pass ”1 mars 2027 10:00” ändrades: Börjar: 1 mars 2027 09:00 → 1 mars 2027 10:00"
    )


def test_choices_of_a_course_and_an_indicator_are_told(editor):
    course, indicator = make_course(), make_indicator()
    first, second = Profession.objects.order_by("pk")[:2]
    kind = make_unit_kind(name="Provslag")

    save(editor, course, audiences=[first.pk, second.pk])
    save(editor, indicator, comparison_kinds=[kind.pk])

    assert told(editor, course)[0][2] == f"Målgrupper: lade till {first}, {second}"
    assert told(editor, indicator)[0][2] == "Jämförs mellan: lade till Provslag"
    assert course.history.count() == indicator.history.count() == 2


def test_a_choice_whose_row_is_gone_is_told_as_gone(editor):
    role, kind = make_role(), make_unit_kind(name="Gammal")
    role.required_kinds.add(kind)
    kind.delete()

    save(editor, Role.objects.get(pk=role.pk))

    assert told(editor, role)[0][2] == "Ska finnas på: tog bort borttagen enhetstyp"


def test_save_without_change_and_the_oldest_known_are_told(editor):
    role = make_role()
    role.history.all().delete()

    save(editor, role)
    save(editor, role)

    whats = [what for _, _, what in told(editor, role)]
    assert whats == ["Sparades utan ändring.", "Det äldsta som är känt."]


def test_long_texts_are_compared_word_by_word_and_cut_where_they_are_the_same(editor):
    same = "Rollen har avsatt tid varje vecka. " * 12
    role = make_role(time_and_competence=f"{same}Minst två timmar i veckan. {same}".strip())

    save(editor, role, time_and_competence=f"{same}Minst tre timmar i veckan. {same}".strip())

    page = editor.get(url(Role, "history", role.pk)).content.decode()
    assert (
        '<del><span class="visually-hidden">borttaget: </span>två'
        '<span class="visually-hidden"> slut på borttaget </span></del>'
    ) in page
    assert (
        '<ins><span class="visually-hidden">tillagt: </span>tre'
        '<span class="visually-hidden"> slut på tillagt </span></ins>'
    ) in page
    what = told(editor, role)[0][2]
    assert what.startswith("Tid och kompetens: … ")
    assert "Minst borttaget: två slut på borttaget tillagt: tre slut på tillagt timmar" in what
    assert what.endswith(" …")
    assert len(what) < 400


@pytest.mark.parametrize("length", [10, 200], ids=["short", "long"])
def test_markup_in_a_value_a_list_and_a_row_is_dead_text(length, editor):
    evil = "<script>alert(1)</script>" + "x" * length
    role = make_role(mandate="Före " * 20)
    duty(role, evil)
    kind = make_unit_kind(name="<img src=x onerror=alert(1)>")

    save(editor, role, mandate=evil, required_kinds=[kind.pk], change_reason="<b>därför</b>")

    for address in (
        url(Role, "history", role.pk),
        version_url(role, role.history.first()),
    ):
        page = editor.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert "<b>därför" not in page


def test_older_version_brings_its_choices_and_rows_back_and_the_way_is_told(editor):
    first, second = make_unit_kind(), make_unit_kind()
    role = make_role(title="Då")
    role.required_kinds.add(first)
    kept, gone = duty(role, "Kvar"), duty(role, "Bort", kind="others")
    save(editor, role, change_reason="Utgångsläget")
    then = role.history.first()
    save(
        editor,
        role,
        title="Nu",
        required_kinds=[second.pk],
        **{
            "responsibilities-TOTAL_FORMS": 3,
            "responsibilities-0-text": "Ändrat",
            "responsibilities-1-DELETE": "on",
            "responsibilities-2-role": role.pk,
            "responsibilities-2-text": "Nytt",
            "responsibilities-2-kind": "own",
            "responsibilities-2-position": 0,
        },
    )
    other = duty(make_role(), "En annan rolls")

    page = editor.get(version_url(role, then))
    text = text_of(page.content.decode())
    editor.post(version_url(role, then), {**form_values(page), "change_reason": "Ångrade"})

    assert (
        "Knappen ”Gå tillbaka hit” gör detta till det som gäller; det nuvarande finns kvar i "
        "historiken. Det som är valt i listor kommer också tillbaka, utom sådant som har tagits "
        "bort ur registren sedan dess. Allt som står under Ansvar nedan kommer också tillbaka, "
        "och ansvar som har lagts till senare tas bort."
    ) in text
    assert "Ansvar då Kvar Slag: rollens eget ansvar Ansvar: Kvar Ordning: 0 Bort Slag" in text
    role = Role.objects.get(pk=role.pk)
    assert role.title == "Då"
    assert list(role.required_kinds.all()) == [first]
    rows = role.responsibilities.order_by("pk").values_list("pk", "text", "kind")
    assert list(rows) == [(kept.pk, "Kvar", "own"), (gone.pk, "Bort", "others")]
    assert Responsibility.objects.filter(pk=other.pk).exists()
    who, why, what = told(editor, role)[0]
    assert (who, why) == ("chef@example.org", "Ångrade")
    assert what == (
        f"Benämning: Nu → Då Ska finnas på: lade till {first}; tog bort {second} "
        "Ansvar ”Nytt” togs bort. "
        "Ansvar ”Kvar” ändrades: Ansvar: Ändrat → Kvar "
        "Ansvar ”Bort” lades till."
    )


def test_sessions_come_back_and_are_whole(editor):
    occasion = Occasion.objects.get(pk=make_occasion().pk)
    save(editor, occasion)
    then = occasion.history.first()
    session = occasion.sessions.get()
    session.delete()

    address = version_url(occasion, then)
    editor.post(address, form_values(editor.get(address)))

    assert Session.objects.get(occasion=occasion).starts == session.starts


def test_rows_that_history_has_no_word_of_stay_when_an_older_version_comes_back(editor):
    role = make_role()
    row = duty(role, "Äldre än historiken")
    Responsibility.history.filter(id=row.pk).delete()

    address = version_url(role, role.history.get())
    editor.post(address, form_values(editor.get(address)))

    assert role.responsibilities.get().text == "Äldre än historiken"


def test_who_may_not_change_the_rows_gets_the_role_back_without_them_and_is_told(client):
    role = make_role(title="Då")
    then = role.history.get()
    duty(role, "Senare")
    user = get_user_model().objects.create_user("roller@example.org", "x", is_staff=True)
    names = ["change_role", "view_role", "view_responsibility"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)

    page = client.get(version_url(role, then))
    client.post(version_url(role, then), form_values(page))

    assert "Ansvar kommer inte tillbaka: det som gäller nu står kvar." in text_of(
        page.content.decode()
    )
    assert role.responsibilities.get().text == "Senare"


def test_unit_tells_who_held_which_role_and_leads_to_the_appointment(editor):
    unit, other = make_unit(name="Ettan"), make_unit(name="Tvåan")
    old, new = make_person(name="Anna Ek"), make_person(name="Bo Alm")
    role = make_role(title="Rehabkoordinator")
    appointment = make_appointment(unit=unit, role=role, person=old)
    elsewhere = make_appointment(unit=other, role=role, person=make_person(name="Cia Dahl"))

    save(editor, appointment, person=new.pk, change_reason="Byte 1 mars")
    save(editor, appointment, unit=other.pk)
    save(editor, elsewhere, note="Rör inte Ettan")

    assert told(editor, unit) == [
        ("chef@example.org", "", "Uppdrag ”Rehabkoordinator – Bo Alm” togs bort."),
        (
            "chef@example.org",
            "Byte 1 mars",
            "Uppdrag ”Rehabkoordinator – Bo Alm” ändrades: Person: Anna Ek → Bo Alm",
        ),
        ("Systemet", "", "Uppdrag ”Rehabkoordinator – Anna Ek” lades till."),
        ("Systemet", "", "Skapades."),
    ]
    page = editor.get(url(Unit, "history", unit.pk)).content.decode()
    assert f'href="{url(Appointment, "history", appointment.pk)}"' in page
    version = editor.get(version_url(unit, unit.history.get())).content.decode()
    assert "Uppdrag kommer inte tillbaka: det som gäller nu står kvar." in version


def test_who_may_not_see_appointments_does_not_see_them_in_a_units_history(client):
    unit = make_unit()
    make_appointment(unit=unit, person=make_person(name="Anna Ek"))
    viewer = get_user_model().objects.create_user("ser@example.org", "x", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_unit", "view_every_unit"])
    viewer.user_permissions.set(rights)
    client.force_login(viewer)

    assert told(client, unit) == [("Systemet", "", "Skapades.")]


def change_often(row, times, *, of=None):
    """So many moments in a row's history, a minute apart."""
    for number in range(times):
        target = (of or [row])[number % len(of or [row])]
        target._history_date = timezone.now() - timedelta(minutes=times - number)
        target.position = number
        target.save()


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("make", [make_role, make_course], ids=["role", "course"])
def test_page_costs_the_same_for_three_entries_and_thirty(make, editor):
    few, many = make(), make()
    change_often(few, 3)
    change_often(many, 30)
    if make is make_role:
        for role, times in ((few, 3), (many, 30)):
            rows = [duty(role, f"Ansvar {number}") for number in range(2)]
            change_often(role, times, of=rows)

    costs = [queries_of(editor, url(type(row), "history", row.pk)) for row in (few, many)]

    assert costs[0] == costs[1]


def test_a_thousand_entries_come_in_pages_that_are_quick(editor):
    role = make_role()
    history = Role.history.model
    first = role.history.get()
    start = timezone.now() - timedelta(days=2)
    history.objects.bulk_create(
        history(
            **{f.attname: getattr(first, f.attname) for f in first.tracked_fields}
            | {"mandate": f"Lydelse {number}"},
            history_type="~",
            history_date=start + timedelta(minutes=number),
        )
        for number in range(1000)
    )

    address = url(Role, "history", role.pk)
    began = process_time()
    page = editor.get(address)
    took = process_time() - began

    assert len(told(editor, role)) == 25
    assert told(editor, role, p=2)[0][2] == "Uppdrag i en mening: Lydelse 974 → Lydelse 975"
    assert len(told(editor, role, p=41)) == 1
    assert "1001 ändringar" in text_of(page.content.decode())
    assert took < 2
    for odd in ("0", "99999999999999999999", "abc"):
        assert editor.get(address, {"p": odd}).status_code == 200


def test_history_of_a_row_that_is_gone_is_read_but_its_end_is_no_version(editor):
    role = make_role(title="Borta")
    duty(role, "Togs med")
    pk = role.pk
    role.delete()
    role.pk = pk
    end = Role.history.filter(id=pk).first()

    assert told(editor, role)[0][2] == "Togs bort."
    assert editor.get(version_url(role, end)).status_code == 404


def test_lists_set_on_one_object_belong_to_one_record():
    course = make_course()
    first, second = Profession.objects.order_by("pk")[:2]

    course.audiences.set([first])
    course.audiences.set([second])

    assert [row.profession for row in course.history.get().audiences.all()] == [second]


def test_list_set_from_its_other_side_is_recorded():
    kind, role = make_unit_kind(), make_role()

    kind.required_roles.add(role)

    assert [row.unitkind for row in role.history.first().required_kinds.all()] == [kind]


def test_newer_pack_text_is_told_row_by_row_and_the_rest_is_left(db, tmp_path, editor):
    (tmp_path / "pack.toml").write_text('name = "litet"')
    old = """
[[role]]
code = "prov-roll"
title = "Provroll"
level = "unit"
mandate = "Provar."
[[role.responsibilities]]
text = "Kallar till möte"
[[role.responsibilities]]
text = "Skriver protokoll"
"""
    (tmp_path / "roles.toml").write_text(old)
    load_pack(tmp_path)
    role = Role.objects.get(code="prov-roll")
    kept = role.responsibilities.get(text="Kallar till möte")

    (tmp_path / "roles.toml").write_text(old.replace("Skriver protokoll", "Följer upp"))
    load_pack(tmp_path)

    assert told(editor, role)[0] == (
        "Systemet",
        "Innehållspaketet litet",
        "Ansvar ”Skriver protokoll” togs bort. Ansvar ”Följer upp” lades till.",
    )
    assert kept.history.count() == 1
    texts = role.responsibilities.values_list("text", "position")
    assert list(texts) == [("Kallar till möte", 0), ("Följer upp", 1)]


def test_starting_content_has_one_moment_a_row_and_measurements_have_no_history():
    for model in (Role, Unit, Appointment, Course, Occasion, Indicator):
        row = model.objects.order_by("pk").first()
        assert row.history.values("history_date").distinct().count() == 1, model
    role = Role.objects.exclude(responsibilities=None).first()
    moment = role.history.get().history_date
    rows = Responsibility.history.filter(role=role)
    assert set(rows.values_list("history_date", "history_type")) == {(moment, "+")}
    assert role.history.get().history_change_reason == "Innehållspaketet exempelland"
    assert not hasattr(Measurement, "history")
