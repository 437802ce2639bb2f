"""Rows a few at a time: few enough for one query, or for the memory of a command."""

from collections.abc import Iterator, Sequence


def batched(values: Sequence, size: int) -> Iterator[Sequence]:
    """(1, 2, 3) by 2 → (1, 2), (3,)"""
    return (values[at : at + size] for at in range(0, len(values), size))
