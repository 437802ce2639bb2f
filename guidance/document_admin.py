"""Documents and their files as editors see them."""

from functools import partial

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.forms.models import BaseInlineFormSet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path

from portal.editing.model_admin import REVIEW, TO_REVIEW

from .document_files import ALLOWED, readable_size
from .document_responses import file_response
from .models import Document, DocumentVersion
from .register_admin import ADDRESS_HELP, RegisterAdmin
from .unused_files import remove_unused


class FileWidget(forms.ClearableFileInput):
    clear_checkbox_label = "Ta bort filen"
    initial_text = "Nu"
    input_text = "Byt till"
    template_name = "admin/widgets/clearable_file_input.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if self.is_initial(value):
            context["widget"]["value"] = NamedFile(value)
        return context


class NamedFile:
    """A stored file by the name that it came with; it lies under its checksum."""

    def __init__(self, stored):
        self.url, self.name = stored.url, stored.instance.file_name

    def __str__(self):
        return self.name


class DocumentVersionForm(forms.ModelForm):
    class Meta:
        widgets = {"file": FileWidget(attrs={"accept": ".pdf,.docx,.xlsx,.odt"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        largest = readable_size(settings.LARGEST_DOCUMENT)
        if "file" in self.fields:
            self.fields["file"].help_text = (
                f"{ALLOWED}, högst {largest}, utan makron och lösenord. Stora filer kan ta en "
                "stund: vänta tills sidan har svarat."
            )
        # Readers and other websites have the address.
        if "slug" in self.fields and self.instance.slug:
            self.fields["slug"].disabled = True


class DocumentVersionFormSet(BaseInlineFormSet):
    def clean(self):
        super().clean()
        rows = [
            form.instance
            for form in self.forms
            if form.is_valid() and form.has_changed() | bool(form.instance.pk)
            if not self._should_delete_form(form)
        ]
        slugs = [row.slug for row in rows if row.slug]
        if doubled := next((slug for slug in slugs if slugs.count(slug) > 1), None):
            raise ValidationError(f"Två versioner har adressnamnet ”{doubled}”. Skriv olika.")
        self.instance.check_versions(rows)


class DocumentVersionInline(admin.StackedInline):
    model = DocumentVersion
    form = DocumentVersionForm
    formset = DocumentVersionFormSet
    extra = 0
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["label", "file", "facts", "url", "valid_from", "valid_to"]}),
        (
            "Mer om versionen",
            {"fields": ["language", "accessible", "year", "note", "slug", "position"]},
        ),
    ]
    readonly_fields = ["facts"]

    @admin.display(description="filens innehåll")
    def facts(self, version):
        # A file that was just refused is shown with its fault and has no facts.
        if not version.file or not version.file._committed:
            return "–"
        pages = f", {version.file_pages} sidor" if version.file_pages else ""
        kind, size = version.get_file_kind_display(), version.readable_size
        return f"{version.file_name}: {kind}, {size}{pages}. SHA-256 {version.checksum}"


@admin.register(Document)
class DocumentAdmin(RegisterAdmin):
    list_display = ["title", "code", "kind", "issuer", "latest_year", "has_review_note"]
    list_filter = ["kind", "issuer", TO_REVIEW]
    search_fields = ["title", "code", "slug", "issuer"]
    autocomplete_fields = ["page"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "code", "kind", "issuer", "description"]}),
        (
            "Var det finns",
            {
                "fields": ["url", "page"],
                "description": "Utgivarens webbplats eller en sida här. Filer och länkar med datum "
                "läggs till som versioner nedan.",
            },
        ),
        ("Hör till", {"fields": ["roles"]}),
        REVIEW,
    ]
    inlines = [DocumentVersionInline]
    fixed_fields = ["slug"]
    help_texts = {"slug": ADDRESS_HELP, "code": ""}  # the issuer's own code
    kind = "document"

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(latest_year=Max("versions__year"))

    @admin.display(description="senaste version", ordering="latest_year")
    def latest_year(self, document):
        return document.latest_year

    def get_urls(self):
        view = self.admin_site.admin_view(self.version_file)
        return [
            path("version/<int:pk>/", view, name="guidance_document_file"),
            *super().get_urls(),
        ]

    def version_file(self, request, pk):
        """The file as editors get it, before its first day too."""
        if not request.user.has_perm("guidance.view_documentversion"):
            raise PermissionDenied
        version = get_object_or_404(DocumentVersion.objects.select_related("document"), pk=pk)
        if not version.file:
            raise Http404("Versionen har ingen fil.")
        response = file_response(request, version, keep=False)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    # Files that no version has any more go when the change is made for good.

    def save_formset(self, request, form, formset, change):
        before = names_of(form.instance.pk)
        super().save_formset(request, form, formset, change)
        transaction.on_commit(partial(remove_unused, before))

    def delete_model(self, request, obj):
        before = names_of(obj.pk)
        super().delete_model(request, obj)
        transaction.on_commit(partial(remove_unused, before))

    def delete_queryset(self, request, queryset):
        before = {name for pk in queryset.values_list("pk", flat=True) for name in names_of(pk)}
        super().delete_queryset(request, queryset)
        transaction.on_commit(partial(remove_unused, before))


def names_of(document):
    """Where the files of a document's versions lie."""
    return set(
        DocumentVersion.objects.filter(document=document)
        .exclude(file="")
        .values_list("file", flat=True)
    )
