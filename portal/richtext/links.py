"""Links by identity: texts hold `sida:samtycke#muntligt`, readers get today's address.

Each room registers how its own scheme is looked up, many keys at once:

    register_scheme("roll", lambda codes: {"fma": "/organisation/roller-och-ansvar/fma/"})
"""

import re
from collections import defaultdict
from collections.abc import Callable

_resolvers: dict[str, Callable[[set[str]], dict[str, str]]] = {}
_REFERENCE = re.compile(
    r'<a href="(?P<scheme>[a-z]+):(?P<key>[^"#]*)(?P<anchor>#[^"]*)?">(?P<text>.*?)</a>', re.S
)


def register_scheme(scheme: str, resolve: Callable[[set[str]], dict[str, str]]) -> None:
    _resolvers[scheme] = resolve


def references(html: str) -> list[tuple[str, str, str]]:
    """All links by identity in some sanitised HTML: (scheme, key, anchor without #)."""
    return [
        (match["scheme"], match["key"], (match["anchor"] or "").removeprefix("#"))
        for match in _REFERENCE.finditer(html)
        if match["scheme"] in _resolvers
    ]


def resolve_references(html: str) -> str:
    """The same HTML with addresses of today. A link that leads nowhere leaves its text."""
    wanted = defaultdict(set)
    for scheme, key, _ in references(html):
        wanted[scheme].add(key)
    found = {scheme: _resolvers[scheme](keys) for scheme, keys in wanted.items()}

    def replace(match):
        if match["scheme"] not in _resolvers:
            return match[0]
        url = found[match["scheme"]].get(match["key"])
        if url is None:
            return match["text"]
        # A register's row has an address with an anchor of its own.
        anchor = "" if "#" in url else match["anchor"] or ""
        return f'<a href="{url}{anchor}">{match["text"]}</a>'

    return _REFERENCE.sub(replace, html)
