"""The buttons that take a page's version on its way, and the form behind each of them."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from portal.publishing.models import WORKING, VersionState

from . import actions, transition_forms
from .law_register import amended_under
from .page_move_admin import CONFLICT
from .text_control import control


class Transition(NamedTuple):
    """A button: its words, what it asks, what it does and says afterwards, and who may press."""

    title: str
    form: type[transition_forms.TransitionForm]
    action: Callable
    done: str
    permission: str


# By the last part of the address.
TRANSITIONS = {
    "granska": Transition(
        "Skicka för granskning",
        transition_forms.SubmitForm,
        actions.submit,
        "Sidan är skickad för granskning.",
        "guidance.submit_pageversion",
    ),
    "skicka-tillbaka": Transition(
        "Skicka tillbaka",
        transition_forms.SendBackForm,
        actions.send_back,
        "Sidan är skickad tillbaka till den som skrev.",
        "guidance.approve_pageversion",
    ),
    "publicera": Transition(
        "Godkänn och publicera",
        transition_forms.PublishForm,
        actions.approve_and_publish,
        "Sidan är godkänd och publicerad.",
        "guidance.publish_pageversion",
    ),
    "avpublicera": Transition(
        "Avpublicera",
        transition_forms.WithdrawForm,
        actions.withdraw,
        "Sidan är avpublicerad.",
        "guidance.withdraw_pageversion",
    ),
    "bekrafta": Transition(
        "Bekräfta oförändrad",
        transition_forms.ConfirmForm,
        actions.confirm_unchanged,
        "Sidan är bekräftad oförändrad, och granskningens datum är i dag.",
        "guidance.change_page",
    ),
    "stall-in": Transition(
        "Avbryt publiceringen",
        transition_forms.CancelForm,
        actions.cancel,
        "Publiceringen är inställd. Texten är ett utkast igen, och läsaren har inte sett den.",
        "guidance.withdraw_pageversion",
    ),
    "dolj": Transition(
        "Dölj i historiken",
        transition_forms.SuppressForm,
        actions.suppress,
        "Versionen är dold. Läsaren ser att den har funnits, när och varför den är dold.",
        "guidance.suppress_pageversion",
    ),
    "visa-igen": Transition(
        "Visa i historiken igen",
        transition_forms.RevealForm,
        actions.reveal,
        "Versionen går att läsa i sidans historik igen.",
        "guidance.suppress_pageversion",
    ),
    "aterstall": Transition(
        "Återställ som utkast",
        transition_forms.RestoreForm,
        actions.restore_as_draft,
        "Texten ligger nu som ett utkast. Läsaren ser inget av det förrän det publiceras.",
        "guidance.change_page",
    ),
}


def transitions(user, page, shown):
    """The buttons that lead somewhere now: (title, address)."""
    if not page.pk or shown is None:
        return []
    found = []
    if shown.state == VersionState.DRAFT:
        found.append(("granska", shown))
    if shown.state in WORKING:
        ready = shown.state == VersionState.IN_REVIEW or not actions.needs_review(shown)
        own = actions.needs_review(shown) and actions.has_written(user, shown)
        if ready and not own:
            found.append(("publicera", shown))
    if shown.state == VersionState.IN_REVIEW:
        found.append(("skicka-tillbaka", shown))
    for version in page.versions.filter(state=VersionState.APPROVED)[:5]:
        if actions.can_be_cancelled(version):
            found.append(("stall-in", version))
        elif actions.can_be_withdrawn(version):
            found.append(("bekrafta", version))
            found.append(("avpublicera", version))
    return [
        (
            title_of(address, version),
            reverse(
                f"admin:guidance_page_transition_{address.replace('-', '_')}",
                args=[page.pk, version.number],
            ),
        )
        for address, version in found
        if may(user, address, version)
    ]


def waits_for_another(user, shown):
    """Whether a guideline waits for approval by somebody else, though this user may approve."""
    return (
        shown is not None
        and shown.state == VersionState.IN_REVIEW
        and actions.needs_review(shown)
        and may(user, "publicera", shown)
        and actions.has_written(user, shown)
    )


def next_step(user, shown):
    """The button beside "Spara utkast": (name, word), where a draft goes from here."""
    if shown is None or shown.state == VersionState.IN_REVIEW:
        return None
    address = "granska" if actions.needs_review(shown) else "publicera"
    if not may(user, address, shown):
        return None
    return {
        "granska": ("_submit", "Spara och skicka för granskning"),
        "publicera": ("_publish", "Spara och publicera"),
    }[address]


def coming(page):
    """Versions that wait for their time, the next one first."""
    approved = page.versions.filter(state=VersionState.APPROVED) if page.pk else []
    waiting = [version for version in approved if actions.can_be_cancelled(version)]
    return sorted(waiting, key=lambda version: version.publish_at)


def transition_view(model_admin, address):
    """The form behind one of the buttons, and the press that does it."""
    transition = TRANSITIONS[address]

    def view(request, pk, number):
        version = model_admin.version_or_404(request, pk, number)
        if not request.user.has_perm(transition.permission):
            raise PermissionDenied
        page = version.page
        more = {}
        if address == "publicera":
            more = {"lasting": actions.lasting_that_cannot_wait(version)}
        elif address == "avpublicera":
            more = {"page": page}
        initial = {"revision": page.revision}
        form = transition.form(request.POST or None, initial=initial, **more)
        if form.is_bound and form.is_valid() and is_done(transition, version, form, request.user):
            model_admin.log_change(request, page, f"{transition.title}: version {number}.")
            at = form.cleaned_data.get("at")
            said = f"Sidan är godkänd och publiceras {moment(at)}." if at else transition.done
            messages.success(request, said)
            return redirect("admin:guidance_page_change", page.pk)
        version.refresh_from_db()
        title = title_of(address, version)
        context = model_admin.context(
            request,
            page,
            f"{title}: {version.title}",
            version=version,
            address=address,
            compare=page.versions.live().first() if version.state in WORKING else None,
            form=form,
            button=title,
            passed_by=coming(page) if address == "publicera" else [],
            checked=control(version) if address in {"granska", "publicera"} else None,
            amended=amended_under(version) if address in {"bekrafta", "publicera"} else [],
        )
        return TemplateResponse(request, "admin/guidance/page/transition.html", context)

    return view


def is_done(transition, version, form, user):
    """Does it; what stopped it is said in the form."""
    page = version.page
    try:
        transition.action(version, by=user, **form.cleaned_data)
    except actions.TextRefused:
        form.add_error(None, "Rätta det som hindrar publiceringen. Det står nedan.")
    except actions.TransitionRefused as refused:
        for message in refused.messages:
            form.add_error(None, message)
    except actions.EditConflict:
        form.add_error(None, CONFLICT)
        page.refresh_from_db()
        form.data = {**form.data.dict(), "revision": page.revision}
    else:
        return True
    return False


def moment(at):
    """1 december 2026 kl. 08:00"""
    return date_format(timezone.localtime(at), r"j F Y \k\l. H:i")


def title_of(address, version):
    if address == "publicera" and not actions.needs_review(version):
        return "Publicera"
    if address == "stall-in":
        return f"Avbryt publiceringen av version {version.number}"
    return TRANSITIONS[address].title


def may(user, address, version):
    needs = [TRANSITIONS[address].permission]
    if address == "publicera" and actions.needs_review(version):
        needs.append("guidance.approve_pageversion")
    if address == "bekrafta":
        return actions.may_confirm(user, version)
    return user.has_perms(needs)
