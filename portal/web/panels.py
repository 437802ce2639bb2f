"""Panels: what one room shows on another room's page.

Arrows between rooms point one way, but a role page shows its courses and a unit page its
indicators. So a room that knows more registers, in its `registrations` module, a function
for a kind of object; the page asks here and knows no one.

    @panels.register("role")
    def courses_for_role(role):
        return Panel("education/_role_courses.html", {"courses": …}) or None

Kinds in use: "start" and "start_side" (the request), "admin_index", "page" (Page), "pages" (a
list of them), "version" (the PageVersion that is read), "role" (Role), "unit" (Unit), "my_units"
(keys of units that somebody keeps, as `in` takes them), "account" (User; `leave_for` is where she
lands after signing in), "education_structure" (None), "steps" (a set of process steps' uuids as
text; the rows are by uuid), and "register:<name>" for a list that a page shows in its text. The
last gets the request that the page answers, or None where there is no reader: such a panel may
hold a form whose answer stands in the same place.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import QuerySet

_builders: dict[str, list[Callable]] = defaultdict(list)


@dataclass
class Panel:
    """What to show, and what a panel with a form of its own asks of the page around it.

    headline    the answer in a few words, first in the page's title
    anchor      where the answer stands in the page, "" while there is none
    in_short    what stands under the page's heading and leads to the answer; else the headline
    stylesheet  a static file that only this panel needs
    private     the address tells of one case: no cache keeps the page, no link passes it on
    leave_for   where to go instead, when what was asked must not stay in the address
    """

    template: str
    rows: dict = field(default_factory=dict)
    headline: str = ""
    anchor: str = ""
    in_short: str = ""
    stylesheet: str = ""
    private: bool = False
    leave_for: str = ""

    def __post_init__(self):
        # Read now: a panel may be kept and shown by several threads at once, and Django leaves
        # marks in a queryset while it words it.
        for name, value in self.rows.items() if isinstance(self.rows, dict) else ():
            if isinstance(value, QuerySet):
                self.rows[name] = list(value)


def register(kind: str) -> Callable:
    def remember(build: Callable) -> Callable:
        _builders[kind].append(build)
        return build

    return remember


def collect(kind: str, subject: object = None) -> list[Panel]:
    """The panels that all rooms have for a subject, in the order of INSTALLED_APPS."""
    return [panel for build in _builders[kind] if (panel := build(subject))]
