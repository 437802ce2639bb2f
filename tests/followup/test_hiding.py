"""What is hidden, and that nobody can work it out: the pure tables, without a database."""

import os
import random
from itertools import product

import pytest

from followup.disclosure.network import MEN, REGION, TOTAL, WOMEN
from followup.disclosure.tables import Finding, Pair, Table, audit, hide

# More with an environment variable: PORTAL_TABLES=100000 takes some minutes.
TABLES = int(os.environ.get("PORTAL_TABLES", "2000"))
SEXES = (TOTAL, WOMEN, MEN)


def table(*, whole=False, of=1000, parents=None, **units):
    """Units a, b, …: (women, men) with their sum as total, one total, or [total, denominator].
    A pair instead of a number is (count, denominator); None is missing."""
    counts = {}
    for unit, numbers in units.items():
        place = ord(unit) - 96
        if not isinstance(numbers, tuple):
            counts[place, TOTAL] = Pair(*(numbers if isinstance(numbers, list) else (numbers, of)))
            continue
        pairs = [
            each if isinstance(each, tuple) or each is None else (each, of) for each in numbers
        ]
        counts |= {
            (place, sex): Pair(*pair) for sex, pair in zip((WOMEN, MEN), pairs, strict=True) if pair
        }
        counts[place, TOTAL] = Pair(*map(sum, zip(*filter(None, pairs), strict=True)))
    named = {ord(child) - 96: ord(parent) - 96 for child, parent in (parents or {}).items()}
    return Table(counts, whole, named)


def name(key):
    place, sex = key
    return f"{'region' if place == REGION else chr(96 + place)} {sex}"


def hidden(made, threshold=5, **options):
    hide(made, threshold, **options)
    assert audit([*options.get("earlier", ()), made], threshold) == []
    return {name(key) for key in made.hidden}


# -- what is hidden --------------------------------------------------------------------


@pytest.mark.parametrize(("count", "is_hidden"), [(0, 0), (1, 1), (4, 1), (5, 0), (6, 0)])
def test_counts_from_one_up_to_the_threshold_are_hidden(count, is_hidden):
    assert ("a total" in hidden(table(a=count, b=50, c=60))) == bool(is_hidden)


def test_large_counts_and_true_zeros_stay():
    assert hidden(table(a=(5, 5), b=(0, 20), c=(0, 0))) == set()


def test_what_is_left_of_a_share_is_a_count_too():
    assert hidden(table(whole=True, of=100, a=98, b=60, c=70)) == {"a total", "b total"}
    assert hidden(table(whole=False, of=100, a=98, b=60, c=70)) == set()


def test_few_to_count_on_are_hidden():
    assert hidden(table(a=((0, 3), (9, 90)), b=(30, 40), c=(30, 41))) >= {"a women", "a men"}


def test_other_sex_and_a_second_unit_are_hidden():
    assert hidden(table(a=(3, 40), b=(30, 20), c=(60, 70))) == {
        "a women",
        "a men",
        "b women",
        "b men",
    }


def test_second_unit_is_the_smallest_that_shields():
    assert hidden(table(a=3, b=90, c=6, d=7)) == {"a total", "c total"}
    assert hidden(table(a=3, b=0, c=9)) == {"a total", "c total"}


def test_more_are_hidden_until_they_are_enough_to_hide_in():
    """1 + 3 are too few: whoever sees the sum 4 knows that both are small."""
    assert hidden(table(a=1, b=3, c=6, d=7)) == {"a total", "b total", "c total"}
    assert hidden(table(a=1, b=4, c=6, d=7)) == {"a total", "b total"}


def test_region_is_hidden_when_no_unit_can_shield():
    assert hidden(table(a=3)) == {"a total", "region total"}
    assert hidden(table(a=3, b=0)) == {"a total", "region total"}


def test_total_is_hidden_where_the_other_sex_has_no_value():
    assert {"b women", "b total"} <= hidden(table(a=(30, 40), b=(3, None), c=(50, 60)))


def test_parent_is_the_sum_of_its_children():
    """With the clinic's 43 and the second ward's 40 shown, the first ward is 3."""
    made = table(a=[43, 2000], b=3, c=40, d=50, e=60, parents={"b": "a", "c": "a"})

    assert made.region == {(REGION, TOTAL): Pair(153, 4000)}
    assert hidden(made) == {"b total", "c total"}


def test_parent_with_something_of_its_own_bounds_its_children_from_above():
    made = table(a=[48, 2500], b=3, c=40, d=50, e=60, parents={"b": "a", "c": "a"})
    assert "b total" in hidden(made)


def test_parent_with_less_than_its_children_is_no_sum():
    made = table(a=20, b=3, c=40, d=50, parents={"b": "a", "c": "a"})
    assert hidden(made) == {"b total"}  # the region is a and d: b stands in no sum


def test_count_that_the_source_hid_is_not_given_away_by_the_other_sex():
    made = table(a=((20, 100), None), b=(30, 40), c=(50, 60))
    made.counts[1, TOTAL] = Pair(23, 200)
    made = Table(made.counts, False, apart={(1, MEN): Pair(3, 100)})

    # The men stand in no sum of the region, so its women must go with the unit's.
    assert hidden(made) == {"a men", "a women", "region women"}


def test_withheld_unit_is_not_given_away_by_the_region():
    """One private unit among public ones, all of them large."""
    made = table(a=70, b=50, c=60)

    assert hidden(made, withheld={(1, TOTAL)}) == {"a total", "b total"}


def test_threshold_is_the_given_one():
    assert hidden(table(a=9, b=50, c=60), threshold=9) == set()
    assert hidden(table(a=9, b=50, c=60), threshold=10) == {"a total", "b total"}


def test_same_table_is_always_hidden_alike():
    first, second = (table(a=(3, 40), b=(30, 20), c=(30, 20)) for _ in range(2))
    assert hidden(first) == hidden(second)


# -- what the audit finds --------------------------------------------------------------


def test_audit_finds_what_a_sum_gives_away():
    made = table(a=3, b=50, c=60)
    made.hidden = {(1, TOTAL)}

    assert audit([made], 5) == [
        Finding(0, (1, TOTAL), "täljare", 3, 3),
        Finding(0, (1, TOTAL), "nämnare", 1000, 1000),
    ]


def test_audit_finds_what_is_only_narrowed_down():
    made = table(a=1, b=3, c=60)
    made.hidden = {(1, TOTAL), (2, TOTAL)}

    assert [(name(f.key), f.low, f.high) for f in audit([made], 5)] == [
        ("a total", 0, 4),
        ("b total", 0, 4),
    ]


# -- corrections -----------------------------------------------------------------------


def corrected(before, **changes):
    made = table(**changes)
    hide(made, 5, earlier=[before])
    return made, audit([before, made], 5)


def released(**units):
    made = table(**units)
    hide(made, 5)
    assert audit([made], 5) == []
    return made


def test_what_was_hidden_stays_hidden_after_a_correction():
    """b was hidden to shield a. Shown now, it would tell a of the first release."""
    before = released(a=3, b=6, c=40, d=50)
    assert before.hidden == {(1, TOTAL), (2, TOTAL)}

    after, findings = corrected(before, a=7, b=6, c=40, d=50)

    assert {(1, TOTAL), (2, TOTAL)} <= after.hidden
    assert findings == []


def test_correction_elsewhere_changes_nothing_hidden():
    before = released(a=3, b=6, c=40, d=50)
    after, findings = corrected(before, a=3, b=6, c=41, d=50)

    assert (after.hidden, findings) == (before.hidden, [])


def test_count_that_became_small_hides_the_region_with_it():
    """Everybody has the other units from before, so that the region's new sum tells it."""
    before = released(a=30, b=60, c=40)
    after, findings = corrected(before, a=3, b=60, c=40)

    assert (after.hidden, findings) == ({(1, TOTAL), (REGION, TOTAL)}, [])


def test_audit_finds_what_two_releases_tell_together():
    """Either alone is safe. Together: b is known from the second, so a is 9 - 6."""
    first, second = table(a=3, b=6, c=40), table(a=3, b=6, c=40)
    first.hidden = {(1, TOTAL), (2, TOTAL)}
    second.hidden = {(1, TOTAL), (3, TOTAL)}
    assert audit([first], 5) == audit([second], 5) == []

    found = audit([first, second], 5)

    assert {(f.version, name(f.key), f.former) for f in found} == {
        (0, "a total", True),
        (1, "a total", False),
    }


# -- nobody can work it out: an attacker of another make --------------------------------


def sums_of(made):
    """Each sum that a reader knows, as keys that make a key. Only where it holds in truth."""
    places = {place for place, _ in made.everything}
    children = {*made.parents.values()}
    for place in places - children - {REGION}:  # of these they follow from their parts
        parts = [(place, sex) for sex in (WOMEN, MEN) if (place, sex) in made.everything]
        if parts and (place, TOTAL) in made.everything:
            yield (place, TOTAL), parts
    for sex in SEXES:
        tops = [
            key for key in made.counts if key[1] == sex and made.parents.get(key[0], 0) == REGION
        ]
        if tops:
            yield (REGION, sex), tops
        for parent in children:
            below = [
                key for key in made.counts if key[1] == sex and made.parents.get(key[0]) == parent
            ]
            if below and (parent, sex) in made.counts:
                yield (parent, sex), below


def holding(made, part):
    return [
        (whole, parts)
        for whole, parts in sums_of(made)
        if part(made.everything[whole]) == sum(part(made.everything[key]) for key in parts)
    ]


def bounds(versions, part):
    """What sums alone tell, by narrowing down until nothing changes: too wide rather than
    too narrow, so whatever this finds is really given away.

    Counts that are the same in two versions are one unknown, as a reader may guess.
    """
    names, low, high, sums = {}, {}, {}, []
    # A reader can always tell that nothing is that large.
    largest = [max(pair) for made in versions for pair in made.everything.values()]
    top = 3 * max(largest, default=0) + 100
    for which, made in enumerate(versions):
        for key, pair in made.everything.items():
            same = next((w for w in range(which) if versions[w].everything.get(key) == pair), which)
            names[which, key] = names.get((same, key), (same, key))
        for key in made.everything:
            unknown = names[which, key]
            known = key not in made.hidden
            value = part(made.everything[key])
            low[unknown] = max(low.get(unknown, 0), value if known else 0)
            high[unknown] = min(high.get(unknown, top), value if known else top)
        sums += [
            (names[which, whole], [names[which, key] for key in parts])
            for whole, parts in holding(made, part)
        ]
    changed = True
    while changed:
        changed = False
        for whole, parts in sums:
            least, most = sum(low[key] for key in parts), sum(high[key] for key in parts)
            steps = [(whole, least, most)]
            steps += [
                (key, low[whole] - (most - high[key]), high[whole] - (least - low[key]))
                for key in parts
            ]
            for key, least_now, most_now in steps:
                if least_now > low[key] or most_now < high[key]:
                    low[key] = max(low[key], least_now)
                    high[key] = min(high[key], most_now)
                    changed = True
    return {where: (low[unknown], high[unknown]) for where, unknown in names.items()}


def given_away(versions, threshold):
    """Hidden counts that sums bound more narrowly than the threshold."""
    parts = {
        "täljare": lambda pair: pair[0],
        "nämnare": lambda pair: pair[1],
        "övriga": lambda pair: pair[1] - pair[0],
    }
    wanted = ("täljare", "övriga") if versions[-1].whole else ("täljare", "nämnare")
    found = []
    for layer in wanted:
        for (which, key), (low, high) in bounds(versions, parts[layer]).items():
            shown_elsewhere = any(
                other.everything.get(key) == versions[which].everything[key]
                and key not in other.hidden
                for other in versions
            )
            if key in versions[which].hidden and not shown_elsewhere and high - low < threshold:
                found.append((which, name(key), layer, low, high))
    return found


def test_attacker_finds_a_planted_leak():
    made = table(a=3, b=50, c=60)
    made.hidden = {(1, TOTAL)}

    assert given_away([made], 5) == [
        (0, "a total", "täljare", 3, 3),
        (0, "a total", "nämnare", 1000, 1000),
    ]


def random_table(draw):
    whole, parents = draw.random() < 0.5, {}
    counts = {}
    most = draw.choice([4, 9, 30])
    units = draw.randint(1, 7)
    for unit in range(1, units + 1):
        if draw.random() < 0.2:
            size = draw.randint(1, most * 2)
            counts[unit, TOTAL] = Pair(draw.randint(0, size), size)
            continue
        pairs = []
        for sex in (WOMEN, MEN):
            size = draw.randint(1, most * 2)
            if draw.random() < 0.93:
                pairs.append(Pair(draw.randint(0, size), size))
                counts[unit, sex] = pairs[-1]
        if pairs:
            counts[unit, TOTAL] = Pair(*map(sum, zip(*pairs, strict=True)))
    if units > 3 and draw.random() < 0.3:
        parents = {3: 2, 4: 2}
        for sex in SEXES:
            below = [counts[child, sex] for child in (3, 4) if (child, sex) in counts]
            counts.pop((2, sex), None)
            if below:
                counts[2, sex] = Pair(*map(sum, zip(*below, strict=True)))
        places = {place for place, _ in counts}
        parents = {c: p for c, p in parents.items() if c in places and p in places}
    return Table(counts, whole, parents)


def test_nothing_hidden_is_given_away_in_thousands_of_tables():
    draw, kept = random.Random(2026), 0
    for _ in range(TABLES):
        made, threshold = random_table(draw), draw.choice([3, 5, 5, 8])
        withheld = {1, 2} if draw.random() < 0.2 else set()
        hide(made, threshold, withheld={key for key in made.counts if key[0] in withheld})
        if audit([made], threshold):
            continue
        kept += 1
        assert given_away([made], threshold) == [], (made, threshold)
        assert made.small(threshold) <= made.hidden
    # The audit refuses next to none: hiding is good enough to release.
    assert kept > TABLES * 0.99


def test_nothing_hidden_is_given_away_by_a_correction():
    draw, kept = random.Random(7), 0
    for _ in range(TABLES // 3):
        first, threshold = random_table(draw), draw.choice([3, 5])
        hide(first, threshold)
        counts = dict(first.counts)
        children = {*first.parents, *first.parents.values()}
        for key in draw.sample(sorted(counts), min(len(counts), draw.randint(1, 3))):
            if key[0] in children:
                continue
            size = counts[key][1]
            counts[key] = Pair(draw.randint(0, size), size)
            place = key[0]
            parts = [counts[place, sex] for sex in (WOMEN, MEN) if (place, sex) in counts]
            if parts:
                counts[place, TOTAL] = Pair(*map(sum, zip(*parts, strict=True)))
        second = Table(counts, first.whole, first.parents)
        hide(second, threshold, earlier=[first])
        if audit([first, second], threshold):
            continue
        kept += 1
        assert given_away([first, second], threshold) == [], (first, second, threshold)
    assert kept > TABLES // 3 * 0.8


# -- the bounds are exact --------------------------------------------------------------


def true_span(made, key, part, top):
    """The least and largest that a hidden count can be, by trying every table of whole numbers
    up to a top."""
    hidden_keys = sorted(made.hidden)
    sums = holding(made, part)
    values = {k: part(pair) for k, pair in made.everything.items()}
    found = []
    for numbers in product(range(top + 1), repeat=len(hidden_keys)):
        tried = {**values, **dict(zip(hidden_keys, numbers, strict=True))}
        if all(tried[whole] == sum(tried[each] for each in parts) for whole, parts in sums):
            found.append(tried[key])
    return min(found), max(found)


@pytest.mark.parametrize("seed", range(30))
def test_audit_is_as_wide_and_as_narrow_as_all_tables_together(seed):
    draw = random.Random(seed)
    made = table(
        **{unit: (draw.randint(0, 3), draw.randint(0, 3)) for unit in "abc"[: draw.randint(2, 3)]}
    )
    # Region and some totals are shown, so that nothing can be larger than its sum.
    inner = [key for key in made.counts if key[1] != TOTAL]
    made.hidden = set(draw.sample(inner, min(len(inner), 3)))
    made.hidden |= {key for key in [(1, TOTAL)] if draw.random() < 0.3}
    key = draw.choice(sorted(made.hidden))
    top = max(pair[0] for pair in made.everything.values())

    low, high = true_span(made, key, lambda pair: pair[0], top)
    found = {f.key: (f.low, f.high) for f in audit([made], 1000) if f.name == "täljare"}

    assert found[key] == (low, high)
