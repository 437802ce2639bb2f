"""How each noun stands in a pack: its file, its key and its fields, in load order.

A table's keys are the model's field names. A reference is the other row's key; a list of
references is a many-to-many. `children` are rows that belong to one row.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone

from education import models as education
from followup import models as followup
from guidance import models as guidance
from organisation import models as organisation
from portal.search import models as search
from portal.web import models as web


@dataclass(frozen=True)
class Noun:
    """`name` is the table's name, `file` the file's without ending; rows that must have a
    page are loaded `after_pages`."""

    name: str
    file: str
    model: type[models.Model]
    key: tuple[str, ...]
    fields: tuple[str, ...]
    children: dict[str, tuple[str, ...]] = field(default_factory=dict)
    after_pages: bool = False

    def key_of(self, table: dict) -> str:
        return "|".join(str(table.get(name, "")) for name in self.key)

    def find(self, table: dict) -> models.Model | None:
        """The stored row with a table's key, or None."""
        lookup = {}
        for name in self.key:
            target = self.model._meta.get_field(name)
            value = table.get(name)
            if target.is_relation:
                if value is None:
                    lookup[f"{name}__isnull"] = True
                else:
                    lookup[f"{name}__{reference_field(target.related_model)}"] = value
            else:
                lookup[name] = target.get_default() if value is None else value
        return self.model._default_manager.filter(**lookup).order_by("pk").first()

    def dump(self, row: models.Model) -> dict:
        """A stored row as a table; what has the field's default value is left out."""
        table = {name: dump_field(row, name) for name in self.fields}
        for name, child_fields in self.children.items():
            table[name] = [
                dump_fields(child, child_fields) for child in getattr(row, name).order_by("pk")
            ]
        return without_defaults(self.model, table)


def reference_field(model: type[models.Model]) -> str:
    """The field by which other rows refer to a model's rows."""
    for name in ("slug", "code", "hsa_id", "uid"):
        try:
            if model._meta.get_field(name).unique:
                return name
        except FieldDoesNotExist:
            continue
    raise LookupError(f"{model.__name__} cannot be referred to in a pack")


def find_row(model: type[models.Model], key: str) -> models.Model | None:
    """The row that a pack refers to; a page also by a name that it has had."""
    if model is guidance.Page:
        return guidance.Page.objects.named([key]).get(key)
    return model._default_manager.filter(**{reference_field(model): key}).first()


def dump_field(row, name):
    target = row._meta.get_field(name)
    if target.many_to_many:
        related = getattr(row, name).all()
        return sorted(getattr(each, reference_field(target.related_model)) for each in related)
    value = getattr(row, name)
    if isinstance(target, models.FileField):
        return stored_file(row) if value else None
    if value is None:
        return None
    if target.is_relation:
        return getattr(value, reference_field(target.related_model))
    if isinstance(value, datetime):
        # Swedish wall time without zone, as a person writes it.
        return timezone.localtime(value).replace(tzinfo=None)
    return target.to_pack(value) if hasattr(target, "to_pack") else value


def stored_file(row):
    """A stored file as a pack names it: its content decides the folder, so that two files of
    one name are apart and a changed file is a changed row."""
    return f"{FILES}/{row.checksum[:12]}/{row.file_name}"


def dump_fields(row, names):
    return without_defaults(type(row), {name: dump_field(row, name) for name in names})


def without_defaults(model, table):
    def is_default(name, value):
        if value is None or value == []:
            return True
        try:
            target = model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        return not target.is_relation and value == target.get_default()

    return {name: value for name, value in table.items() if not is_default(name, value)}


# Where a pack has its files.
FILES = "files"
BY_CODE = ("code",)

NOUNS = [
    # One row, so its key is nothing at all. The region's name and hue are best left to the
    # environment in a pack that several regions load.
    Noun("site_settings", "site", web.SiteSettings, (),
         ("region_name", "hue", "logo", "logo_dark", "contact_name", "contact_email",
          "contact_phone", "noindex")),
    Noun("profession", "professions", organisation.Profession, BY_CODE,
         ("code", "name", "position", "first_pages")),
    Noun("unit_kind", "unit_kinds", organisation.UnitKind, BY_CODE,
         ("code", "name", "level", "position")),
    Noun("role", "roles", organisation.Role, BY_CODE,
         ("code", "title", "level", "position", "single_seat", "manages_unit", "mandate",
          "time_and_competence", "required_kinds", "review_note"),
         {"responsibilities": ("kind", "text", "position")}),
    Noun("unit", "units", organisation.Unit, ("hsa_id",),
         ("hsa_id", "name", "kind", "ownership", "parent", "caregiver", "town", "address",
          "phone", "email", "listed_patients", "valid_from", "valid_to", "successor",
          "from_catalogue")),
    Noun("listing", "listings", organisation.Listing, ("unit", "year"),
         ("unit", "year", "listed_patients", "source")),
    Noun("person", "persons", organisation.Person, ("hsa_id",),
         ("hsa_id", "name", "title", "email", "protected")),
    Noun("appointment", "appointments", organisation.Appointment,
         ("unit", "role", "person", "acting", "valid_from"),
         ("unit", "role", "person", "state", "shared_with", "acting", "valid_from",
          "valid_to", "email", "phone", "phone_hours", "confirmed_on", "note",
          "name_purged_on")),
    Noun("forum", "forums", organisation.Forum, BY_CODE,
         ("code", "name", "level", "purpose", "meets", "member_roles", "member_units", "members",
          "members_as_of",
          "review_note")),
    Noun("law", "laws", guidance.LegalReference, BY_CODE,
         ("code", "short_name", "title", "number", "chapter", "parts", "governs", "kind",
          "in_force_from", "wording_checked_on", "latest_amendment", "amended_in_force_on",
          "position", "review_note")),
    Noun("document", "documents", guidance.Document, ("slug",),
         ("slug", "code", "title", "kind", "issuer", "description", "url", "page", "roles",
          "review_note"),
         {"versions": ("label", "slug", "year", "note", "position", "file", "url", "language",
                       "accessible", "valid_from", "valid_to")}),
    Noun("term", "glossary", guidance.GlossaryTerm, ("anchor",),
         ("anchor", "term", "kind", "meaning", "explained_in_text", "forms", "page",
          "review_note")),
    Noun("actor", "actors", guidance.Actor, BY_CODE,
         ("code", "name", "main_task", "involve_when", "contact_how", "page", "url", "forums",
          "position")),
    Noun("certificate", "certificates", guidance.Certificate, BY_CODE,
         ("code", "name", "recipient", "issuer", "when", "note", "position", "page",
          "review_note")),
    Noun("certificate_rule", "certificate_rules", guidance.CertificateRule, BY_CODE,
         ("code", "recipient", "occupations", "from_day", "to_day", "need", "certificates",
          "answer", "next_step", "law", "law_text", "page", "anchor", "position",
          "review_note")),
    Noun("milestone", "milestones", guidance.Milestone, BY_CODE,
         ("code", "day", "occupations", "adds_periods", "title", "who", "text", "law",
          "law_text", "page", "anchor", "position", "review_note")),
    Noun("consent_rule", "consent_rules", guidance.ConsentRule, BY_CODE,
         ("code", "caregiver", "recipient", "purpose", "any_purpose", "consent", "answer", "form",
          "documents", "laws", "law_text", "how_to_document", "position", "review_note")),
    Noun("access_guide", "access_guides", guidance.AccessGuide, BY_CODE,
         ("code", "system", "who", "assignment", "steps", "page", "note", "position",
          "review_note")),
    Noun("key_figure", "key_figures", guidance.KeyFigure, BY_CODE,
         ("code", "label", "value", "unit", "year", "source", "url", "note", "outdated",
          "position", "review_note")),
    Noun("decision", "decisions", guidance.Decision, BY_CODE,
         ("code", "year", "decided_on", "body", "title", "text", "origin", "outdated")),
    Noun("agreement", "agreements", guidance.Agreement, BY_CODE,
         ("code", "year", "period", "level", "parties", "title", "text", "requirements",
          "how_met", "origin", "outdated", "review_note")),
    Noun("requirement", "requirements", guidance.Requirement, BY_CODE,
         ("code", "agreement", "text", "measure", "role", "today", "page", "source", "year",
          "position", "review_note")),
    Noun("synonym", "synonyms", guidance.Synonym, ("words",), ("words",)),
    Noun("best_bet", "best_bets", search.BestBet, ("address",), ("address", "words")),
    Noun("notice", "notices", guidance.Notice, ("slug",),
         ("slug", "title", "text", "published_on", "page")),
    Noun("competence_area", "competence_areas", education.CompetenceArea, BY_CODE,
         ("code", "name", "description", "needed_by", "position")),
    Noun("organiser", "organisers", education.Organiser, BY_CODE,
         ("code", "name", "email", "url")),
    Noun("course", "courses", education.Course, ("slug",),
         ("slug", "title", "aim", "content", "level", "format", "audiences",
          "audience_note", "areas", "organiser", "frequency", "booking", "price",
          "prerequisite", "learning_goals", "goals_2015", "goals_2021", "contact_role", "roles",
          "pages", "process_steps",
          "position", "is_published", "review_note"),
         after_pages=True),
    Noun("occasion", "occasions", education.Occasion, ("uid",),
         ("uid", "course", "title_suffix", "place", "town", "link", "format",
          "is_preliminary", "registration_opens",
          "registration_closes", "seats_total", "seats_left", "cancelled_on",
          "cancel_reason"),
         {"sessions": ("starts", "ends", "title")},
         after_pages=True),
    Noun("indicator", "indicators", followup.Indicator, BY_CODE,
         ("code", "name", "why", "numerator_label", "denominator_label", "kind",
          "derived_from", "counts_on", "direction", "period", "due_month", "level", "sex_split",
          "source", "threshold", "visibility", "private_visibility", "comparison_kinds",
          "limits", "action", "pages", "position", "review_note"),
         {"versions": ("first_year", "change", "breaks_series")}),
    Noun("yearly_task", "yearly_tasks", followup.YearlyTask, BY_CODE,
         ("code", "month", "title", "text", "owner", "indicator", "position")),
    Noun("former_slug", "former_slugs", guidance.FormerSlug, ("slug",), ("slug", "page"),
         after_pages=True),
    Noun("redirect", "redirects", guidance.Redirect, ("old_path",), ("old_path", "page"),
         after_pages=True),
]  # fmt: skip
