"""The levels from nation to unit with who holds what at each, as one tree.

The list on the page and the drawing beside it are both made of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from portal.web.ordering import swedish_key

from .coverage import required_roles
from .models import Appointment, Level, Role, RoleLevel, Unit

# A place names its units up to this number; of more it tells how many of each kind.
MOST_NAMED = 40
# Where the roles of a level stand.
PLACE_OF_ROLE = {RoleLevel.NATIONAL: Level.NATIONAL, RoleLevel.REGIONAL: Level.REGION}


@dataclass
class RoleThere:
    """A role at a place and who has it there; nobody when nothing is registered."""

    role: Role
    appointments: list[Appointment] = field(default_factory=list)


@dataclass
class Place:
    """A unit above the care units, with those that belong right under it.

    counts  {kind's name: how many}, in the kinds' order
    units   the care units by name, empty when there are too many to name
    """

    unit: Unit
    children: list["Place"] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    roles: list[RoleThere] = field(default_factory=list)

    @property
    def level(self):
        return self.unit.kind.level

    @property
    def number(self):
        return sum(self.counts.values())


@dataclass
class Structure:
    """`loose` are care units that belong to no level: {kind's name: how many}."""

    places: list[Place]
    loose: dict[str, int]
    unit_roles: list[Role]

    def all_places(self) -> list[Place]:
        """Every place, each before those under it."""
        return list(_walk(self.places))

    def at(self, *levels: Level) -> list[Place]:
        return [place for place in self.all_places() if place.level in levels]

    @property
    def counts(self) -> dict[str, int]:
        total = Counter()
        for place in self.all_places():
            total.update(place.counts)
        total.update(self.loose)
        return dict(total)

    @property
    def number(self) -> int:
        return sum(self.counts.values())


def _walk(places):
    for place in places:
        yield place
        yield from _walk(place.children)


def structure_today() -> Structure:
    """Today's structure in six queries, whatever the number of units."""
    levels = Unit.objects.on().exclude(kind__level=Level.UNIT).select_related("kind")
    care_units = (
        Unit.objects.public()
        .order_by("kind__position", "kind__code")
        .values_list("pk", "parent_id", "caregiver_id", "kind__name")
    )
    places, by_pk = tree_of(levels)
    home_of, loose = homes_of(care_units, by_pk)
    few = [pk for pk, home in home_of.items() if by_pk[home].number <= MOST_NAMED]
    for unit in sorted(Unit.objects.filter(pk__in=few), key=lambda unit: swedish_key(unit.name)):
        by_pk[home_of[unit.pk]].units.append(unit)
    roles = list(Role.objects.exclude(level=RoleLevel.PATIENT))
    put_roles(by_pk, home_of, roles, Appointment.objects.public().filter(placed(roles)))
    return Structure(places, loose, list(required_roles()))


def tree_of(units: Iterable[Unit]) -> tuple[list[Place], dict[int, Place]]:
    """The levels as a tree in the kinds' order: its roots, and every place by its pk."""
    units = sorted(units, key=lambda unit: (unit.kind.position, swedish_key(unit.name), unit.pk))
    by_pk = {unit.pk: Place(unit) for unit in units}
    roots = []
    for unit in units:
        above = by_pk.get(unit.parent_id)
        (above.children if above else roots).append(by_pk[unit.pk])
    return roots, by_pk


def homes_of(care_units, by_pk: dict[int, Place]) -> tuple[dict[int, int], dict[str, int]]:
    """{care unit's pk: the place it stands under}, and how many of each kind have none.

    A unit under another care unit stands under that one's place; one without a parent under
    its caregiver. The places' counts are filled in.
    """
    rows = list(care_units)
    above = {pk: parent or caregiver for pk, parent, caregiver, _ in rows}
    home_of, loose = {}, Counter()
    counts = defaultdict(Counter)
    for pk, _, _, kind in rows:
        home, seen = above[pk], {pk}
        while home in above and home not in seen:
            seen.add(home)
            home = above[home]
        if home in by_pk:
            home_of[pk] = home
            counts[home][kind] += 1
        else:
            loose[kind] += 1
    for home, counted in counts.items():
        by_pk[home].counts = dict(counted)
    return home_of, dict(loose)


def placed(roles):
    """The appointments that stand at a place: those of levels above the units, and those at
    the places themselves."""
    above_units = [role.pk for role in roles if role.level in PLACE_OF_ROLE]
    return Q(role__in=above_units) | Q(unit__kind__level__in=set(Level) - {Level.UNIT})


def put_roles(by_pk, home_of, roles, appointments) -> None:
    """Give places their roles: a regional one stands at the region of its unit."""
    found = defaultdict(lambda: defaultdict(list))
    for row in appointments:
        place = by_pk.get(row.unit_id) or by_pk.get(home_of.get(row.unit_id))
        if place is None:
            continue
        place = _at_level(place, PLACE_OF_ROLE.get(row.role.level), by_pk) or place
        found[place.unit.pk][row.role_id].append(row)
    for place in by_pk.values():
        here = found[place.unit.pk]
        place.roles = [
            RoleThere(role, here.get(role.pk, []))
            for role in roles
            if role.pk in here or PLACE_OF_ROLE.get(role.level) == place.level
        ]


def _at_level(place, level, by_pk):
    """A place's nearest place above it, or itself, that is of a level."""
    seen = set()
    while place and place.unit.pk not in seen:
        if place.level == level:
            return place
        seen.add(place.unit.pk)
        place = by_pk.get(place.unit.parent_id)
    return None
