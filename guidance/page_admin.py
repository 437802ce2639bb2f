"""Pages in the admin: writing beside the live version, review, preview, versions."""

import json
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from js_asset import Media, Script

from portal.publishing.models import VersionState
from portal.web.model_admin import LongLists

from . import actions, page_forms, page_presenters
from .framing import preview_of
from .law_register import amended_under
from .models import Page, PageVersion
from .page_contents import snapshot
from .page_move_admin import CONFLICT, move_view
from .page_share_admin import share_view
from .page_view_admin import views_csv, views_list, views_of
from .text_control import control
from .version_parts import changed_parts

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
        "Ställ in publiceringen",
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
        "Texten ligger nu som ett utkast. Läsaren ser fortfarande den publicerade versionen.",
        "guidance.change_page",
    ),
}
AFTER_SAVING = {
    "_preview": "preview",
    "_check": "check",
    "_submit": "transition_granska",
    "_publish": "transition_publicera",
}


class SectionFilter(admin.RelatedFieldListFilter):
    """The sections, not every page that could be somebody's parent."""

    def field_choices(self, field, request, model_admin):
        return field.get_choices(include_blank=False, limit_choices_to={"parent": None})


@admin.register(Page)
class PageAdmin(LongLists, admin.ModelAdmin):
    list_display = ["nav_title", "address", "kind", "owner", "public_state", "working_state"]
    list_filter = ["kind", ("parent", SectionFilter), "register"]
    list_select_related = ["parent", "owner"]
    search_fields = ["nav_title", "slug", "purpose", "versions__title"]
    ordering = ["parent__position", "position", "slug"]
    actions = None

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        current = PageVersion.objects.current().filter(page=OuterRef("pk"))
        working = PageVersion.objects.working().filter(page=OuterRef("pk"))
        coming = PageVersion.objects.filter(
            page=OuterRef("pk"), state=VersionState.APPROVED, publish_at__gt=timezone.now()
        ).order_by("publish_at")
        return rows.annotate(
            current_state=Subquery(current.values("state")[:1]),
            current_number=Subquery(current.values("number")[:1]),
            current_expires=Subquery(current.values("expire_at")[:1]),
            working_version=Subquery(working.values("state")[:1]),
            coming_at=Subquery(coming.values("publish_at")[:1]),
        )

    def has_delete_permission(self, request, obj=None):
        """Nothing public is deleted, it ends: a page is withdrawn."""
        return False

    @admin.display(description="adress")
    def address(self, page):
        return page.get_absolute_url()

    @admin.display(description="för läsaren")
    def public_state(self, page):
        if page.current_state is None:
            return "inte publicerad"
        if page.current_state == VersionState.WITHDRAWN:
            return "avpublicerad"
        if page.current_expires and page.current_expires <= timezone.now():
            return "har slutat gälla"
        return f"version {page.current_number}"

    @admin.display(description="på gång")
    def working_state(self, page):
        coming = page.coming_at and moment(page.coming_at)
        words = [
            VersionState(page.working_version).label if page.working_version else "",
            f"publiceras {coming}" if coming else "",
        ]
        return ", ".join(filter(None, words)) or "–"

    def get_urls(self):
        def view(name, route, function):
            return path(route, self.admin_site.admin_view(function), name=f"guidance_page_{name}")

        return [
            view("versions", "<int:pk>/versioner/", self.versions_view),
            view("difference", "<int:pk>/versioner/<int:old>..<int:new>/", self.difference_view),
            view("preview", "<int:pk>/versioner/<int:number>/", self.preview_view),
            view("check", "<int:pk>/versioner/<int:number>/kontroll/", self.check_view),
            view("move", "<int:pk>/flytta/", partial(move_view, self)),
            view("views", "visningar/", partial(views_list, self)),
            view("views_csv", "visningar.csv", partial(views_csv, self)),
            view("share", "<int:pk>/versioner/<int:number>/dela/", partial(share_view, self)),
            *(
                view(
                    f"transition_{address.replace('-', '_')}",
                    f"<int:pk>/versioner/<int:number>/{address}/",
                    self.transition_view(address),
                )
                for address in TRANSITIONS
            ),
            *super().get_urls(),
        ]

    def context(self, request, page, title, **extra):
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "page": page,
            "title": title,
            "is_popup": False,
            "has_view_permission": self.has_view_permission(request, page),
            **extra,
        }

    # -- the form ----------------------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        page = self.page_to_change(request, object_id)
        working = page.versions.working().first() if page.pk else None
        shown = working or (page.versions.order_by("-number").first() if page.pk else None)
        current = snapshot(page, shown)
        if request.method != "POST":
            # On a page without changes of its own the note is about the change to come.
            if working is None and shown is not None:
                current["texts"] = {**current["texts"], "change_note": "", "is_major": False}
            return self.form_response(
                request, page, shown, page_forms.PageForms(page, current), current
            )
        if not self.may_save(request, page):
            raise PermissionDenied
        forms = page_forms.PageForms(page, current, request.POST)
        extra = page_forms.SaveForm(request.POST)
        if not (forms.is_valid() & extra.is_valid()):
            base = extra.cleaned_data.get("base") or current
            return self.form_response(request, page, shown, forms, base, failed=True)
        content = forms.posted()
        base, revision = extra.cleaned_data["base"], extra.cleaned_data["revision"]
        if extra.cleaned_data["keep_other"]:
            content = page_presenters.merged(base, current, content)
        try:
            if not page.pk:
                page = forms.lasting.save()
                revision = page.revision
            elif content == base and not extra.cleaned_data["keep_other"]:
                # A text in review stays there, and nobody counts as having written in it.
                messages.info(request, "Inget är ändrat, så inget nytt är sparat.")
                return self.after_saving(request, page, working)
            draft = actions.save_draft(
                page,
                content=content,
                revision=revision,
                by=request.user,
                keep_other=extra.cleaned_data["keep_other"],
            )
        except actions.EditConflict:
            page.refresh_from_db()
            return self.conflict_response(request, page, shown, base, current, content)
        self.log_change(request, page, f"Sparade utkast, version {draft.number}.")
        messages.success(
            request,
            f"Utkastet är sparat som version {draft.number}. Läsaren ser inget av det än.",
        )
        return self.after_saving(request, page, draft)

    def after_saving(self, request, page, draft):
        """Where the button that was pressed leads."""
        for button, view in AFTER_SAVING.items():
            if draft and button in request.POST:
                return redirect(f"admin:guidance_page_{view}", page.pk, draft.number)
        return redirect("admin:guidance_page_change", page.pk)

    def page_to_change(self, request, object_id):
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return Page()
        page = self.get_object(request, object_id)
        if page is None:
            raise Http404("Sidan finns inte.")
        if not self.has_view_or_change_permission(request, page):
            raise PermissionDenied
        return page

    def may_save(self, request, page):
        return self.has_change_permission(request, page) and (
            page.pk is not None or self.has_add_permission(request)
        )

    def form_response(self, request, page, shown, forms, base, *, failed=False):
        media = Media.from_media(self.media + forms.media, nonce=str(request.csp_nonce))
        may_save = self.may_save(request, page)
        context = self.context(
            request,
            page,
            f"Ändra {page.nav_title}" if page.pk else "Ny sida",
            forms=forms,
            base=json.dumps(base, ensure_ascii=False),
            revision=request.POST.get("revision", page.revision) if failed else page.revision,
            failed=failed,
            shown=shown,
            may_save=may_save,
            media=media,
            transitions=self.transitions(request, page, shown),
            standing=page_presenters.standing(page, shown),
            next_step=self.next_step(request, shown),
            coming=self.coming(page),
            views=views_of(page) if page.pk else None,
            may_move=page.pk and request.user.has_perm("guidance.move_page"),
            link_targets=page_presenters.link_targets() if may_save else [],
        )
        return TemplateResponse(request, "admin/guidance/page/change_form.html", context)

    def conflict_response(self, request, page, shown, base, theirs, mine):
        kept = [
            (name, value)
            for name in request.POST
            if name not in {"csrfmiddlewaretoken", "revision", "keep_other", *AFTER_SAVING}
            for value in request.POST.getlist(name)
        ]
        event = shown and shown.events.select_related("by").first()
        context = self.context(
            request,
            page,
            "Någon annan har sparat sidan",
            rows=page_presenters.conflict_rows(base, theirs, mine),
            kept=kept,
            event=event,
        )
        return TemplateResponse(request, "admin/guidance/page/conflict.html", context, status=409)

    def next_step(self, request, shown):
        """The button beside "Spara utkast": (name, word), where a draft goes from here."""
        if shown is None or shown.state == VersionState.IN_REVIEW:
            return None
        address = "granska" if actions.needs_review(shown) else "publicera"
        if not may(request.user, address, shown):
            return None
        return {
            "granska": ("_submit", "Spara och skicka för granskning"),
            "publicera": ("_publish", "Spara och publicera"),
        }[address]

    def coming(self, page):
        """Versions that wait for their time, the next one first."""
        approved = page.versions.filter(state=VersionState.APPROVED) if page.pk else []
        waiting = [version for version in approved if actions.can_be_cancelled(version)]
        return sorted(waiting, key=lambda version: version.publish_at)

    def transitions(self, request, page, shown):
        """The buttons that lead somewhere now: (title, address)."""
        if not page.pk or shown is None:
            return []
        user = request.user
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

    # -- versions ----------------------------------------------------------------------

    def version_or_404(self, request, pk, number):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = PageVersion.objects.select_related("page__parent", "page__owner")
        # page__pk and not page: a number too large for the database is a page that is not there.
        return get_object_or_404(rows, page__pk=pk, number=number)

    def versions_view(self, request, pk):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        page = get_object_or_404(Page.objects.select_related("parent"), pk=pk)
        versions = list(page.versions.select_related("author", "reviewer"))
        live = PageVersion.objects.live().filter(page=page).values_list("pk", flat=True)
        seen = page.versions.seen().filter(suppressed_at=None)
        past = {*seen.values_list("pk", flat=True)} - {*live}
        events = page_presenters.events_by_version(versions)
        rows = [
            {
                "version": version,
                "live": version.pk in set(live),
                "events": events[version.pk],
                "before": older.number if older else None,
                "may_suppress": version.pk in past,
            }
            for version, older in zip(versions, [*versions[1:], None], strict=True)
        ]
        context = self.context(
            request,
            page,
            f"Versioner av {page.nav_title}",
            rows=rows,
            may_suppress=request.user.has_perm("guidance.suppress_pageversion"),
            may_restore=request.user.has_perm("guidance.change_page"),
        )
        return TemplateResponse(request, "admin/guidance/page/versions.html", context)

    def difference_view(self, request, pk, old, new):
        before = self.version_or_404(request, pk, old)
        after = self.version_or_404(request, pk, new)
        context = self.context(
            request,
            after.page,
            f"Skillnad mellan version {old} och {new}",
            before=before,
            after=after,
            sections=changed_parts(before, after),
        )
        return TemplateResponse(request, "admin/guidance/page/difference.html", context)

    def preview_view(self, request, pk, number):
        """A version in the site's own look, with the lasting part that comes with it."""
        version = self.version_or_404(request, pk, number)
        public = PageVersion.objects.live().filter(pk=version.pk).exists()
        context = {**preview_of(version), "version": version, "public": public}
        return render(request, "admin/guidance/page/preview.html", context)

    def check_view(self, request, pk, number):
        """What stands in the way of publishing a version, or is wrong with the live one now."""
        version = self.version_or_404(request, pk, number)
        checked = control(version)
        if PageVersion.objects.live().filter(pk=version.pk).exists():
            PageVersion.objects.filter(pk=version.pk).update(faults=len(checked["errors"]))
        context = self.context(
            request,
            version.page,
            f"Textkontroll: {version.title}",
            version=version,
            checked=checked,
        )
        return TemplateResponse(request, "admin/guidance/page/check.html", context)

    # -- transitions -------------------------------------------------------------------

    def transition_view(self, address):
        title, form_class, action, done, permission = TRANSITIONS[address]

        def view(request, pk, number):
            version = self.version_or_404(request, pk, number)
            if not request.user.has_perm(permission):
                raise PermissionDenied
            page = version.page
            more = (
                {"lasting": actions.lasting_that_cannot_wait(version)}
                if address == "publicera"
                else {}
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
                    self.log_change(request, page, f"{title}: version {number}.")
                    at = form.cleaned_data.get("at")
                    messages.success(
                        request, f"Sidan är godkänd och publiceras {moment(at)}." if at else done
                    )
                    return redirect("admin:guidance_page_change", page.pk)
            version.refresh_from_db()
            context = self.context(
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
                passed_by=self.coming(page) if address == "publicera" else [],
                checked=control(version) if address in {"granska", "publicera"} else None,
                amended=amended_under(version) if address in {"bekrafta", "publicera"} else [],
            )
            return TemplateResponse(request, "admin/guidance/page/transition.html", context)

        return view

    class Media:
        js = ["js/editor-words.js", Script("js/page-form.js", defer=True)]


def moment(at):
    """1 december 2026 kl. 08:00"""
    return date_format(timezone.localtime(at), r"j F Y \k\l. H:i")


def title_of(address, version):
    if address == "publicera" and not actions.needs_review(version):
        return "Publicera"
    if address == "stall-in":
        return f"Ställ in publiceringen av version {version.number}"
    return TRANSITIONS[address][0]


def may(user, address, version):
    needs = [TRANSITIONS[address][4]]
    if address == "publicera" and actions.needs_review(version):
        needs.append("guidance.approve_pageversion")
    if address == "bekrafta":
        return actions.may_confirm(user, version)
    return user.has_perms(needs)
