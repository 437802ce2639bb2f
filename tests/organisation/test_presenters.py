from organisation.models import Appointment, Person, Responsibility, Role, Unit
from organisation.presenters import (
    RoleAtUnit,
    own_and_others,
    roles_at_unit,
    units_with_coordinator,
)

State = Appointment.State
CHIEF = Role(pk=1, code="chef", position=1)
DOCTOR = Role(pk=2, code="lakare", position=2)
NURSE = Role(pk=3, code="sjukskoterska", position=2)


def appointment(role, state=State.HELD, **fields):
    return Appointment(role=role, state=state, **fields)


def test_roles_at_unit_hold_required_and_registered_in_role_order():
    nurse, chief = appointment(NURSE), appointment(CHIEF)

    rows = roles_at_unit([nurse, chief], [DOCTOR, CHIEF])

    assert rows == [
        RoleAtUnit(CHIEF, [chief]),
        RoleAtUnit(DOCTOR, []),
        RoleAtUnit(NURSE, [nurse]),
    ]


def test_role_without_appointment_is_unknown_and_missing():
    row = RoleAtUnit(CHIEF)

    assert (row.main, row.stand_in, row.state, row.is_missing) == (None, None, "unknown", True)


def test_vacancy_with_stand_in_is_still_missing():
    vacancy = appointment(CHIEF, State.VACANT)
    stand_in = appointment(CHIEF, person=Person(name="Vik Arie"), acting=True)
    row = RoleAtUnit(CHIEF, [vacancy, stand_in])

    assert (row.main, row.stand_in, row.state) == (vacancy, stand_in, "vacant")
    assert row.is_missing


def test_only_vacant_and_unknown_are_missing():
    missing = {s: RoleAtUnit(CHIEF, [appointment(CHIEF, s)]).is_missing for s in State.values}

    assert missing == {
        "held": False,
        "function": False,
        "shared": False,
        "vacant": True,
        "not_applicable": False,
    }


def test_units_with_coordinator_keep_their_order_and_their_own_rows():
    first, second = Unit(pk=7, kind_id=1), Unit(pk=4, kind_id=2)
    row = appointment(CHIEF, unit=second)

    assert units_with_coordinator([first, second], CHIEF, [row], kinds={2}) == [
        (first, RoleAtUnit(CHIEF, [], required=False)),
        (second, RoleAtUnit(CHIEF, [row])),
    ]


def test_responsibilities_are_split_into_own_and_others():
    own, other = Responsibility(pk=1, kind="own"), Responsibility(pk=2, kind="others")

    assert own_and_others([other, own]) == ([own], [other])
    assert own_and_others([]) == ([], [])
