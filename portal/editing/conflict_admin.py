"""Two editors in the admin on one row, or on rows that belong to it: nothing is overwritten.

Each form carries what it held when it was opened, signed. Whoever saves after somebody else
is shown both and decides; until then nothing of hers is stored and nothing of it is lost.
"""

from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import router, transaction
from django.http import QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .conflicts import MINE, THEIRS, Merge, Shape, labelled

TOKEN = "_opened"  # noqa: S105  (a field's name)
CHOICE = "_choose:"


class ConflictAdmin:
    """A ModelAdmin's part that lets nobody save over what she has not seen."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        ordinary = super().changeform_view
        # "Save as new" makes a row of its own.
        if request.method != "POST" or object_id is None or "_saveasnew" in request.POST:
            return ordinary(request, object_id, form_url, extra_context)
        with transaction.atomic(using=router.db_for_write(self.model)):
            return self.refuse_conflict(request, object_id) or ordinary(
                request, object_id, form_url, extra_context
            )

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if request.method == "POST":
            # The form has faults; what it was when it was opened is as before.
            context["opened_as"] = request.POST.get(TOKEN, "")
            inlines = [each.formset for each in context["inline_admin_formsets"]]
            ask_for_files_again(request, context["adminform"].form, inlines)
        elif obj is not None and self.has_change_permission(request, obj):
            inlines = context["inline_admin_formsets"]
            formsets = [each.formset for each in inlines if each.has_change_permission]
            shape = Shape(context["adminform"].form, formsets)
            context["opened_as"] = self.opened_as(obj.pk, shape.stored())
        return super().render_change_form(request, context, add, change, form_url, obj)

    def opened_as(self, pk, base, seen=None):
        """What a form carries.

        base  the state when it was opened; None when there was no such row, or is not known
        seen  what somebody else had saved, when the form is one that shows it
        """
        moment = timezone.now().isoformat()
        return signing.dumps(
            {"base": base, "seen": seen, "at": moment}, salt=self._salt(pk), compress=True
        )

    def _opened(self, request, pk):
        try:
            return signing.loads(request.POST.get(TOKEN, ""), salt=self._salt(pk))
        except signing.BadSignature:
            return None

    def _salt(self, pk):
        return f"portal.editing.conflict_admin:{self.opts.label}:{pk}"

    # -- saving ------------------------------------------------------------------------

    def refuse_conflict(self, request, object_id, *, with_rows=True):
        """The page for somebody who was not first, or None: then what is saved is
        request.POST, to which her choices may have been brought."""
        obj = self._locked(request, unquote(object_id))
        if obj is None:
            opened = self._opened(request, unquote(object_id))
            if opened and (opened["seen"] or opened["base"]):
                return self._gone_response(request, opened)
            return None
        if not self.has_change_permission(request, obj):
            return None
        opened = self._opened(request, obj.pk) or {"base": None, "seen": None, "at": None}
        shape = self.shape_of(request, obj, with_rows=with_rows)
        theirs = shape.stored()
        if opened["seen"] is None and opened["base"] == theirs:
            return None
        shown = opened["seen"] == theirs
        merge = Merge(
            shape,
            base=opened["base"],
            theirs=theirs,
            mine=shape.sent(request.POST),
            choices=chosen_in(request.POST) if shown else {},
        )
        known = opened["base"] is not None
        if (shown and not merge.undecided) or (known and merge.loses_nothing_unseen):
            data = request.POST.copy()
            shape.write(merge.state, data, request.FILES)
            data[TOKEN] = self.opened_as(obj.pk, theirs)
            request.POST = data
            return None
        return self._conflict_response(request, obj, opened, theirs, merge, again=shown)

    # -- deleting ----------------------------------------------------------------------

    def delete_view(self, request, object_id, extra_context=None):
        """Django's own. Its page carries what the row held, as a form does; a press without
        that did not come from the page, and is taken at its word."""
        ordinary, extra = super().delete_view, extra_context or {}
        if request.method != "POST":
            obj = self.get_object(request, unquote(object_id))
            if obj is not None and self.has_delete_permission(request, obj):
                state = self.shape_of(request, obj).stored()
                extra = {**extra, "opened_as": self.opened_as(obj.pk, state)}
            return ordinary(request, object_id, extra)
        with transaction.atomic(using=router.db_for_write(self.model)):
            obj = self._locked(request, unquote(object_id))
            stale = obj and self._changed_since_asked(request, obj)
            if not stale or not self.has_delete_permission(request, obj):
                return ordinary(request, object_id, extra)
            # Without what was sent it is the question once more.
            request.POST = QueryDict()
            response = ordinary(request, object_id, {**extra, **stale})
            response.status_code = 409
            return response

    def _changed_since_asked(self, request, obj):
        """What the page says of a row that is not as it was when it was to be deleted."""
        opened = self._opened(request, obj.pk)
        if opened is None or opened["base"] is None:
            return None
        shape = self.shape_of(request, obj)
        theirs = shape.stored()
        if opened["base"] == theirs:
            return None
        mine = shape.untouched(opened["base"])
        merge = Merge(shape, base=opened["base"], theirs=theirs, mine=mine, choices={})
        return {
            "opened_as": self.opened_as(obj.pk, theirs),
            "changed": merge.differences,
            "saved": self._latest_change(obj, since=opened["at"]),
        }

    def _locked(self, request, object_id):
        """The row as it is when nobody else can save it before this request has ended.

        SQLite has taken its only lock already: the transaction is an immediate one.
        """
        to_field = request.POST.get(TO_FIELD_VAR, request.GET.get(TO_FIELD_VAR))
        if to_field and not self.to_field_allowed(request, to_field):
            return None
        obj = self.get_object(request, object_id, to_field)
        if obj is None:
            return None
        # By key alone: PostgreSQL locks no row of a table the usual order joins in.
        rows = self.model._base_manager.select_for_update().filter(pk=obj.pk).order_by("pk")
        rows.values_list("pk").first()
        return self.get_object(request, object_id, to_field)

    def shape_of(self, request, obj, *, with_rows=True):
        """The form and the inlines that somebody has for a row, as it is stored."""
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        form = self.get_form(request, obj, change=True, fields=names)(instance=obj)
        formsets, taken = [], {}
        for formset_class, inline in self.get_formsets_with_inlines(request, obj):
            prefix = formset_class.get_default_prefix()
            # Numbered as Django does it, when two inlines have one prefix.
            taken[prefix] = number = taken.get(prefix, 0) + 1
            if with_rows and inline.has_change_permission(request, obj):
                formsets.append(
                    formset_class(
                        instance=obj,
                        prefix=prefix if number == 1 else f"{prefix}-{number}",
                        queryset=inline.get_queryset(request),
                    )
                )
        return Shape(form, formsets)

    # -- pages -------------------------------------------------------------------------

    def _conflict_response(self, request, obj, opened, theirs, merge, *, again):
        known = opened["base"] is not None
        context = {
            "title": "Uppgifterna har sparats medan du skrev" if known else "Kontrollera först",
            "row": obj,
            "known": known,
            "again": again,
            "saved": self._latest_change(obj, since=opened["at"]) if known else None,
            "to_choose": [each for each in merge.differences if each.by == "both"],
            "theirs": [each for each in merge.differences if each.by == THEIRS],
            "mine": [each for each in merge.differences if each.by == MINE],
            "kept": typed_in(request.POST),
            "choice_name": CHOICE,
            "opened_as": self.opened_as(obj.pk, opened["base"], seen=theirs),
            "files": [
                {"name": name, "label": label, "chosen": file.name}
                for name, file in request.FILES.items()
                if (label := merge.shape.label_of(name))
            ],
        }
        return self._page(request, "admin/conflict.html", context, status=409)

    def _gone_response(self, request, opened):
        """The row is not there any more; what was typed can be copied."""
        shape = self.shape_of(request, self.model())
        state, sent = opened["base"] or opened["seen"], shape.sent(request.POST)
        fields = {name: shape.fields[name] for name in shape.fields if name in state["fields"]}
        values = [("Det du skrev", labelled(fields, sent["fields"]))]
        for prefix, rows in sent["rows"].items():
            kind, fields = shape.kind_of(prefix), shape.row_fields[prefix]
            values += [(kind, labelled(fields, row["fields"])) for row in rows.values()]
        context = {"title": "Det du ändrade finns inte längre", "values": values}
        return self._page(request, "admin/gone.html", context, status=410)

    def _page(self, request, template, context, *, status):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "is_popup": IS_POPUP_VAR in request.POST or IS_POPUP_VAR in request.GET,
            "form_address": request.get_full_path(),
            "media": self.media,
            **context,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, context, status=status)

    def _latest_change(self, obj, *, since):
        """Who saved the row and when, from the admin's log and from its history if it has one.

        Some changes come another way: then it is only known that there is one.
        """
        since = parse_datetime(since)
        log = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(obj),
            object_id=str(obj.pk),
            action_time__gte=since,
        )
        found = [(each.action_time, each.user) for each in log.select_related("user")[:1]]
        if hasattr(self.model._meta, "simple_history_manager_attribute"):
            records = obj.history.filter(history_date__gte=since).select_related("history_user")
            found += [(each.history_date, each.history_user) for each in records[:1]]
        # The log's row and the history's are of the same moment; one of them has the person.
        return max(found, key=lambda each: (each[1] is not None, each[0]), default=None)


def ask_for_files_again(request, form, formsets):
    """A browser sends a file once: the form that comes back says so at the field."""
    rows = [row for formset in formsets for row in formset.forms]
    for each in [form, *rows] if request.FILES else []:
        for name in each.fields:
            file = request.FILES.get(each.add_prefix(name))
            if file and each.is_bound and name not in each.errors:
                each.add_error(name, f"Filen är inte sparad. Välj ”{file.name}” igen.")


def chosen_in(data):
    return {
        name.removeprefix(CHOICE): value
        for name, value in data.items()
        if name.startswith(CHOICE) and value in {THEIRS, MINE}
    }


def typed_in(data):
    """What was typed, to be sent once more."""
    return [
        (name, value)
        for name in data
        if name not in {"csrfmiddlewaretoken", TOKEN} and not name.startswith(CHOICE)
        for value in data.getlist(name)
    ]
