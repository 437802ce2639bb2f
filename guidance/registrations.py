"""What guidance offers the shared rooms: frames, links, lists in texts, panels."""

from functools import partial

from django.db.models import Q

from organisation.models import Appointment, Forum, RoleLevel, Unit
from organisation.presenters import level_tree
from portal.publishing.models import VersionState
from portal.richtext.links import register_scheme
from portal.search.index import index
from portal.web import changes, frames, panels
from portal.web.admin_site import waiting
from portal.web.panels import Panel

from . import (  # noqa: F401  (reminders and searchables register themselves)
    framing,
    guides,
    models,
    reminders,
    reviews,
    searchables,
)
from .actions import render_pages
from .models import Document, Feedback, LegalReference, Page, PageVersion

frames.provide(framing.frame_for_slug)


def page_urls(slugs):
    """Texts link by names that pages have had, too: what was written keeps leading there."""
    pages = Page.objects.addressed().named(slugs)
    return {slug: page.get_absolute_url() for slug, page in pages.items()}


def document_urls(slugs):
    return {row.slug: row.get_absolute_url() for row in Document.objects.filter(slug__in=slugs)}


def law_urls(codes):
    rows = LegalReference.objects.filter(code__in=codes)
    return {row.code: row.get_absolute_url() for row in rows}


register_scheme("sida", page_urls)
register_scheme("dokument", document_urls)
register_scheme("lag", law_urls)


def rows_of(template, queryset):
    """A list that shows a whole register, in its own order."""
    return lambda subject: Panel(f"guidance/_{template}.html", {"rows": queryset.all()})


def with_page(model):
    return model.objects.select_related("page__parent")


for name, queryset in {
    "access_guides": with_page(models.AccessGuide),
    "actors": with_page(models.Actor),
    "agreements": models.Agreement.objects,
    "decisions": models.Decision.objects,
    "documents": models.Document.objects.prefetch_related("versions"),
    "forums": Forum.objects,
    "glossary": with_page(models.GlossaryTerm),
    "key_figures": models.KeyFigure.objects,
    "laws": models.LegalReference.objects,
}.items():
    panels.register(f"register:{name}")(rows_of(name, queryset))


panels.register("register:certificates")(guides.certificate_guide)
panels.register("register:consent_rules")(guides.consent_guide)
panels.register("register:timeline")(guides.timeline_guide)
panels.register("register:reviews")(reviews.reviews_panel)


@panels.register("register:structure")
def structure(subject):
    units = Unit.objects.on().select_related("kind")
    return Panel("guidance/_structure.html", {"levels": level_tree(units)})


@panels.register("register:contact_functions")
def contact_functions(subject):
    rows = Appointment.objects.public().filter(role__level=RoleLevel.REGIONAL)
    return Panel("guidance/_contact_functions.html", {"rows": rows})


@panels.register("role")
def guidance_for_role(role):
    """A role's steps in the processes and its documents."""
    steps = (
        models.ProcessStep.objects.filter(responsible=role, version__in=PageVersion.objects.live())
        .select_related("version__page__parent")
        .order_by("version__page__slug", "position")
    )
    documents = role.documents.all()
    return Panel("guidance/_role_panel.html", {"steps": steps, "documents": documents})


@panels.register("start_side")
def recent_changes(subject):
    """The latest published versions and notices."""
    versions = (
        PageVersion.objects.live()
        .exclude(page__slug=models.START_SLUG)
        .select_related("page__parent")
        .order_by("-publish_at", "page__position", "page__slug")[:4]
    )
    notices = models.Notice.objects.public()[:3]
    return Panel("guidance/_start_panel.html", {"versions": versions, "notices": notices})


def texts_with(*paths):
    """Texts that quote rows, by the ways from a version to them, made ready again."""

    def listen(ids):
        quoted = Q()
        for path in paths:
            quoted |= Q(**{f"{path}__in": ids})
        versions = PageVersion.objects.filter(quoted).values_list("pk", flat=True)
        return partial(render_pages, set(versions))

    return listen


changes.register("law")(texts_with("laws", "steps__laws"))
changes.register("document")(texts_with("documents", "steps__documents"))
changes.register("role")(texts_with("steps__responsible", "steps__informed"))


@changes.register("forum")
def pages_with_forums(ids):
    """The forums' words are found through the page that lists them."""
    shown = PageVersion.objects.unexpired().filter(page__register=models.pages.Register.FORUMS)
    return lambda: index("page", shown.values_list("pk", flat=True))


@panels.register("admin_index")
def pages_overdue(request):
    overdue = [page.pk for page in Page.objects.public() if page.review_is_overdue]
    return waiting(
        request,
        Page,
        "Sidor att granska på nytt",
        lambda: len(overdue),
        id__in=",".join(map(str, overdue)),
    )


@panels.register("admin_index")
def new_feedback(request):
    new = Feedback.Status.NEW
    count = Feedback.objects.to_read().count
    return waiting(request, Feedback, "Nya synpunkter", count, status__exact=new)


def pages_with(label, versions):
    """A row for the pages that have some versions; `versions()` gives them when it is asked."""

    def row(request):
        pages = sorted(set(versions().values_list("page", flat=True)))
        return waiting(request, Page, label, lambda: len(pages), id__in=",".join(map(str, pages)))

    return row


for label, versions in {
    "Sidor för granskning": lambda: PageVersion.objects.filter(state=VersionState.IN_REVIEW),
    "Sidor med utkast": lambda: PageVersion.objects.filter(state=VersionState.DRAFT),
    "Sidor med ”ska granskas”": lambda: PageVersion.objects.live().exclude(review_note=""),
}.items():
    panels.register("admin_index")(pages_with(label, versions))
