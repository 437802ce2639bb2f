"""The piece of a text where a query's words stand, with the words marked."""

import re
from collections.abc import Set
from typing import NamedTuple

from django.utils.html import escape
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


# One letter for one letter, so that places stay.
_FOLDED = list(zip("åäöéèüáàëóøñç", "aaoeeuaaeoonc", strict=True))
_WORD = re.compile(r"[^\W_]+")


def _spans(text, marked):
    """[(start, end, stem)] of the marked words; a code and its parts are one."""
    lower = text.lower()
    codes = {each for each in marked if not each.isalpha()}
    # Soft hyphens and letters that change their length take the long way.
    if len(lower) == len(text) and "\u00ad" not in text:
        for letter, plain in _FOLDED:
            lower = lower.replace(letter, plain)
        spans = _spans_of_words(text, lower, marked - codes)
        for code in codes:
            spans += _marked(code_tokens(text, code), codes)
        return _apart(spans)
    return _apart(_marked(tokens(text), marked))


def _spans_of_words(text, folded, marked):
    """Looks for the stems, each of which its words begin with, instead of reading every word."""
    spans = set()
    for each in marked:
        at = folded.find(each)
        while at >= 0:
            if not at or not folded[at - 1].isalnum():
                word = _WORD.match(text, at)
                if word and stem(fold(word[0])) == each:
                    spans.add((at, word.end(), each))
            at = folded.find(each, at + 1)
    return list(spans)


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
    for number, (start, _, _) in enumerate(spans):
        within = [
            stem for _, end, stem in spans[number:] if end <= start + WINDOW - BEFORE_FIRST_MARK
        ]
        if (len(set(within)), len(within)) > best:
            best_start, best = start, (len(set(within)), len(within))
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
