"""Hjälpte sidan dig? An answer by one press, then perhaps some words. No account, no cookie."""

from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.web.frames import Frame
from portal.web.open_forms import OpenForm

from . import feedback
from .feedback_forms import AnswerForm, CommentForm
from .models import Feedback, Page, PageVersion

FEEDBACK = OpenForm(
    "aterkoppling",
    per_hour=120,
    old="Sidan hade legat öppen för länge. Svara en gång till, så tas svaret emot.",
    too_many="Det har kommit många svar från ditt nätverk. Vänta en stund och skicka igen.",
)
NO_ANSWER = "Välj Ja, Delvis eller Nej."


def live_version_or_404(slug):
    """The version that readers have of a page, by today's name or one it has had."""
    page = Page.objects.named([slug]).get(slug)
    live = PageVersion.objects.live().select_related("page__parent")
    version = page and live.filter(page=page).first()
    if not version:
        raise Http404("Sidan finns inte.")
    return page, version


def shown(request, template, version, title, **context):
    """A page of the conversation, under the page that it is about."""
    page = version.page
    crumbs = [("Start", "/"), (page.nav_title, page.get_absolute_url())]
    context |= {"frame": Frame(title=title, crumbs=crumbs), "page": page, "version": version}
    return FEEDBACK.page(request, f"guidance/{template}.html", **context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def question(request, slug):
    """Stores an answer; shows the question again when there was something wrong with it."""
    page, version = live_version_or_404(slug)
    fault = ""
    if request.method == "POST":
        form = AnswerForm(request.POST)
        if form.is_valid():
            fault = FEEDBACK.obstacle(request, form.cleaned_data["kod"])
        else:
            fault = NO_ANSWER
        if not fault:
            receipt = feedback.store_answer(
                request,
                page,
                version_number=read_version(page, version, form.cleaned_data["version"]),
                answer=form.cleaned_data["svar"],
            )
            return redirect("guidance:feedback_comment", page.slug, receipt)
    return shown(request, "feedback_question", version, "Hjälpte sidan dig?", fault=fault)


def read_version(page, live, number):
    """The version that the reader had before her, if it is one that readers have had."""
    if number and PageVersion.objects.released().filter(page=page, number=number).exists():
        return number
    return live.number


@csrf_exempt
@sensitive_post_parameters("kommentar")
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request, slug, receipt):
    """Thanks for the answer, and asks for words. What is refused is stored nowhere."""
    page, version = live_version_or_404(slug)
    if not Feedback.objects.open_for_words().filter(receipt=receipt, page=page).exists():
        return redirect("guidance:feedback", page.slug)
    form, fault = CommentForm(request.POST or None), ""
    if request.method == "POST":
        if form.is_from_a_program:
            return redirect("guidance:feedback_thanks", page.slug)
        if form.is_valid():
            fault = FEEDBACK.obstacle(request, form.cleaned_data["kod"])
            if not fault:
                feedback.add_comment(receipt, form.cleaned_data["kommentar"])
                return redirect("guidance:feedback_thanks", page.slug)
    title = "Rätta texten" if form.errors else "Tack för ditt svar"
    return shown(request, "feedback_comment", version, title, form=form, fault=fault)


@require_safe
def thanks(request, slug):
    _, version = live_version_or_404(slug)
    return shown(request, "feedback_thanks", version, "Tack, din synpunkt är skickad")
