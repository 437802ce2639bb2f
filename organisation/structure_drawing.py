"""The structure as a drawing: boxes, lines and texts with their places, in pixels.

Text is drawn at its real size and broken by how many letters fit, so that nothing shrinks on
a phone: there the boxes stand in one column. A level with very many shows the first ones and
how many the rest are.
"""

from dataclasses import dataclass, field
from textwrap import wrap

from .models import Level
from .structure import Place, Structure

# {width of a drawing: boxes beside each other}: a phone's, a text column's, a slide's.
NARROW, MEDIUM, WIDE = 288, 640, 1120
COLUMNS = {NARROW: 1, MEDIUM: 2, WIDE: 4}
MOST_BOXES = 12
GAP, PADDING, BETWEEN = 12, 14, 26
# Height of a line, and the width of a letter at most on the whole: measured in the site's
# own font and in Arial.
LINES = {"label": (20, 7.4), "title": (22, 8.9), "text": (19, 7.4)}
BANDS = [
    ("Nationell nivå", [Level.NATIONAL]),
    ("Sjukvårdsregion", [Level.HEALTHCARE_REGION]),
    ("Region", [Level.REGION]),
    ("Förvaltningar", [Level.ADMINISTRATION]),
    ("Privata vårdgivare", [Level.CAREGIVER]),
]


@dataclass
class Box:
    x: int
    y: int
    width: int
    height: int
    kind: str = "box"


@dataclass
class Line:
    x: int
    y: int
    to_y: int


@dataclass
class Text:
    x: int
    y: int
    text: str
    kind: str


@dataclass
class Drawing:
    width: int
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


@dataclass
class Note:
    """What is written in a box: [(kind, text)]."""

    lines: list[tuple[str, str]]

    def __post_init__(self):
        # What no XML may hold is taken out.
        self.lines = [(kind, "".join(filter(str.isprintable, text))) for kind, text in self.lines]

    def broken(self, width: int) -> list[tuple[str, str]]:
        room = width - 2 * PADDING
        return [
            (kind, part)
            for kind, text in self.lines
            for part in wrap(text, max(8, int(room / LINES[kind][1])))
        ]


def draw(structure: Structure, width: int = WIDE) -> Drawing:
    drawing = Drawing(width)
    y = 0
    for heading, notes in bands_of(structure):
        if y:
            drawing.lines.append(Line(width // 2, y, y + BETWEEN))
            y += BETWEEN
        y = _band(drawing, y, heading, notes)
    drawing.height = y
    return drawing


def bands_of(structure: Structure) -> list[tuple[str, list[Note]]]:
    """[(a level's heading, what its boxes say)], without levels that have none."""
    bands = []
    for heading, levels in BANDS:
        if places := structure.at(*levels):
            bands.append((heading, notes_of(places)))
    if structure.number:
        kinds = [("text", f"{kind}: {number}") for kind, number in structure.counts.items()]
        roles = ", ".join(role.title for role in structure.unit_roles)
        more = [("text", f"Roller på enheterna: {roles}")] if roles else []
        bands.append(("Enheter", [Note([("title", units_in_words(structure.number)), *more])]))
        bands[-1][1].append(Note(kinds))
    return bands


def notes_of(places: list[Place]) -> list[Note]:
    shown = places if len(places) <= MOST_BOXES else places[: MOST_BOXES - 1]
    notes = [note_of(place) for place in shown]
    if rest := places[len(shown) :]:
        number = sum(place.number for place in rest)
        notes.append(
            Note([("title", f"{len(rest)} till"), ("text", f"med {units_in_words(number)}")])
        )
    return notes


def note_of(place: Place) -> Note:
    lines = [("title", place.unit.name)]
    if place.number:
        lines.append(("text", units_in_words(place.number)))
    lines += [("text", f"{there.role.title}: {who(there)}") for there in place.roles]
    return Note(lines)


def units_in_words(number: int) -> str:
    return "1 enhet" if number == 1 else f"{number} enheter"


def who(there) -> str:
    names = [row.person.name for row in there.appointments if row.person]
    if names:
        return ", ".join(names)
    if there.appointments:
        return there.appointments[0].get_state_display()
    return "ingen uppgift"


def _band(drawing, top, heading, notes):
    """Draw a level from a height down; the height where it ends."""
    inner = drawing.width - 2 * PADDING
    columns = max(1, min(len(notes), COLUMNS[drawing.width]))
    box_width = (inner - (columns - 1) * GAP) // columns
    band = Box(0, top, drawing.width, 0, "band")
    drawing.boxes.append(band)
    drawing.texts.append(Text(PADDING, top + 24, heading, "label"))
    y = top + 36
    for start in range(0, len(notes), columns):
        row = [note.broken(box_width) for note in notes[start : start + columns]]
        height = max(sum(LINES[kind][0] for kind, _ in lines) for lines in row) + 16
        for number, lines in enumerate(row):
            x = PADDING + number * (box_width + GAP)
            drawing.boxes.append(Box(x, y, box_width, height))
            baseline = y + 6
            for kind, text in lines:
                baseline += LINES[kind][0]
                drawing.texts.append(Text(x + PADDING, baseline - 2, text, kind))
        y += height + GAP
    band.height = y + 2 - top
    return y + 2
