"""What differs between two texts, word by word, for a person to read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

import nh3

# A word with the blanks after it, so that blanks, which are alike, are not compared.
_TOKEN = re.compile(r"\n+|\S+[^\S\n]*|[^\S\n]+")
_BLOCK_END = re.compile(r"</(?:p|li|h[2-4]|tr|caption|blockquote)>|<br>", re.I)
_CELL_END = re.compile(r"</(?:td|th)>", re.I)
LONGEST = 20_000  # of two texts together, in characters
MOST_EDITS = 600  # words; comparing takes time by their square
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
    [same "a ", removed "b", added "c"].

    Between the first and the last word that differ, texts with more than MOST_EDITS words to
    change are one removed and one added: that is as easy to read, and takes no time.
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    words_before, words_after = _words(before), _words(after)
    start = _common(words_before, words_after)
    end = _common(words_before[start:][::-1], words_after[start:][::-1])
    stop_before, stop_after = len(before) - end, len(after) - end
    same = _matches(words_before[start:stop_before], words_after[start:stop_after])
    # Of a word that stays, the one with a blank after it: something follows there.
    pieces = [("same", max(pair, key=len)) for pair in zip(before[:start], after, strict=False)]
    a = c = start
    # The stretches that are the same, with what was removed and added before each.
    for match_before, match_after in [
        *((start + x, start + y) for x, y in same),
        (stop_before, stop_after),
    ]:
        pieces += _exchanged("".join(before[a:match_before]), "".join(after[c:match_after]))
        if match_after < stop_after:
            pieces.append(("same", max(before[match_before], after[match_after], key=len)))
        a, c = match_before + 1, match_after + 1
    pieces.append(("same", "".join(after[stop_after:])))
    return _joined(pieces)


def _exchanged(removed, added):
    """The blank after words that come instead of others is not part of the change."""
    if removed.endswith(" ") and added.endswith(" "):
        return [("removed", removed[:-1]), ("added", added[:-1]), ("same", " ")]
    return [("removed", removed), ("added", added)]


def _words(tokens):
    return [token.rstrip(" ") for token in tokens]


def _common(before, after):
    """How many words two lists begin with that are the same."""
    return next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        min(len(before), len(after)),
    )


def _matches(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """The places of the words that stay when the fewest are removed and added, none when
    that takes more than MOST_EDITS (Myers, "An O(ND) Difference Algorithm", 1986)."""
    size_before, size_after = len(before), len(after)
    furthest = {1: 0}
    rounds = []
    for edits in range(min(size_before + size_after, MOST_EDITS) + 1):
        rounds.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            y = x - diagonal
            while x < size_before and y < size_after and before[x] == after[y]:
                x, y = x + 1, y + 1
            furthest[diagonal] = x
            if x >= size_before and y >= size_after:
                return _way_back(rounds, size_before, size_after)
    return []


def _way_back(rounds, x, y):
    matches = []
    for edits in range(len(rounds) - 1, -1, -1):
        furthest, diagonal = rounds[edits], x - y
        down = diagonal == -edits or (
            diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]
        )
        from_diagonal = diagonal + 1 if down else diagonal - 1
        from_x = furthest[from_diagonal]
        from_y = from_x - from_diagonal
        while x > max(from_x, 0) and y > max(from_y, 0):
            x, y = x - 1, y - 1
            matches.append((x, y))
        x, y = from_x, from_y
    return matches[::-1]


def _joined(pieces):
    """Pieces with those of a kind that follow each other in one, and empty ones left out."""
    found = []
    for kind, text in pieces:
        if found and text and found[-1][0] == kind:
            found[-1][1].append(text)
        elif text:
            found.append((kind, [text]))
    return [Piece(kind, "".join(texts)) for kind, texts in found]


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
