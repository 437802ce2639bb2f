"""Who may edit which unit, on which day and why."""

from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group

from organisation import scope
from organisation.models import Appointment, Unit, UnitManager
from tests.conftest import TODAY
from tests.factories import make_appointment, make_manager, make_person, make_role, make_unit

pytestmark = pytest.mark.django_db

BEFORE, YESTERDAY, TOMORROW = (TODAY + timedelta(days=days) for days in (-30, -1, 1))


def account(email="chef@example.org", **fields):
    return get_user_model().objects.create_user(email, "x", **fields)


def editable(user, on=None):
    return set(Unit.objects.editable_by(user, on))


def test_nobody_edits_without_a_right():
    make_unit()

    assert editable(account()) == set()
    assert editable(AnonymousUser()) == set()


def test_right_counts_for_the_unit_and_all_below_and_for_no_other():
    unit = make_unit()
    child = make_unit(parent=unit)
    grandchild = make_unit(parent=child)
    make_unit(parent=unit.parent)
    user = account()
    make_manager(unit=unit, user=user)

    assert editable(user) == {unit, child, grandchild}


def test_right_follows_the_tree_as_it_stands():
    unit, child = make_unit(), make_unit()
    user = account()
    make_manager(unit=unit, user=user)
    assert editable(user) == {unit}

    child.parent = unit
    child.save()

    assert editable(user) == {unit, child}


def test_loop_in_the_tree_ends():
    unit = make_unit()
    child = make_unit(parent=unit)
    Unit.objects.filter(pk=unit.pk).update(parent=child)
    user = account()
    make_manager(unit=unit, user=user)

    assert editable(user) == {unit, child}


def test_superuser_and_administrator_edit_all_and_an_editor_none():
    administrator, editor = account("a@example.org"), account("r@example.org")
    administrator.groups.add(Group.objects.get(name="administratör"))
    editor.groups.add(Group.objects.get(name="redaktör"))
    chief = get_user_model().objects.create_superuser("s@example.org", "x")

    assert editable(administrator) == editable(chief) == set(Unit.objects.all())
    assert editable(editor) == set()
    assert scope.sees_all(editor)


def test_account_that_is_closed_edits_nothing():
    user = account(is_active=False)
    make_manager(user=user)
    chief = get_user_model().objects.create_superuser("s@example.org", "x", is_active=False)

    assert editable(user) == editable(chief) == set()


@pytest.mark.parametrize(
    ("first", "end", "in_force"),
    [
        (None, None, True),
        (TODAY, TOMORROW, True),
        (TOMORROW, None, False),
        (BEFORE, TODAY, False),
    ],
)
def test_right_is_in_force_during_its_period(first, end, in_force):
    user = account()
    row = make_manager(user=user, valid_from=first, valid_to=end)

    assert editable(user) == ({row.unit} if in_force else set())


def chief_of(unit, user, **fields):
    """The person of an account, in a role that manages the unit."""
    role = make_role(manages_unit=True)
    person = make_person(hsa_id=user.hsa_id)
    return make_appointment(unit=unit, role=role, person=person, **fields)


def test_appointment_as_manager_gives_the_right_by_itself_from_its_first_day_to_its_last():
    unit, user = make_unit(), account(hsa_id="SE1-CHEF")
    chief_of(unit, user, valid_from=TODAY, valid_to=TOMORROW)

    assert editable(user) == {unit}
    assert editable(user, YESTERDAY) == set()
    assert editable(user, TOMORROW) == set()


def test_hand_over_is_seen_the_same_day():
    unit = make_unit()
    old, new = account("a@example.org", hsa_id="SE1-A"), account("b@example.org", hsa_id="SE1-B")
    first = chief_of(unit, old, valid_to=TODAY)
    make_appointment(unit=unit, role=first.role, person=make_person(hsa_id="SE1-B"),
                     valid_from=TODAY)  # fmt: skip

    assert (editable(old), editable(new)) == (set(), {unit})
    assert (editable(old, YESTERDAY), editable(new, YESTERDAY)) == ({unit}, set())
    assert [(each.who, each.first) for each in scope.rights_to([unit])[unit.pk]] == [
        (Appointment.objects.get(person__hsa_id="SE1-B").person.name, TODAY)
    ]


def test_other_roles_and_a_vacancy_give_no_right():
    user = account(hsa_id="SE1-CHEF")
    make_appointment(person=make_person(hsa_id="SE1-CHEF"))
    make_appointment(role=make_role(manages_unit=True), state=Appointment.State.VACANT)

    assert editable(user) == set()


@pytest.mark.parametrize(
    "change",
    [
        {"valid_to": TODAY},
        {"state": Appointment.State.VACANT, "person": None},
        {"person": "another"},
    ],
)
def test_row_that_rests_on_an_appointment_falls_with_it_and_so_does_the_deputy(change):
    unit, user = make_unit(), account(hsa_id="SE1-CHEF")
    deputy = account("e@example.org")
    appointment = chief_of(unit, user)
    row = make_manager(unit=unit, user=user, appointment=appointment)
    make_manager(unit=unit, user=deputy, kind="deputy", deputy_for=row)
    assert editable(user) == editable(deputy) == {unit}

    if change.get("person") == "another":
        change = {"person": make_person()}
    for name, value in change.items():
        setattr(appointment, name, value)
    appointment.save()

    assert editable(user) == editable(deputy) == set()


def test_closed_account_of_a_manager_takes_the_deputys_right_and_stands_with_no_unit():
    manager, deputy = account(), account("e@example.org")
    row = make_manager(user=manager)
    make_manager(unit=row.unit, user=deputy, kind="deputy", deputy_for=row)
    assert editable(deputy) == {row.unit}
    assert len(scope.rights_to([row.unit])[row.unit.pk]) == 2

    manager.is_active = False
    manager.save()
    assert editable(deputy) == set()
    assert scope.rights_to([row.unit]) == {row.unit.pk: []}


def test_deputy_has_the_right_for_the_period_and_not_longer_than_the_manager():
    manager, deputy = account(), account("e@example.org")
    row = make_manager(user=manager, valid_to=TOMORROW)
    make_manager(unit=row.unit, user=deputy, kind="deputy", deputy_for=row, valid_from=TODAY)

    assert editable(deputy) == {row.unit}
    assert editable(deputy, YESTERDAY) == set()
    assert editable(deputy, TOMORROW) == set()
    right = scope.rights_of(deputy)[0]
    assert (right.kind, right.basis, right.first, right.last) == (
        "deputy",
        f"ersättare för {manager}",
        TODAY,
        TODAY,
    )


def test_right_written_for_an_address_or_an_hsa_id_is_whoever_signs_in_with_it():
    by_address = make_manager(user=None, email="Ny@example.org")
    by_hsa_id = make_manager(user=None, hsa_id="SE1-NY")
    user, other = account("ny@example.org"), account("annan@example.org")
    assert editable(user) == {by_address.unit}
    assert editable(other) == set()

    other.hsa_id = "SE1-NY"
    other.save()

    assert editable(other) == {by_hsa_id.unit}


def test_deep_tree_and_many_units_cost_the_same(django_assert_num_queries):
    user = account()
    top = make_unit()
    make_manager(unit=top, user=user)
    user = get_user_model().objects.get(pk=user.pk)
    for depth in (1, 30):
        unit = top
        for _ in range(depth):
            unit = make_unit(parent=unit, kind=top.kind)
        # The two of has_perm are asked once for an account, then its rights, then the units.
        user = get_user_model().objects.get(pk=user.pk)
        with django_assert_num_queries(4):
            assert Unit.objects.editable_by(user).filter(pk=unit.pk).exists()


def test_persons_are_ones_own_to_change_only_when_they_are_at_no_other_unit():
    user, mine, other = account(), make_unit(), make_unit()
    make_manager(unit=mine, user=user)
    here, there, both, nowhere = (make_person() for _ in range(4))
    make_appointment(unit=mine, person=here)
    make_appointment(unit=other, person=there)
    make_appointment(unit=mine, person=both)
    make_appointment(unit=other, person=both, valid_to=date(2020, 1, 1))
    ours = type(here).objects.filter(pk__in=[each.pk for each in (here, there, both, nowhere)])

    assert set(scope.seen(ours, user)) == {here, both, nowhere}
    assert set(scope.changed(ours, user)) == {here, nowhere}


def test_row_that_contradicts_itself_is_refused():
    row = make_manager()
    other = UnitManager(unit=make_unit(), kind="deputy", deputy_for=row, email="e@example.org")

    with pytest.raises(Exception, match="Välj en chefs rätt på samma enhet"):
        other.full_clean()
    with pytest.raises(Exception, match="Ange ett konto, en e-postadress eller ett HSA-id"):
        UnitManager(unit=row.unit, email="e@example.org", hsa_id="SE1").full_clean()
