"""What guidance offers the shared rooms: frames, links, lists in texts, panels."""

from functools import partial

from django.db.models import Q
from django.utils import timezone

from organisation.models import Appointment, Forum, RoleLevel
from organisation.structure import structure_today
from organisation.structure_drawing import MEDIUM, NARROW, draw
from portal.audit.models import Action
from portal.audit.watching import named
from portal.caching import moments, page_cache, stamp
from portal.caching.prepared import Question
from portal.editing import deletion
from portal.editing.admin_site import waiting
from portal.publishing.models import VersionState
from portal.richtext.links import register_scheme
from portal.search.index import index
from portal.web import changes, frames, outgoing, panels
from portal.web.outgoing import OutgoingLink
from portal.web.panels import Panel

from . import (  # noqa: F401  (reminders and searchables register themselves)
    framing,
    guides,
    models,
    personal_data,
    process,
    reminders,
    reviews,
    searchables,
)
from .document_list import DocumentFilterForm, document_list
from .glossary_in_text import texts_explaining, texts_having
from .law_register import resting_on
from .models import Document, ExternalLink, Feedback, LegalReference, Page, PageVersion
from .models.pages import Register, is_live
from .process import ProcessForm
from .rendering import render_pages
from .requirements import agreements_panel
from .reviews import ReviewForm
from .version_forms import NewsForm
from .waiting import WAITING

frames.provide(framing.frame_for_slug)

# Addresses of the guides, which tell of one case, are private by their panels.
page_cache.may_keep(
    "guidance:section", "guidance:page", forms=[DocumentFilterForm, ProcessForm, ReviewForm]
)
page_cache.may_keep("guidance:notice_list", "versions:news_feed", forms=[NewsForm])
page_cache.may_keep(
    "guidance:document_detail",
    *(
        f"versions:{view}_{place}"
        for view in ("of", "version_of", "difference_of")
        for place in ("section", "page")
    ),
    "versions:section_feed",
    "versions:page_feed",
    "print:section",
    "print:page",
)
stamp.unseen("guidance.Feedback", "guidance.PageView", "guidance.Passage")
moments.past(
    "guidance.ExternalLink.checked_at",
    "guidance.PageVersion.suppressed_at",
    "guidance.PageVersion.withdrawn_at",
)
# What the audit log calls a version's change of state.
STATES_IN_THE_LOG = {
    VersionState.APPROVED: Action.PUBLISH,
    VersionState.WITHDRAWN: Action.WITHDRAW,
}


@named("guidance.pageversion")
def change_of_state(before, after):
    state = after.get("state")
    return STATES_IN_THE_LOG.get(state) if state != before.get("state") else None


def page_urls(slugs):
    """Texts link by names that pages have had, too: what was written keeps leading there."""
    pages = Page.objects.addressed().named(slugs)
    return {slug: page.get_absolute_url() for slug, page in pages.items()}


def document_urls(slugs):
    return {row.slug: row.get_absolute_url() for row in Document.objects.filter(slug__in=slugs)}


def law_urls(codes):
    rows = LegalReference.objects.filter(code__in=codes)
    return {row.code: row.get_absolute_url() for row in rows}


def _row_of(slug, anchor):
    """A row of a list that a page shows, as texts link to it."""
    return f"sida:{slug}#{anchor}"


register_scheme("sida", page_urls)
register_scheme("dokument", document_urls)
register_scheme("lag", law_urls)


deletion.linked_as(Document, lambda row: [f"dokument:{row.slug}"])
deletion.linked_as(
    LegalReference, lambda row: [f"lag:{row.code}", _row_of("lagar-och-regler", row.code)]
)
deletion.linked_as(models.GlossaryTerm, lambda row: [_row_of("ordlista", row.anchor)])


def rows_of(template, queryset):
    """A list that shows a whole register, in its own order."""
    return lambda subject: Panel(f"guidance/_{template}.html", {"rows": queryset.all()})


def with_page(model):
    return model.objects.select_related("page__parent")


for name, queryset in {
    "access_guides": with_page(models.AccessGuide),
    "actors": with_page(models.Actor),
    "decisions": models.Decision.objects,
    "forums": Forum.objects.prefetch_related("member_roles", "member_units", "actors"),
    "glossary": with_page(models.GlossaryTerm),
    "key_figures": models.KeyFigure.objects,
}.items():
    panels.register(f"register:{name}")(rows_of(name, queryset))


panels.register("register:agreements")(agreements_panel)
panels.register("register:documents")(document_list)


@panels.register("register:laws")
def law_list(request):
    laws = [*LegalReference.objects.all()]
    uses = resting_on(laws)
    rows = [{"law": law, "uses": uses.get(law.pk)} for law in laws]
    return Panel("guidance/_laws.html", {"rows": rows})


panels.register("register:certificates")(guides.certificate_guide)
panels.register("register:consent_rules")(guides.consent_guide)
panels.register("register:timeline")(guides.timeline_guide)
panels.register("register:process")(process.process_panel)
panels.register("register:reviews")(reviews.reviews_panel)


@panels.register("register:structure")
def structure(subject):
    found = structure_today()
    forums = Forum.objects.prefetch_related("member_roles", "member_units", "actors")
    rows = {
        "structure": found,
        "drawings": [draw(found, MEDIUM), draw(found, NARROW)],
        "forums": sorted(forums, key=lambda row: (RoleLevel.values.index(row.level), row.name)),
    }
    return Panel("guidance/_structure.html", rows, stylesheet="css/structure.css")


@panels.register("register:contact_functions")
def contact_functions(subject):
    rows = Appointment.objects.public().filter(role__level=RoleLevel.REGIONAL)
    return Panel("guidance/_contact_functions.html", {"rows": rows})


@panels.register("role")
def guidance_for_role(role):
    """A role's steps in the processes and its documents."""
    steps = (
        models.ProcessStep.objects.filter(is_live("version"), responsible=role)
        .select_related("version__page__parent")
        .order_by("version__page__slug", "position")
    )
    pages = Page.objects.public().filter(register=Register.PROCESS, parent__isnull=False)
    # The way from a step to the view of its whole process.
    views = {page.parent_id: page for page in pages.select_related("parent")}
    processes = {}
    for step in steps:
        page = step.version.page
        if view := views.get(page.parent_id or page.pk):
            processes[view.slug] = view
    rows = {"steps": steps, "documents": role.documents.all(), "processes": processes.values()}
    return Panel("guidance/_role_panel.html", {**rows, "role": role})


_latest_versions = Question(
    lambda at: (
        PageVersion.objects.filter(is_live("pk", at))
        .exclude(page__slug=models.START_SLUG)
        .select_related("page__parent")
        .order_by("-publish_at", "page__position", "page__slug")[:4]
    )
)


@panels.register("start_side")
def recent_changes(subject):
    """The latest published versions and notices."""
    versions = _latest_versions(timezone.now())
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
changes.register("certificate")(texts_with("steps__certificates"))
changes.register("role")(texts_with("steps__responsible", "steps__informed"))


@changes.register("term")
def texts_with_terms(ids):
    """Texts that explain a word, or that have one that is new or spelled anew."""
    before = {*texts_explaining(ids)}
    return lambda: render_pages(before | {*texts_explaining(ids)} | {*texts_having(ids)})


@changes.register("forum")
def pages_with_forums(ids):
    """The forums' words are found through the page that lists them."""
    shown = PageVersion.objects.unexpired().filter(page__register=Register.FORUMS)
    return lambda: index("page", shown.values_list("pk", flat=True))


@outgoing.register
def links_in_texts():
    """What pages' texts link to, their steps among them: the text that readers get."""
    for version in PageVersion.objects.live().select_related("page__parent"):
        page = version.page
        for url in outgoing.addresses_in(version.rendered):
            yield OutgoingLink(url, f"Sida: {page}", page.get_absolute_url(), page.owner_id)


@outgoing.register
def links_of_registers():
    """Rows that link out; who owns the page that shows the register answers for them."""
    pages = Page.objects.exclude(register="").select_related("parent")
    shown_on = {page.register: page for page in pages}
    for name, label, rows in (
        ("documents", "Dokument", Document.objects.exclude(url="")),
        ("actors", "Aktör", models.Actor.objects.exclude(url="")),
        ("key_figures", "Nyckeltal", models.KeyFigure.objects.exclude(url="")),
        ("laws", "Lag", LegalReference.objects.all()),
    ):
        page = shown_on.get(name)
        for row in rows:
            url = row.source_url if name == "laws" else row.url
            where = page.get_absolute_url() if page else "/"
            yield OutgoingLink(url, f"{label}: {row}", where, page and page.owner_id)


@panels.register("admin_index")
def dead_links(request):
    rows = ExternalLink.objects.dead()
    return waiting(
        request,
        ExternalLink,
        "Döda länkar",
        rows.count,
        permission="guidance.change_page",
        svar="dod",
    )


@panels.register("admin_index")
def new_feedback(request):
    new = Feedback.Status.NEW
    count = Feedback.objects.to_read().count
    return waiting(request, Feedback, "Nya synpunkter", count, status__exact=new)


def pages_waiting(name, each):
    return lambda request: waiting(
        request, Page, each.label, lambda: each.pages().count(), vantar=name
    )


for name, each in WAITING.items():
    panels.register("admin_index")(pages_waiting(name, each))


@panels.register("admin_index")
def laws_amended(request):
    laws = [*LegalReference.objects.needing_check().values_list("pk", flat=True)]
    ids = ",".join(map(str, laws))
    label = "Lagrum ändrade sedan lydelsen kontrollerades"
    return waiting(request, LegalReference, label, lambda: len(laws), id__in=ids)
