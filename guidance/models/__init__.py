from .addresses import FormerSlug, Redirect
from .documents import Document, DocumentVersion
from .guides import CertificateRule, Milestone, Occupation
from .pages import (
    SLUG_ADVICE,
    START_SLUG,
    Notice,
    Page,
    PageLink,
    PageVersion,
    PageVersionEvent,
    ProcessStep,
)
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

__all__ = [
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
    "ProcessStep",
    "Redirect",
    "Synonym",
]
