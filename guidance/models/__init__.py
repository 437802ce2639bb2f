"""What we do: pages and their versions, steps, registers, documents, feedback."""

from .documents import Document, DocumentVersion
from .feedback import Feedback
from .former_addresses import FormerSlug, Redirect
from .guides import CertificateRule, Milestone, Occupation
from .links import ExternalLink, ExternalLinkPlace
from .notices import Notice
from .page_views import PageView
from .pages import SLUG_ADVICE, START_SLUG, Page, PageVersion
from .registers import (
    AccessGuide,
    Actor,
    Agreement,
    Certificate,
    ConsentRule,
    Decision,
    GlossaryTerm,
    KeyFigure,
    LegalReference,
    Synonym,
)
from .requirements import Requirement
from .steps import QUOTED_BY_STEPS, ProcessStep
from .version_records import PageLink, PageVersionEvent, Passage

__all__ = [
    "QUOTED_BY_STEPS",
    "SLUG_ADVICE",
    "START_SLUG",
    "AccessGuide",
    "Actor",
    "Agreement",
    "Certificate",
    "CertificateRule",
    "ConsentRule",
    "Decision",
    "Document",
    "DocumentVersion",
    "ExternalLink",
    "ExternalLinkPlace",
    "Feedback",
    "FormerSlug",
    "GlossaryTerm",
    "KeyFigure",
    "LegalReference",
    "Milestone",
    "Notice",
    "Occupation",
    "Page",
    "PageLink",
    "PageVersion",
    "PageVersionEvent",
    "PageView",
    "Passage",
    "ProcessStep",
    "Redirect",
    "Requirement",
    "Synonym",
]
