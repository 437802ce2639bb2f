"""Links by identity: texts hold `sida:samtycke#muntligt`, readers get today's address.

Each room registers how its own scheme is looked up, many keys at once:

    register_scheme("roll", lambda codes: {"fma": "/organisation/roller-och-ansvar/fma/"})
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

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


def addresses_of(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """{(scheme, key): address of today} of those that lead somewhere."""
    wanted = defaultdict(set)
    for scheme, key in pairs:
        wanted[scheme].add(key)
    return {
        (scheme, key): url
        for scheme in wanted.keys() & _resolvers.keys()
        for key, url in _resolvers[scheme](wanted[scheme]).items()
    }


def resolve_references(html: str) -> str:
    """The same HTML with addresses of today. A link that leads nowhere leaves its text."""
    found = addresses_of((scheme, key) for scheme, key, _ in references(html))

    def replace(match):
        if match["scheme"] not in _resolvers:
            return match[0]
        url = found.get((match["scheme"], match["key"]))
        if url is None:
            return match["text"]
        # A register's row has an address with an anchor of its own.
        anchor = "" if "#" in url else match["anchor"] or ""
        return f'<a href="{url}{anchor}">{match["text"]}</a>'

    return _REFERENCE.sub(replace, html)
