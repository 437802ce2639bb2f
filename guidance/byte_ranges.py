"""Parts of a file, as readers of long PDF files ask for them (RFC 9110, section 14)."""

import re

_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,15})-(\d{0,15})\s*", re.ASCII)


class OutOfRange(Exception):
    """The file has no such part."""


def asked_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte, counted from 0, of the part that a Range header asks for.

    ("bytes=0-499", 2000) → (0, 499); ("bytes=1900-", 2000) and ("bytes=-100", 2000) →
    (1900, 1999). None for no part, for several at once and for what cannot be read: then the
    whole file is the answer. Raises OutOfRange when nothing of the file is asked for.
    """
    match = _ONE_RANGE.fullmatch(header)
    if not match or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
        if not int(last):
            raise OutOfRange
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size:
        raise OutOfRange
    return start, end


class Part:
    """A file from where it stands and so many bytes on, for a streamed answer."""

    def __init__(self, file, length):
        self.file, self.left = file, length

    def read(self, size=-1):
        wanted = self.left if size < 0 else min(size, self.left)
        content = self.file.read(wanted)
        self.left -= len(content)
        return content

    def close(self):
        self.file.close()
