"""The main menu. Its addresses are promises (README, "Addresses"), so they may stand in code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MenuItem:
    key: str
    label: str
    url: str
    sections: tuple[str, ...]


MENU = [
    MenuItem(
        "stod",
        "Stöd i patientmötet",
        "/sjukskrivningsprocessen/",
        (
            "sjukskrivningsprocessen",
            "intyg",
            "rehabkoordinering",
            "samverkan",
            "sekretess-och-samtycke",
        ),
    ),
    MenuItem("organisation", "Organisation", "/organisation/", ("organisation", "behorigheter")),
    MenuItem("enheter", "Enheter och kontakter", "/organisation/enheter/", ()),
    MenuItem("utbildning", "Utbildning", "/kompetens/", ("kompetens",)),
    MenuItem("uppfoljning", "Uppföljning", "/uppfoljning/", ("uppfoljning",)),
]

# Pages of a section that the menu shows under another heading.
_ELSEWHERE = {"enheter": "enheter", "kontaktfunktioner": "enheter"}


def menu_item(slug: str, section: str = "") -> MenuItem | None:
    """The menu item that a page belongs to, or None (start, about, registers)."""
    key = _ELSEWHERE.get(slug)
    for item in MENU:
        if item.key == key or (key is None and (section or slug) in item.sections):
            return item
    return None


def fixed_slugs() -> set[str]:
    """Pages that the menu knows by name."""
    return {section for item in MENU for section in item.sections} | set(_ELSEWHERE)
