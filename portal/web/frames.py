"""The frame round a page's own content: heading, breadcrumb, side navigation, meta.

Editorial text belongs to `guidance`, yet lists in other rooms own their addresses. Such a
view asks here for the frame of the page with a slug; `guidance` answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import Http404


@dataclass
class NavItem:
    title: str
    url: str
    children: list["NavItem"] = field(default_factory=list)


@dataclass
class Frame:
    """What `templates/page.html` needs.

    `crumbs` are (title, url) without the page itself; `body` is ready-made HTML in two
    parts, before and after the place where the page's list stands; `contents` are
    {"id", "title"} of its sections. `address` is the page's own, `section` its section's slug.
    """

    title: str
    description: str = ""
    kicker: str = ""
    lead: str = ""
    brief: list[str] = field(default_factory=list)
    crumbs: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""
    section: str = ""
    side_title: str = ""
    side_nav: list[NavItem] = field(default_factory=list)
    body: tuple[str, str] = ("", "")
    contents: list[dict] = field(default_factory=list)
    review_note: str = ""
    menu: str = ""
    page: object = None
    version: object = None
    contacts: list = field(default_factory=list)

    def below(self, title: str, url: str, description: str = "") -> "Frame":
        """The frame of a row's own page under this list: its crumbs and side navigation."""
        return Frame(
            title=title,
            description=description,
            crumbs=[*self.crumbs, (self.page.nav_title, url)],
            address=self.address,
            section=self.section,
            side_title=self.side_title,
            side_nav=self.side_nav,
            menu=self.menu,
            page=self.page,
        )


_build_frame: Callable[[str], Frame | None] | None = None


def provide(build: Callable[[str], Frame | None]) -> Callable:
    global _build_frame
    _build_frame = build
    return build


def frame_or_404(slug: str) -> Frame:
    """The frame of the published page with a slug."""
    frame = _build_frame(slug)
    if frame is None:
        raise Http404(f"Sidan {slug} är inte publicerad.")
    return frame
