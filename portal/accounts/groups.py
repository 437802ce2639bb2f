"""Who may do what in the admin: one table of groups, models and actions.

Models stand as "app.model", so that this room imports no app. The groups are made by
`migrate` (portal.accounts.apps) and held to the table each time; a region's own groups and
whatever a person has been given beside are left alone.

A unit manager has no place in the admin: her own unit's pages are hers through the site
(organisation.scope).
True values (followup.measurement) are in the admin for superusers only and stand with no group;
who imports values sees those of the import desk (`IMPORTERS`), and who releases them (`RELEASERS`)
what a release would show.
"""

from collections.abc import Iterable

ACTIONS = ("view", "add", "change", "delete")
VIEW = frozenset({"view"})
REVIEW = frozenset({"view", "change"})
EDIT = frozenset({"view", "add", "change"})
ALL = frozenset(ACTIONS)

PAGES = ("guidance.page", "guidance.pageversion")
# What belongs to a row and is edited with it.
PARTS_OF_PAGES = ("guidance.processstep",)
REGISTERS = (
    "guidance.accessguide",
    "guidance.actor",
    "guidance.agreement",
    "guidance.requirement",
    "guidance.certificate",
    "guidance.certificaterule",
    "guidance.consentrule",
    "guidance.decision",
    "guidance.document",
    "guidance.glossaryterm",
    "guidance.keyfigure",
    "guidance.legalreference",
    "guidance.milestone",
    "guidance.notice",
    "guidance.redirect",
)
# Made when a page gets another address, and when links are checked.
KEPT = ("guidance.formerslug", "guidance.externallink")
# Files of units and listed patients: who read in what.
INTAKE = ("organisation.fileimport",)
# Sent by readers and handled here; only what should never have been sent is deleted by hand.
FEEDBACK = ("guidance.feedback",)
PARTS_OF_REGISTERS = ("guidance.documentversion", "guidance.synonym", "search.bestbet")
# Written by the site when a search finds nothing.
MISSED = ("search.missedquery",)
ROLES = ("organisation.role", "organisation.forum")
PARTS_OF_ROLES = ("organisation.responsibility",)
UNITS = (
    "organisation.appointment",
    "organisation.listing",
    "organisation.person",
    "organisation.profession",
    "organisation.unit",
    "organisation.unitkind",
)
# Who may edit a unit, and when it was last said to be right.
MANAGERS = ("organisation.unitmanager",)
ATTESTATIONS = ("organisation.attestation",)
COURSES = (
    "education.competencearea",
    "education.course",
    "education.occasion",
    "education.organiser",
)
# Others' calendars, and what is read from them: nobody adds that by hand.
CALENDARS = ("education.externalcalendar",)
READ_EVENTS = ("education.importedevent",)
PARTICIPATION = ("education.participation",)
PARTS_OF_COURSES = ("education.session",)
# Written by readers and by the site; the first holds addresses.
FOLLOWERS = ("education.subscription",)
REQUESTS = ("education.trainingrequest",)
NEWS = ("education.coursenews", "education.newsdelivery")
INDICATORS = ("followup.indicator",)
# How an indicator is counted from a year on; edited with it.
PARTS_OF_INDICATORS = ("followup.indicatorversion",)
# Made on the site, and never changed.
RELEASES = ("followup.release",)
# Written by the units on the site.
REVIEWS = ("followup.unitreview",)
TASKS = ("followup.yearlytask",)
# Files of values: who read in what, and whom the names in them mean. The values themselves are
# seen at the import desk, by whoever may import.
BATCHES = ("followup.importbatch", "followup.importfile")
UNIT_NAMES = ("followup.unitname",)
MESSAGES = ("web.servicemessage",)
# One row: there is never a second to add, and it is not deleted.
SITE = ("web.sitesettings",)
# What claims from the region's identity provider give.
CLAIM_RULES = ("accounts.claimrule",)
# Written by the site; they hold addresses.
LETTERS = ("outbox.outgoingmail",)
# Who did what; nobody changes it.
AUDIT = ("audit.entry",)
# Written by the commands that back up and restore.
BACKUPS = ("operation.backuprun",)
EVERYTHING = (
    *PAGES,
    *PARTS_OF_PAGES,
    *REGISTERS,
    *FEEDBACK,
    *KEPT,
    *PARTS_OF_REGISTERS,
    *ROLES,
    *PARTS_OF_ROLES,
    *UNITS,
    *COURSES,
    *CALENDARS,
    *READ_EVENTS,
    *PARTS_OF_COURSES,
    *INDICATORS,
    *PARTS_OF_INDICATORS,
    *TASKS,
    *MESSAGES,
)


def _table(*rows: tuple[Iterable[str], frozenset]) -> dict[str, frozenset]:
    """{"app.model": actions}; a later row about a model counts instead of an earlier one."""
    return {model: actions for models, actions in rows for model in models}


GROUPS = {
    "redaktör": _table(
        ((*EVERYTHING, *MISSED), VIEW),
        (PAGES, EDIT),
        (REGISTERS, EDIT),
        (ROLES, EDIT),
        (MESSAGES, EDIT),
        (FEEDBACK, REVIEW),
        ((*PARTS_OF_PAGES, *PARTS_OF_REGISTERS, *PARTS_OF_ROLES), ALL),
    ),
    "granskare": _table((EVERYTHING, VIEW), ((*PAGES, *FEEDBACK), REVIEW)),
    "enhetschef": {},
    "kursansvarig": _table(
        (
            (
                "guidance.page",
                "organisation.role",
                "organisation.profession",
                "organisation.unit",
            ),
            VIEW,
        ),
        (COURSES, EDIT),
        (CALENDARS, EDIT),
        (READ_EVENTS, REVIEW),
        (PARTS_OF_COURSES, ALL),
        (REQUESTS, EDIT),
        (PARTICIPATION, ALL),
        (NEWS, VIEW),
    ),
    "uppföljningsansvarig": _table(
        (
            (
                "guidance.page",
                "organisation.role",
                "organisation.unit",
                "organisation.unitkind",
                "organisation.listing",
            ),
            VIEW,
        ),
        (INDICATORS, EDIT),
        (PARTS_OF_INDICATORS, ALL),
        ((*RELEASES, *REVIEWS), VIEW),
        (TASKS, ALL),
        (BATCHES, VIEW),
        (UNIT_NAMES, frozenset({"view", "delete"})),
    ),
    "administratör": _table(
        (EVERYTHING, ALL),
        (("guidance.page",), EDIT),  # a page ends, with its versions; it is never deleted
        (SITE, REVIEW),
        (READ_EVENTS, frozenset({"view", "change", "delete"})),
        (FEEDBACK, frozenset({"view", "change", "delete"})),
        (MANAGERS, ALL),
        (
            (
                *KEPT,
                *LETTERS,
                *BACKUPS,
                *INTAKE,
                *ATTESTATIONS,
                *NEWS,
                *AUDIT,
                *MISSED,
                *RELEASES,
                *REVIEWS,
                *BATCHES,
                *UNIT_NAMES,
            ),
            VIEW,
        ),
        ((*REQUESTS, *PARTICIPATION), ALL),
        (FOLLOWERS, frozenset({"view", "delete"})),
        (("auth.group",), VIEW),
        (("accounts.user",), ALL),
        (CLAIM_RULES, ALL),
        (("accounts.invitation",), frozenset({"view", "add"})),
    ),
}


# The way of a page's text to readers (guidance.actions): one writes, another lets it out.
PAGE_WORKFLOW = {
    "redaktör": ("submit",),
    "granskare": ("approve", "publish", "withdraw", "suppress"),
    "administratör": ("submit", "approve", "publish", "withdraw", "suppress"),
}


# A page's new address is what readers meet at once, as what is published.
PAGE_MOVERS = ("granskare", "administratör")

# A year's values of an indicator are let out to readers, after they have been looked at.
RELEASERS = ("uppföljningsansvarig", "administratör")


# Who reads in values, approves what another has read in and undoes it. They see true values.
IMPORTERS = ("uppföljningsansvarig",)


# A group that sees units sees all of them. Without this right somebody sees, in the admin,
# only the rows of units that are hers to edit; with the other she may edit every unit.
EVERY_UNIT = "view_every_unit"
EDITS_EVERY_UNIT = {"administratör": "edit_every_unit"}


def every_unit(group: str) -> set[str]:
    """Which of the two rights a group has."""
    sees = {EVERY_UNIT} if "organisation.unit" in GROUPS[group] else set()
    return sees | ({EDITS_EVERY_UNIT[group]} if group in EDITS_EVERY_UNIT else set())


def wanted_permissions(group: str, app_label: str) -> set[tuple[str, str]]:
    """The group's permissions in an app, as (model, codename)."""
    wanted = set()
    for name, actions in GROUPS[group].items():
        label, model = name.split(".")
        if label == app_label:
            wanted |= {(model, f"{action}_{model}") for action in actions}
    if app_label == "organisation":
        wanted |= {("unitmanager", codename) for codename in every_unit(group)}
    if app_label == "followup":
        wanted |= {("release", "publish_release")} if group in RELEASERS else set()
    if app_label == "guidance":
        steps = PAGE_WORKFLOW.get(group, ())
        wanted |= {("pageversion", f"{step}_pageversion") for step in steps}
        wanted |= {("page", "move_page")} if group in PAGE_MOVERS else set()
    if app_label == "followup" and group in IMPORTERS:
        wanted |= {("importbatch", "import_values")}
    return wanted
