"""A process as one view: every step of a section's guidelines, by role and by day.

All of it is made of the rows of live versions, so that it never says anything else than the
guidelines do. What a page shows is chosen in the address (?roll=behandlande-lakare&dag=8).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.db.models import Case, CharField, F, IntegerField, Q, Subquery, Value, When
from django.http import QueryDict
from django.urls import reverse

from organisation.models import Appointment, Role, RoleLevel
from portal.richtext.sanitise import plain_text
from portal.web import panels
from portal.web.panels import Panel

from .models import Document, LegalReference, Milestone, Occupation, Page, ProcessStep
from .models.pages import Register, is_live, is_public

KVA_SLUG = "kva-registrering"
TEXT = CharField()


class Tie(NamedTuple):
    """That a step names a row of another table, and what is shown of it."""

    step: int
    kind: str
    key: str | None
    label: str
    more: str
    section: str | None
    position: int


@dataclass
class Link:
    label: str
    url: str


@dataclass
class Step:
    """A step with all that it names, numbered within its page."""

    row: ProcessStep
    number: int
    doers: list[Role] = field(default_factory=list)
    informed: list[Role] = field(default_factory=list)
    certificates: list[Link] = field(default_factory=list)
    documents: list[Link] = field(default_factory=list)
    laws: list[Link] = field(default_factory=list)
    kva: list[Link] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)

    @property
    def page(self):
        return self.row.version.page

    @property
    def url(self):
        return f"{self.page.get_absolute_url()}#{self.row.anchor}"

    @property
    def summary(self):
        """The first sentence of the step's text."""
        return re.split(r"(?<=[.!?]) ", plain_text(self.row.text).strip(), maxsplit=1)[0]

    def is_on(self, day):
        return day is None or day in self.row.days

    def does(self, role):
        return role in self.doers

    def concerns(self, role):
        return role is None or role in self.doers or role in self.informed


class ProcessForm(forms.Form):
    """What of a process is shown."""

    roll = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": "Rollen har inga steg här. Välj en av rollerna nedan."},
    )
    dag = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "Dagen har inga steg här. Välj en av dagarna nedan."},
    )

    def __init__(self, *args, roles, days, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roll"].choices = [(role.code, role.title) for role in roles]
        self.fields["dag"].choices = [(day, day) for day in days]


def process_panel(request):
    """The process of the section that the page stands in; all of them without a request."""
    section = request.path.split("/")[1] if request else None
    steps = steps_of(section)
    milestones = milestones_of(section)
    roles = roles_of(steps)
    days = sorted({day for step in steps for day in step.row.days} | {m.day for m in milestones})
    form = ProcessForm(request.GET if request else QueryDict(), roles=roles, days=days)
    form.is_valid()
    day = form.cleaned_data.get("dag")
    role = next((r for r in roles if r.code == form.cleaned_data.get("roll")), None)
    shown = [step for step in steps if step.is_on(day)]
    rows = {
        "faults": [message for messages in form.errors.values() for message in messages],
        "role": role,
        "day": day,
        "role_choices": choices(roles, role, lambda each: (each.code, each.title), "roll", dag=day),
        "day_choices": choices(
            days, day, lambda each: (each, f"Dag {each}"), "dag", roll=role and role.code
        ),
        "roles": roles,
        "parts": parts_of(step for step in shown if role is None or step.does(role)),
        "told": [step for step in shown if role and step.concerns(role) and not step.does(role)],
        "timeline": timeline(
            [step for step in steps if step.concerns(role)], milestones, role, day
        ),
        "timeline_url": milestones[0].timeline_url if milestones else "",
        "duties": duties(roles, steps) if role is None else [],
        "holders": holders_of(roles),
    }
    headline = ", ".join(filter(None, [role and role.title, day and f"dag {day}"]))
    return Panel(
        "guidance/_process.html",
        rows,
        headline="Fel" if form.errors else headline,
        stylesheet="css/process.css",
    )


# -- rows ----------------------------------------------------------------------------------


def steps_of(section: str | None) -> list[Step]:
    """All steps of the live guidelines of a section, the section's own page first."""
    kva_page = Page.objects.public().filter(slug=KVA_SLUG)
    rows = (
        ProcessStep.objects.filter(is_live("version"))
        .select_related("version__page__parent")
        .annotate(kva_section=Subquery(kva_page.values("parent__slug")[:1]))
        .only(
            "uuid", "anchor", "title", "text", "when", "days", "documented", "kva",
            "version__title", "version__page__slug", "version__page__parent__slug",
        )
        .order_by(
            F("version__page__parent").asc(nulls_first=True),
            "version__page__position", "version__page__slug", "position", "pk",
        )
    )  # fmt: skip
    if section is not None:
        here = Q(version__page__slug=section) | Q(version__page__parent__slug=section)
        rows = rows.filter(here)
    steps = []
    for _, group in groupby(rows, lambda row: row.version_id):
        steps += [Step(row, number) for number, row in enumerate(group, start=1)]
    tie(steps)
    return steps


def tie(steps: list[Step]) -> None:
    """Give steps the rows that they name: two questions for all of them."""
    by_row, roles = {step.row.pk: step for step in steps}, {}
    for each in sorted(ties_of(by_row), key=lambda each: (each.position, each.label)):
        step = by_row[each.step]
        if each.kind in {"doers", "informed"}:
            role = Role(code=each.key, title=each.label, level=each.more, position=each.position)
            getattr(step, each.kind).append(roles.setdefault(each.key, role))
        else:
            getattr(step, each.kind).append(Link(each.label, url_of(each)))
    for step in steps:
        section = step.row.kva_section
        url = reverse("guidance:page", args=[section, KVA_SLUG]) if section else ""
        step.kva = [Link(code, url and f"{url}#{code.lower()}") for code in step.row.kva]
    by_identity = {str(step.row.uuid): step for step in steps}
    for panel in panels.collect("steps", by_identity.keys()):
        for identity, found in panel.rows.items():
            if identity in by_identity:
                by_identity[identity].panels.append(Panel(panel.template, found))


def ties_of(ids: Iterable[int]) -> list[Tie]:
    """What some steps name, whatever the table, in one question."""
    blank, first = Value("", TEXT), Value(0, IntegerField())
    public = When(is_public("certificate__page"), then=F("certificate__page__slug"))
    role = (F("role__code"), F("role__title"), F("role__level"), blank, F("role__position"))
    columns = {
        "doers": ("responsible", role),
        "informed": ("informed", role),
        "certificates": (
            "certificates",
            (
                Case(public, default=blank, output_field=TEXT),
                F("certificate__code"),
                F("certificate__name"),
                F("certificate__page__parent__slug"),
                F("certificate__position"),
            ),
        ),
        "documents": (
            "documents",
            (F("document__slug"), F("document__title"), blank, blank, first),
        ),
        "laws": (
            "laws",
            (
                F("legalreference__code"),
                F("legalreference__short_name"),
                blank,
                blank,
                F("legalreference__position"),
            ),
        ),
    }
    questions = [
        getattr(ProcessStep, name)
        .through.objects.filter(processstep__in=[*ids])
        .values_list("processstep", Value(kind, TEXT), *shown)
        for kind, (name, shown) in columns.items()
    ]
    return [Tie(*row) for row in questions[0].union(*questions[1:], all=True)]


def url_of(tie: Tie) -> str:
    if tie.kind == "documents":
        return Document(slug=tie.key).get_absolute_url()
    if tie.kind == "laws":
        return LegalReference(code=tie.key).get_absolute_url()
    if not tie.key:
        return ""
    if tie.section:
        return reverse("guidance:page", args=[tie.section, tie.key])
    return reverse("guidance:section", args=[tie.key])


def milestones_of(section: str | None) -> list[Milestone]:
    """What happens by day for who is employed, in a section whose timeline tells the rest."""
    pages = Page.objects.public().filter(register=Register.TIMELINE, parent__slug=section)
    rows = (
        Milestone.objects.filter(Q(page=None) | is_public("page"))
        .annotate(timeline=Subquery(pages.values("slug")[:1]))
        .exclude(timeline=None)
        .select_related("page__parent")
    )
    found = [row for row in rows if Occupation.EMPLOYED in row.occupations]
    for row in found:
        row.timeline_url = reverse("guidance:page", args=[section, row.timeline])
    return found


def holders_of(roles: Iterable[Role]) -> dict[str, list[Appointment]]:
    """{role's code: who holds it now}, for the roles that are one for the whole region."""
    regional = [role.code for role in roles if role.level == RoleLevel.REGIONAL]
    held = Appointment.objects.public().filter(
        role__code__in=regional, state=Appointment.State.HELD
    )
    holders = defaultdict(list)
    for row in held:
        holders[row.role.code].append(row)
    return dict(holders)


# -- shapes --------------------------------------------------------------------------------


def roles_of(steps: Iterable[Step]) -> list[Role]:
    """The roles that steps name, in the roles' own order."""
    roles = {role.code: role for step in steps for role in (*step.doers, *step.informed)}
    return sorted(roles.values(), key=lambda role: (role.position, role.code))


def parts_of(steps: Iterable[Step]) -> list[tuple[str, list[Step]]]:
    """[(a guideline's title, its steps)]"""
    groups = groupby(steps, lambda step: (step.row.version_id, step.row.version.title))
    return [(title, list(group)) for (_, title), group in groups]


def choices(values, chosen, named, name: str, **kept) -> list[dict]:
    """Links that choose one of some values, or all of them, and keep what else is chosen."""
    kept = {key: value for key, value in kept.items() if value}
    links = [{"label": "Alla", "query": urlencode(kept), "current": chosen is None}]
    for value in values:
        key, label = named(value)
        query = urlencode({name: key, **kept})
        links.append({"label": label, "query": query, "current": value == chosen})
    return links


def timeline(steps, milestones, role: Role | None, day: int | None) -> list[dict]:
    """[{"day", "steps", "milestones"}]; with a role only the days on which it has a step."""
    by_day = defaultdict(lambda: {"steps": [], "milestones": []})
    for step in steps:
        for each in step.row.days:
            by_day[each]["steps"].append(step)
    for milestone in milestones:
        if role is None or milestone.day in by_day:
            by_day[milestone.day]["milestones"].append(milestone)
    return [{"day": each, **by_day[each]} for each in sorted(by_day) if day in {None, each}]


def duties(roles: Iterable[Role], steps: list[Step]) -> list[dict]:
    """[{"role", "does": [("Riktlinje", "2–6 och 8")], "informed": […]}], a row a role."""
    return [
        {
            "role": role,
            "does": numbers_by_part(step for step in steps if role in step.doers),
            "informed": numbers_by_part(step for step in steps if role in step.informed),
        }
        for role in roles
    ]


def numbers_by_part(steps: Iterable[Step]) -> list[tuple[str, str]]:
    return [(title, spans([step.number for step in part])) for title, part in parts_of(steps)]


def spans(numbers: list[int]) -> str:
    """Rising numbers as a person writes them: [2, 3, 4, 6] → "2–4 och 6"."""
    runs = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    texts = []
    for run in runs:
        texts += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else map(str, run)
    return " och ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))
