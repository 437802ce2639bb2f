"""One year's counts by place and sex, what is hidden of them, and whether that holds.

Pure: no queries, no models. A table that is released again is a new version of it. Whoever
kept the earlier ones knows them all, and that a count that was not corrected is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .network import MEN, REGION, TOTAL, WOMEN, Flows, Key, Offers, network, region_counts


class Pair(NamedTuple):
    numerator: int
    denominator: int


@dataclass
class Table:
    """counts   each place's numerator and denominator, by sex; the region's not among them
    apart    counts that the source hid, and that follow from the other two at their place
    parents  {place: the place in the table that it is part of}
    whole    numerators are part of their denominators: what is left of one is a count too
    hidden   what is not shown, with the region's as (REGION, sex)
    told     {"täljare" or "nämnare": keys whose count another indicator shows}
    """

    counts: dict[Key, Pair]
    whole: bool
    parents: dict[int, int] = field(default_factory=dict)
    apart: dict[Key, Pair] = field(default_factory=dict)
    hidden: set[Key] = field(default_factory=set)
    told: dict[str, set[Key]] = field(default_factory=dict)

    def __post_init__(self):
        numerators, denominators = (
            region_counts({key: pair[part] for key, pair in self.counts.items()}, self.parents)
            for part in (0, 1)
        )
        self.region = {key: Pair(numerators[key], denominators[key]) for key in numerators}
        self.everything = {**self.counts, **self.apart, **self.region}

    def layers(self, threshold: int) -> dict[str, "Layer"]:
        """The whole numbers that a reader may be after: counts, and what is left of each (of a
        share) or what it is counted on.

        For shares the reader is taken to know every denominator from the threshold up, from
        another indicator or from the unit itself; so a count and what is left bound each other.
        """
        tops = {}
        if self.whole:
            tops = {k: p.denominator for k, p in self.everything.items() if p[1] >= threshold}
        parts = {"täljare": lambda pair: pair.numerator}
        if self.whole:
            parts["övriga"] = lambda pair: pair.denominator - pair.numerator
        else:
            parts["nämnare"] = lambda pair: pair.denominator
        told = dict(self.told)
        # With the count and what it is counted on, what is left is known as well.
        told["övriga"] = told.get("täljare", set()) & tops.keys()
        return {
            name: Layer(self, part, tops, told.get(name, set())) for name, part in parts.items()
        }

    def small(self, threshold: int) -> set[Key]:
        return {key for key, pair in self.everything.items() if is_small(pair, threshold, self)}


def is_small(pair: Pair, threshold: int, table: Table) -> bool:
    """Whether a count, what it is counted on or (of a share) what is left is 1 up to just
    under the threshold."""
    numbers = [*pair, pair.denominator - pair.numerator] if table.whole else pair
    return any(0 < number < threshold for number in numbers)


class Layer:
    def __init__(self, table, part, tops, told):
        self.told = told
        self.counts = {key: part(pair) for key, pair in table.counts.items()}
        apart = {key: part(pair) for key, pair in table.apart.items()}
        self.net = network(self.counts, table.parents, tops=tops, apart=apart)

    def room(self, key):
        if key in self.told:
            return 0, 0
        arrow = self.net.arrows[key]
        return arrow.down, arrow.up


@dataclass(frozen=True)
class Family:
    """Ways in which tables can differ that agree with all versions: keys that may move at
    once, and how far.

    Of a table released once, all hidden keys. Of one released again, those hidden in every
    version, which move alike in all; and those corrected since every other version, which
    move in one. What moves both ways at once is left out: the bounds are then too narrow
    rather than too wide, and the audit too strict rather than too lax.
    """

    allowed: frozenset[Key]
    others: tuple["Table", ...] = ()  # versions that move along

    def room(self, name: str, key: Key, rooms: Sequence[dict[str, Layer]]) -> tuple[int, int]:
        """The least room that any version leaves."""
        each = [layers[name].room(key) for layers in rooms if key in layers[name].net.arrows]
        return min(down for down, _ in each), min(up for _, up in each)

    def unseen(self, name: str, rooms: Sequence[dict[str, Layer]]) -> dict:
        """The room of what nobody sees; none where a version has nothing there."""
        nets = [layers[name].net for layers in rooms]
        return {
            what: (
                min(net.unseen[what].down for net in nets),
                min(net.unseen[what].up for net in nets),
            )
            for what in nets[0].unseen
            if all(what in net.unseen for net in nets)
        }


def families(tables: Sequence[Table], which: int) -> list[Family]:
    table = tables[which]
    others = [other for number, other in enumerate(tables) if number != which]
    if not others:
        return [Family(frozenset(table.everything))]
    alike = [key for key in table.everything if all(key in other.hidden for other in others)]
    corrected = [
        key
        for key, pair in table.everything.items()
        if all(other.everything.get(key) != pair for other in others)
    ]
    return [
        Family(frozenset(alike), tuple(others)),
        Family(frozenset(corrected)),
    ]


def already_known(tables: Sequence[Table], which: int) -> set[Key]:
    """What an other version has shown, and which has not been corrected since."""
    table = tables[which]
    return {
        key
        for number, other in enumerate(tables)
        if number != which
        for key, pair in other.everything.items()
        if key not in other.hidden and table.everything.get(key) == pair
    }


class Reader:
    """What can be worked out of one version, with all others at hand."""

    def __init__(self, tables: Sequence[Table], which: int, threshold: int):
        self.table, self.threshold = tables[which], threshold
        self.layers = self.table.layers(threshold)
        self.families = families(tables, which)
        self.known = already_known(tables, which)
        self.rooms = [
            [self.layers, *(other.layers(threshold) for other in family.others)]
            for family in self.families
        ]
        self.offers = {}
        self.flows = {
            (name, number): Flows(
                layer.net,
                {
                    key: family.room(name, key, self.rooms[number])
                    for key in self.table.hidden & family.allowed
                },
                family.unseen(name, self.rooms[number]),
            )
            for name, layer in self.layers.items()
            for number, family in enumerate(self.families)
        }

    def hide(self, key: Key) -> None:
        self.table.hidden.add(key)
        for (name, number), flows in self.flows.items():
            family = self.families[number]
            if key in family.allowed:
                flows.hide(key, *family.room(name, key, self.rooms[number]))

    def span(self, key: Key, name: str) -> tuple[int, int]:
        """(down, up): how far from its true value a hidden count can be, in the family that
        leaves most; no further than the threshold is looked."""
        found = [
            flows.reach(key, self.threshold)
            for (layer, _), flows in self.flows.items()
            if layer == name and key in flows.index
        ]
        return max(found, key=sum, default=(0, 0))

    def is_safe(self, key: Key, name: str) -> bool:
        """What another indicator has shown can no longer be hidden here; it hides nothing else
        either."""
        told = key in self.layers[name].told
        return told or sum(self.span(key, name)) >= self.threshold

    def way_to_hide(self, key: Key, name: str) -> list[Key]:
        """The cheapest counts to hide so that a hidden one becomes safe, [] without any."""
        need = self.threshold - sum(self.span(key, name))
        for least in sorted({need, 1}, reverse=True):
            found = [
                way
                for number, family in enumerate(self.families)
                if key in family.allowed
                for upwards in (True, False)
                if (way := self._way(key, name, number, upwards, least))
            ]
            if found:
                return min(found)[1]
        return []

    def _way(self, key, name, number, upwards, least):
        flows = self.flows[name, number]
        return flows.cheapest(key, upwards, least, self._offers(name, number), self.table.hidden)

    def _offers(self, name, number):
        if (name, number) not in self.offers:
            family, rooms = self.families[number], self.rooms[number]
            self.offers[name, number] = Offers(
                self.layers[name].net,
                {key: family.room(name, key, rooms) for key in family.allowed},
                prices(self.table),
            )
        return self.offers[name, number]


class Finding(NamedTuple):
    """A hidden count that a reader can work out to within less than the threshold.

    name  "täljare", "nämnare" or "övriga" (what is left of a share)
    """

    version: int
    key: Key
    name: str
    low: int
    high: int
    former: bool = False


def audit(tables: Sequence[Table], threshold: int) -> list[Finding]:
    """What a reader of all versions of a table can work out too closely; [] when it holds.

    tables  oldest first. The reader knows every shown count and sum, that women and men make
            the total and units their parent and the region, what another indicator shows of
            the same counts, that counts are whole and not negative, and of shares every
            denominator from the threshold up. Medians and quartiles are made of shown values
            only and tell nothing more; a shown share is shown with its counts, so that its
            rounding hides nothing either.
    """
    findings = []
    for which, table in enumerate(tables):
        reader = Reader(tables, which, threshold)
        for name, layer in reader.layers.items():
            numbers = {**layer.counts, **{key: layer.net.arrows[key].down for key in table.hidden}}
            for key in sorted(table.hidden - reader.known - layer.told):
                down, up = reader.span(key, name)
                if down + up < threshold:
                    low, high = numbers[key] - down, numbers[key] + up
                    former = which < len(tables) - 1
                    findings.append(Finding(which, key, name, low, high, former))
    return findings


def hide(
    table: Table,
    threshold: int,
    *,
    withheld: frozenset[Key] | set[Key] = frozenset(),
    earlier: Sequence[Table] = (),
) -> None:
    """Hide in a table what must not be shown, and what would give it away.

    First what is small or withheld, and what is hidden in the version before. Then, for each
    hidden count in turn, the cheapest others that let it move by the threshold. Hiding
    more only widens what others can be, so each is made safe once. What cannot be made
    safe stays hidden and is found by `audit`.
    """
    tables = [*earlier, table]
    table.hidden |= {key for key in withheld if key in table.everything}
    table.hidden |= table.small(threshold) | set(table.apart)
    if earlier:
        table.hidden |= earlier[-1].hidden & table.everything.keys()
    reader = Reader(tables, len(tables) - 1, threshold)
    waiting = sorted(table.hidden - reader.known)
    while waiting:
        key = waiting.pop(0)
        for name in reader.layers:
            while not reader.is_safe(key, name):
                more = reader.way_to_hide(key, name)
                if not more:
                    break
                for other in more:
                    reader.hide(other)
                waiting += sorted(more)


def prices(table: Table):
    """What it costs to hide a count: small ones first, one sex before a total, the region last."""

    def price(key: Key) -> float:
        place, sex = key
        number = table.everything[key].numerator
        base = {TOTAL: 30, WOMEN: 10, MEN: 10}[sex] * (30 if place == REGION else 1)
        return base + 5 * number / (number + 1000) + (5 if number == 0 else 0)

    return price
