"""Rows a few at a time: few enough for one query, or for the memory of a command."""

from collections.abc import Iterable, Iterator
from itertools import islice


def batched(values: Iterable, size: int) -> Iterator[list]:
    """1, 2, 3 by 2 → [1, 2], [3]; a generator's are asked for when their batch is."""
    values = iter(values)
    while batch := list(islice(values, size)):
        yield batch
