"""Panels: what one room shows on another room's page.

Arrows between rooms point one way, but a role page shows its courses and a unit page its
indicators. So a room that knows more registers, in its `registrations` module, a function
for a kind of object; the page asks here and knows no one.

    @panels.register("role")
    def courses_for_role(role):
        return Panel("education/_role_courses.html", {"courses": …}) or None

Kinds in use: "start", "start_side" and "admin_index" (None), "page" (Page), "role" (Role),
"unit" (Unit), and "register:<name>" (None) for a list that a page shows in its text.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

_builders: dict[str, list[Callable]] = defaultdict(list)


@dataclass
class Panel:
    template: str
    rows: dict = field(default_factory=dict)


def register(kind: str) -> Callable:
    def remember(build: Callable) -> Callable:
        _builders[kind].append(build)
        return build

    return remember


def collect(kind: str, subject: object = None) -> list[Panel]:
    """The panels that all rooms have for a subject, in the order of INSTALLED_APPS."""
    return [panel for build in _builders[kind] if (panel := build(subject))]
