"""Two texts as one, word by word, and in time whatever they hold."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.publishing.difference import Piece, word_difference

texts = st.lists(st.sampled_from(["a", "b", "c", "\n"]), max_size=12).map(" ".join)


def kinds(old, new):
    return [(piece.kind, piece.text) for piece in word_difference(old, new)]


def test_words_that_stay_go_and_come():
    assert kinds("den gamla regeln gäller", "den nya regeln gäller inte") == [
        ("same", "den "),
        ("removed", "gamla"),
        ("added", "nya"),
        ("same", " regeln gäller "),
        ("added", "inte"),
    ]


def test_same_empty_and_wholly_new():
    assert kinds("lika ord", "lika ord") == [("same", "lika ord")]
    assert kinds("", "") == []
    assert kinds("", "ny text") == [("added", "ny text")]
    assert kinds("gammal text", "") == [("removed", "gammal text")]


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(texts, texts)
def test_both_texts_can_be_read_out_of_the_difference(old, new):
    pieces = word_difference(old, new)

    before = "".join(piece.text for piece in pieces if piece.kind != "removed")
    after = "".join(piece.text for piece in pieces if piece.kind != "added")
    assert (before.split(), after.split()) == (new.split(), old.split())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b c d e f " * 1500, "f a c b e d " * 1500),
        ("a " * 10_000, "b " * 10_000),
        ("a " * 10_000, "a b " * 5_000),
    ],
    ids=["periodic", "nothing the same", "every other word"],
)
def test_hostile_texts_take_no_time(old, new):
    began = process_time()
    pieces = word_difference(old, new)

    assert process_time() - began < 1
    assert [piece for piece in pieces if piece.kind == "removed"] != []


def test_too_many_changes_are_one_between_what_is_the_same():
    old = "först " + " ".join(f"gammalt{n}" for n in range(900)) + " sist"
    new = "först " + " ".join(f"nytt{n}" for n in range(900)) + " sist"

    pieces = word_difference(old, new)

    assert [piece.kind for piece in pieces] == ["same", "removed", "added", "same"]
    assert (pieces[0], pieces[-1]) == (Piece("same", "först "), Piece("same", " sist"))
