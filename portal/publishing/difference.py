"""What differs between two texts, word by word, for a person to read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

import nh3

_TOKEN = re.compile(r"\n+|[^\S\n]+|[^\s]+")
_BLOCK_END = re.compile(r"</(?:p|li|h[2-4]|tr|caption|blockquote)>|<br>", re.I)
_CELL_END = re.compile(r"</(?:td|th)>", re.I)
LONGEST = 20_000  # of two texts together, in characters
AROUND = 80  # characters shown on either side of a change


@dataclass(frozen=True)
class Piece:
    """kind  "same", "added" or "removed" """

    kind: str
    text: str


def readable(html: str) -> str:
    """Some HTML as lines of plain text, one a paragraph, list item or table row."""
    html = _CELL_END.sub(" | ", _BLOCK_END.sub("\n", html.replace("\n", " ")))
    text = unescape(nh3.clean(html, tags=set(), attributes={}))
    lines = (" ".join(line.split()).rstrip(" |") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def word_difference(old: str, new: str) -> list[Piece]:
    """Two plain texts as one, in pieces: word_difference("a b", "a c") →
    [same "a ", removed "b", added "c"]."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces = []
    for operation, a, b, c, d in SequenceMatcher(None, before, after, False).get_opcodes():
        if operation == "equal":
            pieces.append(Piece("same", "".join(before[a:b])))
            continue
        if b > a:
            pieces.append(Piece("removed", "".join(before[a:b])))
        if d > c:
            pieces.append(Piece("added", "".join(after[c:d])))
    return pieces


def differs(pieces: Iterable[Piece]) -> bool:
    return any(piece.kind != "same" for piece in pieces)


def short_difference(old: str, new: str) -> list[Piece]:
    """The same, with long stretches that are the same cut to the words around a change.

    Texts beyond LONGEST are not compared: word by word takes time by their square.
    """
    if len(old) + len(new) > LONGEST:
        return [Piece("removed", _cut(old, "end")), Piece("added", _cut(new, "end"))]
    pieces = word_difference(old, new)
    last = len(pieces) - 1
    places = {0: "start", last: "end"}
    return [
        Piece("same", _cut(piece.text, places.get(number, "middle")))
        if piece.kind == "same" and last
        else piece
        for number, piece in enumerate(pieces)
    ]


def _cut(text: str, place: str) -> str:
    """A text without its start, middle or end, where that is long."""
    if len(text) <= 2 * AROUND:
        return text
    head = text[:AROUND].rsplit(maxsplit=1)[0] if place != "start" else ""
    tail = text[-AROUND:].split(maxsplit=1)[-1] if place != "end" else ""
    return f"{head} …{' ' if head and tail else ''}{tail}" if head else f"… {tail}"
