"""What rests on a law: by constant queries, for the register's readers and for editors.

resting_on(LegalReference.objects.all())
    -> {pk of law: Uses(pages=[Page], steps=[ProcessStep], roles=[Role], …)}
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from organisation.models import Role

from .models import (
    Certificate,
    CertificateRule,
    ConsentRule,
    Document,
    LegalReference,
    Milestone,
    Page,
    PageVersion,
    ProcessStep,
)
from .models.pages import is_live


@dataclass
class Uses:
    """Rows that rest on a law, each once.

    Roles answer for a step that rests on it; certificates and documents belong to a rule
    that does.
    """

    pages: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    consent_rules: list = field(default_factory=list)
    milestones: list = field(default_factory=list)
    certificate_rules: list = field(default_factory=list)
    roles: list = field(default_factory=list)
    certificates: list = field(default_factory=list)
    documents: list = field(default_factory=list)

    def __bool__(self):
        return any(vars(self).values())


def resting_on(laws: Iterable[LegalReference]) -> dict[int, Uses]:
    ids = [law.pk for law in laws]
    found = defaultdict(Uses)
    pages = Page.objects.select_related("parent").order_by("nav_title")
    _collect(found, "pages", pages, ids, "versions__laws", Q(is_live("versions")))
    steps = ProcessStep.objects.filter(is_live("version")).select_related("version__page__parent")
    _collect(found, "steps", steps, ids, "laws")
    of_live = Q(is_live("responsible_steps__version"))
    _collect(found, "roles", Role.objects.all(), ids, "responsible_steps__laws", of_live)
    _collect(found, "consent_rules", ConsentRule.objects.all(), ids, "laws")
    _collect(found, "documents", Document.objects.all(), ids, "consent_rules__laws")
    for name, model in (("milestones", Milestone), ("certificate_rules", CertificateRule)):
        _collect(found, name, model.objects.select_related("page__parent"), ids, "law")
    certificates = Certificate.objects.select_related("page__parent")
    _collect(found, "certificates", certificates, ids, "rules__law")
    return dict(found)


def _collect(found, name, rows, ids, path, condition=None):
    """Two queries: which row rests on which law, and the rows."""
    wanted = Q(**{f"{path}__in": ids}) & (condition or Q())
    pairs = rows.model.objects.filter(wanted).values_list("pk", path).distinct()
    by_row = defaultdict(set)
    for pk, law in pairs:
        if law in ids:
            by_row[pk].add(law)
    for row in rows.filter(pk__in=by_row):
        for law in by_row[row.pk]:
            getattr(found[law], name).append(row)


def amended_under(version: PageVersion) -> list[LegalReference]:
    """Laws that a version rests on, amended since their wording was checked, which nobody has
    read its page against."""
    rests = Q(page_versions=version) | Q(steps__version=version)
    laws = LegalReference.objects.needing_check().filter(rests).distinct()
    return [law for law in laws if version.page.has_unread(law)]


def pages_needing_check():
    """Published pages that rest on a law that was amended since its wording was checked, and
    that nobody has read against the amendment."""
    laws = [*LegalReference.objects.needing_check()]
    live = PageVersion.objects.live()
    waiting = set()
    for law in laws:
        versions = live.filter(Q(laws=law) | Q(steps__laws=law))
        pages = Page.objects.filter(pk__in=versions.values("page")).only("pk", "amendments_read")
        waiting |= {page.pk for page in pages if page.has_unread(law)}
    return Page.objects.filter(pk__in=waiting)
