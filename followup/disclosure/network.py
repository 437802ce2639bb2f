"""What a reader can work out of a table with hidden counts: exact bounds, by flows.

A table holds whole, non-negative counts by place and sex. Women and men make the total, units
make their parent or the region. Each count stands in two sums, once on either side when the sums
are signed well: a sum is then a point, a count an arrow between two points, and "the sums hold"
means that as much comes to each point as leaves it. The tables that agree with all that is
shown differ from the true one by flows along hidden arrows only, and the furthest that
one count can move is the largest flow back round from its head to its tail (Ford & Fulkerson
1956). Capacities are whole, so the bounds are reached by a table of whole numbers: they are
exact, neither too narrow nor too wide.

    women, men   their place's column   ->  their place's row
    total        the place's row        ->  the column of totals
    a parent     between its children's column and the column that it stands in itself
    the region   closes the circle: its own row <-> the outermost columns

A place with children has no row of its own: its sums follow from theirs, and what it has beside
them is one more child that nobody sees. Where a sum does not hold in the true table (women
and men are fewer than the total, a sex is missing) what lacks is an arrow that nobody sees.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count as counting
from math import inf

TOTAL, WOMEN, MEN = "total", "women", "men"
SEXES = (TOTAL, WOMEN, MEN)
REGION = 0
UNBOUNDED = 1 << 60
OUTSIDE = ("outside",)

Key = tuple[int, str]


@dataclass(frozen=True)
class Arrow:
    """A count: it grows by what flows from tail to head.

    down, up  how far it may move, given what is known of it alone
    """

    tail: tuple
    head: tuple
    down: int
    up: int


def region_counts(counts: Mapping[Key, int], parents: Mapping[int, int]) -> dict[Key, int]:
    """The sums of the outermost places, by sex; only where some place has a count."""
    sums = defaultdict(int)
    for (place, sex), number in counts.items():
        if parents.get(place, REGION) == REGION:
            sums[REGION, sex] += number
    return dict(sums)


@dataclass
class Network:
    """The arrows of one table: counts that are shown or hidden, and what nobody sees, by what it
    is: ("lack", place) or ("rest", place, sex)."""

    arrows: dict[Key, Arrow]
    unseen: dict[tuple, Arrow]


def network(
    counts: Mapping[Key, int],
    parents: Mapping[int, int],
    *,
    tops: Mapping[Key, int] | None = None,
    apart: Mapping[Key, int] | None = None,
) -> Network:
    """The network of a table.

    counts   places' counts, the region's not among them
    parents  {place: the place it is part of}, only between places of the table
    tops     the largest that each count can be, when that is known (the denominator); also
             for the region as (REGION, sex)
    apart    counts that follow from the other two at their place, but stand in no sum of
             places: the source hid them
    """
    tops = tops or {}
    region = region_counts(counts, parents)
    everything = {**counts, **(apart or {})}
    arrows, unseen = {}, {}
    believed = _believable(counts, parents)
    children = defaultdict(list)
    for child, parent in believed.items():
        children[parent].append(child)

    def column(place, sex):
        if place in parents and place not in believed:
            return OUTSIDE
        return "column", believed.get(place, REGION), sex

    def moves(key, number):
        top = tops.get(key)
        return number, UNBOUNDED if top is None else max(0, top - number)

    for place in {place for place, _ in everything}:
        if place in children:
            for sex in SEXES:
                if (place, sex) in counts:
                    _part(arrows, (place, sex), column(place, sex), moves, counts, sex, place)
            _rest(unseen, place, children[place], counts)
            continue
        for sex in SEXES:
            key = place, sex
            if key not in everything:
                continue
            to = column(place, sex) if key in counts else OUTSIDE
            row = ("row", place) if _has_row(place, everything) else OUTSIDE
            ends = (row, to) if sex == TOTAL else (to, row)
            arrows[key] = Arrow(*ends, *moves(key, everything[key]))
        if _has_row(place, everything):
            _lack(unseen, place, everything)
    row = ("row", REGION) if _has_row(REGION, region) else OUTSIDE
    for (_, sex), number in region.items():
        ends = ("column", REGION, sex), row
        ends = ends if sex == TOTAL else ends[::-1]
        arrows[REGION, sex] = Arrow(*ends, *moves((REGION, sex), number))
    if row != OUTSIDE:
        lack = region[REGION, TOTAL] - sum(region.get((REGION, sex), 0) for sex in SEXES[1:])
        # How the region's sexes fall short of its total follows from its places.
        down = UNBOUNDED if lack < 0 else lack
        unseen["lack", REGION] = Arrow(row, OUTSIDE, down, UNBOUNDED)
    return Network(arrows, unseen)


def _believable(counts, parents):
    """Parents that have at least what their children have together; the rest is no sum."""
    sums, told = defaultdict(int), set()
    for (place, sex), number in counts.items():
        if place in parents:
            sums[parents[place], sex] += number
            told.add(parents[place])
    wrong = {
        place
        for place in told
        for sex in SEXES
        if (place, sex) in sums
        and ((place, sex) not in counts or sums[place, sex] > counts[place, sex])
    }
    return {child: parent for child, parent in parents.items() if parent not in wrong}


def _part(arrows, key, outer, moves, counts, sex, place):
    inner = "column", place, sex
    ends = (inner, outer) if sex == TOTAL else (outer, inner)
    arrows[key] = Arrow(*ends, *moves(key, counts[key]))


def _rest(unseen, place, children, counts):
    """What a parent has beside its children: one more of them, with a row of its own."""
    rest = {
        (place, sex): counts[place, sex] - sum(counts.get((child, sex), 0) for child in children)
        for sex in SEXES
        if (place, sex) in counts
    }
    row = "rest", place
    for (_, sex), number in rest.items():
        inner = "column", place, sex
        ends = (row, inner) if sex == TOTAL else (inner, row)
        # Without anything beside its children a parent is their sum, as a reader may assume.
        if any(rest.values()):
            unseen["rest", place, sex] = Arrow(*ends, number, UNBOUNDED)
    if any(rest.values()):
        lack = rest.get((place, TOTAL), 0) - sum(rest.get((place, sex), 0) for sex in SEXES[1:])
        if lack:
            down = UNBOUNDED if lack < 0 else lack
            unseen["lack", place] = Arrow(OUTSIDE, row, down, UNBOUNDED)


def _has_row(place, counts):
    """Whether a place has a total and a sex, so that one bounds the other."""
    return (place, TOTAL) in counts and ((place, WOMEN) in counts or (place, MEN) in counts)


def _lack(unseen, place, counts):
    """What a place's sexes lack of its total, when they do not make it."""
    lack = counts[place, TOTAL] - sum(counts.get((place, sex), 0) for sex in SEXES[1:])
    if lack:
        down = UNBOUNDED if lack < 0 else lack
        unseen["lack", place] = Arrow(OUTSIDE, ("row", place), down, UNBOUNDED)


class Flows:
    """How far counts can move when some arrows are hidden; more can be hidden, none shown.

    usable  {key: (down, up)} of the hidden arrows that a table like this may differ in
    unseen  the same of what nobody sees
    """

    def __init__(
        self,
        net: Network,
        usable: Mapping[Key, tuple[int, int]],
        unseen: Mapping[tuple, tuple[int, int]],
    ):
        self.net = net
        self.ends, self.room = [], []  # room[e] = [up, down], and flows change it
        self.at = defaultdict(list)
        self.index = {}
        for key, (down, up) in usable.items():
            self._add(net.arrows[key], down, up, key)
        for what, (down, up) in unseen.items():
            self._add(net.unseen[what], down, up)

    def _add(self, arrow, down, up, key=None):
        number = len(self.ends)
        self.ends.append((arrow.tail, arrow.head))
        self.room.append([up, down])
        self.at[arrow.tail].append((number, 0, arrow.head))
        self.at[arrow.head].append((number, 1, arrow.tail))
        if key is not None:
            self.index[key] = number

    def hide(self, key: Key, down: int, up: int) -> None:
        self._add(self.net.arrows[key], down, up, key)

    def reach(self, key: Key, enough: int) -> tuple[int, int]:
        """(down, up): how far a hidden count can move; no further than `enough` is looked."""
        number = self.index[key]
        tail, head = self.ends[number]
        up, down = self.room[number]
        self.room[number] = [0, 0]
        most_up = self._flow(head, tail, min(up, enough))[0]
        most_down = self._flow(tail, head, min(down, enough))[0]
        self.room[number] = [up, down]
        return most_down, most_up

    def _flow(self, start, goal, most, *, keep=False):
        """The largest flow up to `most`; the room it takes is given back unless kept."""
        total, taken = 0, []
        if start == goal:  # in no sum at all
            return most, taken
        while total < most and (path := self._path(start, goal)):
            step = min(most - total, *(self.room[e][way] for e, way in path))
            for e, way in path:
                self.room[e][way] -= step
                self.room[e][1 - way] += step
                taken.append((e, way, step))
            total += step
        if not keep:
            self.give_back(taken)
        return total, taken

    def give_back(self, taken):
        for e, way, step in taken:
            self.room[e][way] += step
            self.room[e][1 - way] -= step

    def _path(self, start, goal):
        came, waiting = {start: None}, deque([start])
        while waiting:
            point = waiting.popleft()
            for e, way, to in self.at[point]:
                if to not in came and self.room[e][way] > 0:
                    came[to] = (e, way, point)
                    if to == goal:
                        path = []
                        while came[to]:
                            e, way, to = came[to]
                            path.append((e, way))
                        return path
                    waiting.append(to)
        return None

    def cheapest(
        self, key: Key, upwards: bool, need: int, offers: "Offers", hidden: Container[Key]
    ) -> tuple[float, list[Key]] | None:
        """The cheapest shown counts to hide so that one can move `need` further.

        offers  what could be hidden, unless it is already. None without a way; the way goes
                through what is left when the hidden arrows carry all they can.
        """
        number = self.index[key]
        tail, head = self.ends[number]
        start, goal = (head, tail) if upwards else (tail, head)
        room, self.room[number] = self.room[number], [0, 0]
        taken = self._flow(start, goal, UNBOUNDED, keep=True)[1]
        found = self._dijkstra(start, goal, need, offers, hidden)
        self.give_back(taken)
        self.room[number] = room
        return found

    def _dijkstra(self, start, goal, need, offers, hidden):
        order = counting()
        queue, done, best = [(0.0, next(order), start, ())], set(), {start: 0.0}

        def offer(price, to, way):
            if to not in done and price < best.get(to, inf):
                best[to] = price
                heappush(queue, (price, next(order), to, way))

        while queue:
            price, _, point, way = heappop(queue)
            if point == goal:
                return (price, list(way)) if way else None
            if point in done:
                continue
            done.add(point)
            for e, side, to in self.at[point]:
                if self.room[e][side] >= need:
                    offer(price, to, way)
            for to, key, room, more in offers.at[point]:
                if room >= need and price + more < best.get(to, inf) and key not in hidden:
                    offer(price + more, to, (*way, key))
        return None


class Offers:
    """Shown counts that could be hidden, by the points that they lead from."""

    def __init__(
        self,
        net: Network,
        rooms: Mapping[Key, tuple[int, int]],
        price: Callable[[Key], float],
    ):
        self.at = defaultdict(list)
        for key, (down, up) in sorted(rooms.items()):  # so that a table is always hidden alike
            arrow, cost = net.arrows[key], price(key)
            self.at[arrow.tail].append((arrow.head, key, up, cost))
            self.at[arrow.head].append((arrow.tail, key, down, cost))
