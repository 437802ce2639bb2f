"""The buttons that take a page's version on its way, and the form behind each of them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from portal.publishing.models import VersionState

from . import actions, page_forms
from .law_register import amended_under
from .page_move_admin import CONFLICT
from .text_control import control

# address: (title, form, action, message, permission)
TRANSITIONS = {
    "granska": (
        "Skicka för granskning",
        page_forms.SubmitForm,
        actions.submit,
        "Sidan är skickad för granskning.",
        "guidance.submit_pageversion",
    ),
    "skicka-tillbaka": (
        "Skicka tillbaka",
        page_forms.SendBackForm,
        actions.send_back,
        "Sidan är skickad tillbaka till den som skrev.",
        "guidance.approve_pageversion",
    ),
    "publicera": (
        "Godkänn och publicera",
        page_forms.PublishForm,
        actions.approve_and_publish,
        "Sidan är godkänd och publicerad.",
        "guidance.publish_pageversion",
    ),
    "avpublicera": (
        "Avpublicera",
        page_forms.WithdrawForm,
        actions.withdraw,
        "Sidan är avpublicerad.",
        "guidance.withdraw_pageversion",
    ),
    "bekrafta": (
        "Bekräfta oförändrad",
        page_forms.ConfirmForm,
        actions.confirm_unchanged,
        "Sidan är bekräftad oförändrad, och granskningens datum är i dag.",
        "guidance.change_page",
    ),
    "stall-in": (
        "Avbryt publiceringen",
        page_forms.CancelForm,
        actions.cancel,
        "Publiceringen är inställd. Texten är ett utkast igen, och läsaren har inte sett den.",
        "guidance.withdraw_pageversion",
    ),
    "dolj": (
        "Dölj i historiken",
        page_forms.SuppressForm,
        actions.suppress,
        "Versionen är dold. Läsaren ser att den har funnits, när och varför den är dold.",
        "guidance.suppress_pageversion",
    ),
    "visa-igen": (
        "Visa i historiken igen",
        page_forms.RevealForm,
        actions.reveal,
        "Versionen går att läsa i sidans historik igen.",
        "guidance.suppress_pageversion",
    ),
    "aterstall": (
        "Återställ som utkast",
        page_forms.RestoreForm,
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
    if shown.state in {VersionState.DRAFT, VersionState.IN_REVIEW}:
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
    title, form_class, action, done, permission = TRANSITIONS[address]

    def view(request, pk, number):
        version = model_admin.version_or_404(request, pk, number)
        if not request.user.has_perm(permission):
            raise PermissionDenied
        page = version.page
        more = (
            {"lasting": actions.lasting_that_cannot_wait(version)} if address == "publicera" else {}
        )
        initial = {"revision": page.revision}
        form = form_class(request.POST or None, initial=initial, **more)
        if request.method == "POST" and form.is_valid():
            try:
                action(version, by=request.user, **form.cleaned_data)
            except actions.TextRefused:
                form.add_error(None, "Rätta det som hindrar publiceringen. Det står nedan.")
            except actions.TransitionRefused as refused:
                for message in refused.messages:
                    form.add_error(None, message)
            except actions.EditConflict:
                form.add_error(None, CONFLICT)
                page.refresh_from_db()
                form.data = {**request.POST.dict(), "revision": page.revision}
            else:
                model_admin.log_change(request, page, f"{title}: version {number}.")
                at = form.cleaned_data.get("at")
                messages.success(
                    request, f"Sidan är godkänd och publiceras {moment(at)}." if at else done
                )
                return redirect("admin:guidance_page_change", page.pk)
        version.refresh_from_db()
        context = model_admin.context(
            request,
            page,
            f"{title_of(address, version)}: {version.title}",
            version=version,
            address=address,
            compare=(
                page.versions.live().first()
                if version.state in {VersionState.DRAFT, VersionState.IN_REVIEW}
                else None
            ),
            form=form,
            button=title_of(address, version),
            passed_by=coming(page) if address == "publicera" else [],
            checked=control(version) if address in {"granska", "publicera"} else None,
            amended=amended_under(version) if address in {"bekrafta", "publicera"} else [],
        )
        return TemplateResponse(request, "admin/guidance/page/transition.html", context)

    return view


def moment(at):
    """1 december 2026 kl. 08:00"""
    return date_format(timezone.localtime(at), r"j F Y \k\l. H:i")


def title_of(address, version):
    if address == "publicera" and not actions.needs_review(version):
        return "Publicera"
    if address == "stall-in":
        return f"Avbryt publiceringen av version {version.number}"
    return TRANSITIONS[address][0]


def may(user, address, version):
    needs = [TRANSITIONS[address][4]]
    if address == "publicera" and actions.needs_review(version):
        needs.append("guidance.approve_pageversion")
    if address == "bekrafta":
        return actions.may_confirm(user, version)
    return user.has_perms(needs)
