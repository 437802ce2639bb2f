"""The piece of a text where a query's words stand, with the words marked."""

import re
from collections.abc import Set
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from .analyser import code_tokens, fold, stem, tokens

WINDOW = 220
BEFORE_FIRST_MARK = 60


class Excerpt(NamedTuple):
    """html, and where in the text its first marked word stands (None without any)"""

    html: SafeString
    first_mark: int | None


def excerpt(text: str, marked: Set[str]) -> SafeString:
    return cut_out(text, marked).html


def cut_out(text: str, marked: Set[str]) -> Excerpt:
    """About 220 characters of a plain text, escaped, words with a marked stem in <mark>.

    The window with most different marked words is chosen, the first one of equals; a text
    without any shows its beginning.
    """
    spans = _spans(text, marked)
    start, end = _bounds(text, _window_start(spans))
    pieces, at, first = [], start, None
    for begin, finish, _ in spans:
        if start <= begin and finish <= end:
            pieces += [escape(text[at:begin]), "<mark>", escape(text[begin:finish]), "</mark>"]
            at = finish
            first = begin if first is None else first
    pieces.append(escape(text[at:end]))
    before = "… " if start else ""
    after = " …" if end < len(text) else ""
    return Excerpt(mark_safe(before + "".join(pieces).strip() + after), first)


# One byte for one letter, so that places stay; what is not Latin-1 is in no stem.
_FOLDED = bytes(ord(plain) if len(plain := fold(chr(code))) == 1 else code for code in range(256))
_WORD = re.compile(r"[^\W_]+")


def _spans(text, marked):
    """[(start, end, stem)] of the marked words; a code and its parts are one."""
    if "\u00ad" in text:  # words with soft hyphens take the long way
        return _apart(_marked(tokens(text), marked))
    codes = {each for each in marked if not each.isalpha()}
    spans = _spans_of_words(text, marked - codes)
    for code in codes:
        spans += _marked(code_tokens(text, code), codes)
    return _apart(spans)


def _spans_of_words(text, marked):
    """Looks for the stems, each of which its words begin with, instead of reading every word."""
    folded = text.encode("latin-1", "replace").translate(_FOLDED)
    spans = []
    for each in marked:
        wanted = each.encode()
        at = folded.find(wanted)
        while at >= 0:
            if not at or not text[at - 1].isalnum():
                word = _WORD.match(text, at)
                if word and _stem_of(word[0]) == each:
                    spans.append((at, word.end(), each))
            at = folded.find(wanted, at + 1)
    return spans


@lru_cache(maxsize=5_000)
def _stem_of(spelling):
    """The same words are marked in one text after another."""
    return stem(fold(spelling))


def _marked(found, marked):
    return [(token.start, token.end, token.stem) for token in found if token.stem in marked]


def _apart(spans):
    """The spans in order, of those that overlap the first and longest."""
    apart = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _window_start(spans):
    """Where the first mark of the best window stands; 0 without marks."""
    best_start, best = 0, (0, 0)
    counts, after = {}, 0  # the stems of the spans from this one to that after the window
    for number, (start, _, marked) in enumerate(spans):
        after = max(after, number)
        while after < len(spans) and spans[after][1] <= start + WINDOW - BEFORE_FIRST_MARK:
            counts[spans[after][2]] = counts.get(spans[after][2], 0) + 1
            after += 1
        if (len(counts), after - number) > best:
            best_start, best = start, (len(counts), after - number)
        if counts.get(marked, 0) > 1:
            counts[marked] -= 1
        else:
            counts.pop(marked, None)
    return best_start


def _bounds(text, first_mark):
    """The window's start and end, at blanks, as much of it filled as the text can."""
    start = max(0, min(first_mark - BEFORE_FIRST_MARK, len(text) - WINDOW))
    if start:
        start = text.rfind(" ", 0, start + 1) + 1 or start
    end = min(len(text), start + WINDOW)
    if end < len(text):
        blank = text.rfind(" ", start, end + 1)
        end = blank if blank > start else end
    return start, end
