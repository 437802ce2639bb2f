"""The registers as editors see them. Pages and their versions: guidance.page_admin."""

from django.contrib import admin
from django.utils import timezone

from portal.editing.model_admin import REVIEW, TO_REVIEW, PortalAdmin, ReadOnly

from . import (  # noqa: F401  (they register their own)
    document_admin,
    feedback_admin,
    law_admin,
    link_admin,
    page_admin,
)
from .models import (
    AccessGuide,
    Actor,
    Agreement,
    Certificate,
    CertificateRule,
    ConsentRule,
    Decision,
    FormerSlug,
    GlossaryTerm,
    KeyFigure,
    Milestone,
    Notice,
    PageVersion,
    Redirect,
    Requirement,
    Synonym,
)
from .models.pages import Register
from .register_admin import ADDRESS_HELP, OUTDATED_HELP, RegisterAdmin


class ListAdmin(RegisterAdmin):
    """A register whose words are found through the pages that show it as a list."""

    searched = False
    register = None

    @property
    def kind(self):
        return self.register.value

    def found_through(self, rows):
        shown = PageVersion.objects.unexpired().filter(page__register=self.register)
        return {"page": shown.values_list("pk", flat=True)}


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(RegisterAdmin):
    list_display = ["term", "kind", "short_meaning", "explained_in_text", "has_review_note"]
    list_filter = ["kind", "explained_in_text", TO_REVIEW]
    search_fields = ["term", "meaning", "anchor"]
    autocomplete_fields = ["page"]
    fieldsets = [
        (None, {"fields": ["term", "anchor", "kind", "meaning", "page"]}),
        ("I löpande text", {"fields": ["explained_in_text", "forms"]}),
        REVIEW,
    ]
    fixed_fields = ["anchor"]
    help_texts = {"anchor": "Del av adressen till ordet. Kan inte ändras efteråt."}
    kind = "term"

    @admin.display(description="betydelse")
    def short_meaning(self, term):
        return f"{term.meaning[:80]} …" if len(term.meaning) > 80 else term.meaning


@admin.register(Certificate)
class CertificateAdmin(RegisterAdmin):
    list_display = ["name", "code", "recipient", "issuer", "position", "has_review_note"]
    list_filter = ["recipient", TO_REVIEW]
    search_fields = ["name", "code", "when", "note"]
    autocomplete_fields = ["page"]
    fieldsets = [
        (None, {"fields": ["name", "code", "recipient", "issuer"]}),
        ("Användning", {"fields": ["when", "note", "page", "position"]}),
        REVIEW,
    ]
    kind = "certificate"


@admin.register(CertificateRule)
class CertificateRuleAdmin(PortalAdmin):
    """Read when somebody asks the guide; certificates have search entries of their own."""

    list_display = ["code", "recipient", "days", "need", "position", "has_review_note"]
    list_filter = ["recipient", "need", TO_REVIEW]
    search_fields = ["code", "answer", "next_step"]
    autocomplete_fields = ["page"]
    fieldsets = [
        (
            "Situation",
            {
                "fields": ["code", "recipient", "occupations", "from_day", "to_day"],
                "description": "Varje dag, sysselsättning och mottagare ska ha exakt en regel.",
            },
        ),
        ("Svar", {"fields": ["need", "certificates", "answer", "next_step"]}),
        ("Underlag", {"fields": ["law", "law_text", "page", "anchor", "position"]}),
        REVIEW,
    ]
    fixed_fields = ["code"]


@admin.register(Notice)
class NoticeAdmin(RegisterAdmin):
    list_display = ["title", "published_on", "page"]
    list_filter = ["published_on"]
    list_select_related = ["page"]
    search_fields = ["title", "text", "slug"]
    autocomplete_fields = ["page"]
    date_hierarchy = "published_on"
    fieldsets = [
        (None, {"fields": ["title", "slug", "text", "page"]}),
        (
            "Publicering",
            {
                "fields": ["published_on"],
                "description": "Nyheten syns från och med den dagen. En dag som ligger framåt "
                "väntar till dess.",
            },
        ),
    ]
    fixed_fields = ["slug"]
    help_texts = {"slug": ADDRESS_HELP}
    kind = "notice"

    def get_changeform_initial_data(self, request):
        return {
            "published_on": timezone.localdate(),
            **super().get_changeform_initial_data(request),
        }


@admin.register(Actor)
class ActorAdmin(ListAdmin):
    list_display = ["name", "page", "position"]
    list_select_related = ["page"]
    search_fields = ["name", "code", "main_task"]
    autocomplete_fields = ["page", "forums"]
    fieldsets = [
        (None, {"fields": ["name", "code", "main_task", "involve_when", "contact_how", "forums"]}),
        ("Visning", {"fields": ["page", "url", "position"]}),
    ]
    register = Register.ACTORS


@admin.register(ConsentRule)
class ConsentRuleAdmin(ListAdmin):
    list_display = ["code", "caregiver", "recipient", "purpose", "consent", "has_review_note"]
    list_filter = ["consent", "caregiver", TO_REVIEW]
    search_fields = ["code", "recipient", "purpose", "answer"]
    fieldsets = [
        (
            "Situation",
            {
                "fields": ["code", "caregiver", "recipient", "purpose", "any_purpose"],
                "description": "Flera mottagare skiljs åt med komma. Samtyckesguiden frågar efter "
                "vårdgivare, mottagare och ändamål med de ord som står här.",
            },
        ),
        ("Svar", {"fields": ["consent", "answer", "form", "how_to_document"]}),
        ("Underlag", {"fields": ["documents", "laws", "law_text"]}),
        ("Visning", {"fields": ["position"]}),
        REVIEW,
    ]
    register = Register.CONSENT_RULES


@admin.register(Milestone)
class MilestoneAdmin(ListAdmin):
    list_display = ["title", "day", "who", "adds_periods", "position", "has_review_note"]
    list_filter = ["adds_periods", TO_REVIEW]
    search_fields = ["code", "title", "who", "text"]
    autocomplete_fields = ["page"]
    fieldsets = [
        ("Dag", {"fields": ["code", "day", "occupations", "adds_periods"]}),
        ("Det här händer", {"fields": ["title", "who", "text"]}),
        ("Underlag", {"fields": ["law", "law_text", "page", "anchor", "position"]}),
        REVIEW,
    ]
    register = Register.TIMELINE


@admin.register(AccessGuide)
class AccessGuideAdmin(ListAdmin):
    list_display = ["system", "who", "page", "position", "has_review_note"]
    list_filter = ["system", TO_REVIEW]
    list_select_related = ["page"]
    search_fields = ["system", "who", "assignment"]
    autocomplete_fields = ["page"]
    fieldsets = [
        (None, {"fields": ["system", "who", "code", "assignment", "steps"]}),
        ("Visning", {"fields": ["page", "note", "position"]}),
        REVIEW,
    ]
    register = Register.ACCESS_GUIDES


@admin.register(KeyFigure)
class KeyFigureAdmin(ListAdmin):
    list_display = ["label", "value", "unit", "year", "source", "outdated", "has_review_note"]
    list_filter = ["outdated", "year", TO_REVIEW]
    search_fields = ["label", "code", "source"]
    fieldsets = [
        (None, {"fields": ["label", "code", "value", "unit", "year"]}),
        ("Källa", {"fields": ["source", "url", "note"]}),
        ("Visning", {"fields": ["outdated", "position"]}),
        REVIEW,
    ]
    help_texts = {"outdated": OUTDATED_HELP}
    register = Register.KEY_FIGURES


@admin.register(Decision)
class DecisionAdmin(ListAdmin):
    list_display = ["title", "year", "body", "decided_on", "outdated"]
    list_filter = ["outdated", "year"]
    search_fields = ["title", "code", "body", "text"]
    date_hierarchy = "decided_on"
    fieldsets = [
        (None, {"fields": ["title", "code", "year", "decided_on", "body"]}),
        ("Innehåll", {"fields": ["text", "origin", "outdated"]}),
    ]
    help_texts = {"outdated": OUTDATED_HELP}
    register = Register.DECISIONS


@admin.register(Agreement)
class AgreementAdmin(ListAdmin):
    list_display = ["title", "year", "period", "level", "outdated", "has_review_note"]
    list_filter = ["level", "outdated", "year", TO_REVIEW]
    search_fields = ["title", "code", "parties", "text"]
    fieldsets = [
        (None, {"fields": ["title", "code", "year", "period", "level", "parties"]}),
        ("Innehåll", {"fields": ["text", "requirements", "how_met", "origin", "outdated"]}),
        REVIEW,
    ]
    help_texts = {"outdated": OUTDATED_HELP}
    register = Register.AGREEMENTS


@admin.register(Requirement)
class RequirementAdmin(ListAdmin):
    list_display = ["text", "agreement", "measure", "role", "year", "has_review_note"]
    list_filter = ["measure", TO_REVIEW]
    list_select_related = ["agreement", "role"]
    search_fields = ["text", "code", "today", "source"]
    autocomplete_fields = ["agreement", "role", "page"]
    fieldsets = [
        (None, {"fields": ["text", "code", "agreement", "source", "year", "position"]}),
        (
            "Så uppfylls det i dag",
            {
                "fields": ["measure", "role", "today", "page"],
                "description": "Det som går att räkna räknas varje gång sidan visas. Skriv resten.",
            },
        ),
        REVIEW,
    ]
    register = Register.AGREEMENTS


@admin.register(Synonym)
class SynonymAdmin(PortalAdmin):
    """Read when somebody searches, so that nothing has to be indexed anew."""

    list_display = ["__str__"]
    search_fields = ["words"]
    fields = ["words"]


@admin.register(Redirect)
class RedirectAdmin(PortalAdmin):
    list_display = ["old_path", "leads_to", "page"]
    list_select_related = ["page__parent"]
    search_fields = ["old_path", "page__nav_title", "page__slug"]
    autocomplete_fields = ["page"]
    fields = ["old_path", "page"]

    @admin.display(description="leder till adressen")
    def leads_to(self, row):
        return row.page.get_absolute_url()


@admin.register(FormerSlug)
class FormerSlugAdmin(ReadOnly, PortalAdmin):
    """Made by a page's "Flytta eller byt adress" and kept for good: texts link by them."""

    list_display = ["slug", "leads_to", "page", "replaced_at"]
    list_select_related = ["page__parent"]
    search_fields = ["slug", "page__nav_title", "page__slug"]
    fields = ["slug", "page", "replaced_at"]

    @admin.display(description="leder till adressen")
    def leads_to(self, row):
        return row.page.get_absolute_url()
