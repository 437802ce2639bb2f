"""Pages in the admin: writing beside the live version, review, preview, versions."""

from functools import partial

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.urls import path
from django.utils import timezone
from js_asset import Script

from portal.caching.prepared import Question
from portal.editing.model_admin import LongLists
from portal.publishing.models import VersionState

from .link_target_admin import link_targets_json, link_targets_view
from .models import Page, PageVersion
from .page_form_admin import change_view
from .page_move_admin import move_view
from .page_share_admin import share_view
from .page_transition_admin import TRANSITIONS, moment, transition_view
from .page_version_admin import check_view, difference_view, preview_view, versions_view
from .page_view_admin import views_csv, views_list
from .waiting import WaitingFilter

_version_of = Question(
    lambda page, number: (
        PageVersion.objects.filter(page=page, number=number)
        .select_related("page__parent", "page__owner")
        .order_by()
    )
)


class SectionFilter(admin.RelatedFieldListFilter):
    """The sections, not every page that could be somebody's parent."""

    def field_choices(self, field, request, model_admin):
        return field.get_choices(include_blank=False, limit_choices_to={"parent": None})


@admin.register(Page)
class PageAdmin(LongLists, admin.ModelAdmin):
    # What readers see and what is under way, before what seldom changes.
    list_display = ["nav_title", "public_state", "working_state", "kind", "owner", "address"]
    list_filter = [WaitingFilter, "kind", ("parent", SectionFilter), "register"]
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
            view("versions", "<int:pk>/versioner/", partial(versions_view, self)),
            view(
                "difference",
                "<int:pk>/versioner/<int:old>..<int:new>/",
                partial(difference_view, self),
            ),
            view("preview", "<int:pk>/versioner/<int:number>/", partial(preview_view, self)),
            view("check", "<int:pk>/versioner/<int:number>/kontroll/", partial(check_view, self)),
            view("move", "<int:pk>/flytta/", partial(move_view, self)),
            view("link_targets", "lankmal/", partial(link_targets_view, self)),
            view("link_targets_json", "lankmal.json", partial(link_targets_json, self)),
            view("views", "visningar/", partial(views_list, self)),
            view("views_csv", "visningar.csv", partial(views_csv, self)),
            view("share", "<int:pk>/versioner/<int:number>/dela/", partial(share_view, self)),
            *(
                view(
                    f"transition_{address.replace('-', '_')}",
                    f"<int:pk>/versioner/<int:number>/{address}/",
                    transition_view(self, address),
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

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return change_view(self, request, object_id)

    def version_or_404(self, request, pk, number):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        # A number too large for the database is a page that is not there.
        found = _version_of(pk, number) if max(pk, number) < 2**31 else []
        if not found:
            raise Http404
        return found[0]

    class Media:
        js = ["js/editor-words.js", Script("js/page-form.js", defer=True)]
