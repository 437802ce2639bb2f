"""Who may edit which unit: one answer for views, forms, the admin, exports and the API.

    Unit.objects.editable_by(user)      the units
    seen(rows, user), changed(rows, user)   rows of any model that belongs to units

A right to a unit counts for all units below it, as the tree stands today. It comes from a
row (UnitManager) or, by itself, from holding a role that manages its unit: the person in the
appointment and the account have the same HSA-id.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from portal.editing.last_day import last_day_before

from .models import Appointment, Attestation, Listing, Person, Unit, UnitManager

VIEW_ALL = "organisation.view_every_unit"
EDIT_ALL = "organisation.edit_every_unit"

# UNION, not UNION ALL: a loop in the tree ends by itself.
_WITH_CHILDREN = """
WITH RECURSIVE below(id) AS (
    SELECT id FROM organisation_unit WHERE id IN ({})
    UNION
    SELECT child.id FROM organisation_unit child JOIN below ON child.parent_id = below.id
)
SELECT id FROM below
"""


def edits_all(user) -> bool:
    return user.is_active and user.has_perm(EDIT_ALL)


def sees_all(user) -> bool:
    """Whether the admin shows rows of every unit. Seeing is not changing."""
    return user.is_active and (user.has_perm(VIEW_ALL) or user.has_perm(EDIT_ALL))


@dataclass(frozen=True)
class Right:
    """Why somebody may edit a unit: a row, an appointment, or a row that rests on one.

    first, last  the days it is known to begin and end; None where it has no such day
    """

    unit: Unit
    who: str
    kind: str
    basis: str
    first: date | None
    last: date | None
    row: UnitManager | None = None
    appointment: Appointment | None = None

    @property
    def is_manager(self):
        return self.kind == UnitManager.Kind.MANAGER


def _rows():
    return UnitManager.objects.select_related(
        "user",
        "unit__kind",
        "appointment__person",
        "appointment__role",
        "deputy_for__user",
        "deputy_for__appointment__person",
        "deputy_for__appointment__role",
    )


def _appointments(on=None):
    held = Appointment.objects.on(on).filter(state=Appointment.State.HELD, role__manages_unit=True)
    return held.select_related("person", "role", "unit__kind").order_by("unit", "acting", "pk")


def rights_of(user, on: date | None = None) -> list[Right]:
    """What somebody may edit and why: two questions to the database."""
    if not user.is_authenticated or not user.is_active:
        return []
    rows = list(_rows().of(user).giving_right(on).order_by("unit__name", "-kind", "pk"))
    found = [_from_row(row) for row in rows]
    if user.hsa_id:
        resting = {row.appointment_id for row in rows}
        held = _appointments(on).filter(person__hsa_id=user.hsa_id)
        found += [_from_appointment(row) for row in held if row.pk not in resting]
    return found


def rights_to(units: Iterable[Unit], on: date | None = None) -> dict[int, list[Right]]:
    """{unit: who may edit it by a right to that very unit}; two questions for all of them."""
    keys = [unit.pk for unit in units]
    found = {key: [] for key in keys}
    rows = list(_rows().filter(unit__in=keys).giving_right(on).order_by("-kind", "pk"))
    resting = {row.appointment_id for row in rows}
    for row in _appointments(on).filter(unit__in=keys):
        if row.pk not in resting:
            found[row.unit_id].append(_from_appointment(row))
    for row in rows:
        found[row.unit_id].append(_from_row(row))
    return found


def _from_row(row):
    rests = [row, row.appointment, row.deputy_for, row.deputy_for and row.deputy_for.appointment]
    if row.kind == UnitManager.Kind.DEPUTY:
        basis = f"ersättare för {row.deputy_for.who}"
    elif row.appointment:
        basis = f"{row.appointment.role.title.lower()} på enheten"
    elif row.from_claims:
        basis = "genom regionens inloggning"
    else:
        basis = "utsedd av administratören"
    return Right(row.unit, row.who, row.kind, basis, *_period(rests), row, row.appointment)


def _from_appointment(row):
    basis = f"{row.role.title.lower()} på enheten"
    kind = UnitManager.Kind.MANAGER
    return Right(row.unit, row.person.name, kind, basis, *_period([row]), None, row)


def _period(rests):
    """The days that all of it is in force: from the latest beginning to the first end."""
    rests = [each for each in rests if each is not None]
    begins = [each.valid_from for each in rests if each.valid_from]
    ends = [each.valid_to for each in rests if each.valid_to]
    return max(begins, default=None), last_day_before(min(ends, default=None))


def editable_ids(user, on: date | None = None):
    """An expression for `unit__in`, or None when it is every unit."""
    if edits_all(user):
        return None
    roots = sorted({right.unit.pk for right in rights_of(user, on)})
    return below(roots)


def below(roots: Iterable[int]):
    """Some units and all below them, as an expression for `in`."""
    roots = list(roots)
    if not roots:
        return []
    return RawSQL(_WITH_CHILDREN.format(", ".join(["%s"] * len(roots))), roots)  # noqa: S611


# -- rows of other models --------------------------------------------------------------

_paths: dict[type[models.Model], str] = {}


def belongs_to_unit(model: type[models.Model], path: str) -> None:
    """Which unit a model's rows belong to: belongs_to_unit(UnitReview, "unit"). Rooms that
    know organisation say it in their registrations; their admin class wears ScopedAdmin."""
    _paths[model] = path


belongs_to_unit(Unit, "pk")
belongs_to_unit(Appointment, "unit")
belongs_to_unit(UnitManager, "unit")
belongs_to_unit(Attestation, "unit")
belongs_to_unit(Listing, "unit")


def _persons_seen(ids):
    """Those with an appointment at one of the units, and those who have none anywhere."""
    theirs = Appointment.objects.filter(person=OuterRef("pk"))
    return Q(Exists(theirs.filter(unit__in=ids))) | ~Q(Exists(theirs))


def _persons_changed(ids):
    """A person who is at another unit too is another manager's to change as well."""
    theirs = Appointment.objects.filter(person=OuterRef("pk"))
    return ~Q(Exists(theirs.exclude(unit__in=ids)))


_special: dict[type[models.Model], tuple[Callable, Callable]] = {
    Person: (_persons_seen, _persons_changed)
}


def is_scoped(model) -> bool:
    return model in _paths or model in _special


def owner_field(model) -> str:
    """The field that says which unit a row belongs to: "unit"."""
    return _paths.get(model, "").partition("__")[0]


def seen(rows: models.QuerySet, user) -> models.QuerySet:
    """The rows that the admin and exports show somebody."""
    return rows if sees_all(user) else _within(rows, user, 0)


def changed(rows: models.QuerySet, user) -> models.QuerySet:
    """The rows that somebody may change, delete or point at."""
    return rows if edits_all(user) else _within(rows, user, 1)


def _within(rows, user, which):
    ids = editable_ids(user)
    if ids is None:
        return rows
    if rows.model in _special:
        return rows.filter(_special[rows.model][which](ids))
    return rows.filter(**{f"{_paths[rows.model]}__in": ids})
