"""Follow a course, or all of them, by letter. No account, no cookie; a GET changes nothing."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.web.open_forms import OpenForm

from . import following
from .conversation import shown
from .following_forms import FollowForm
from .models import Course, NewsKind

FOLLOW = OpenForm("folj", per_hour=60)
CALENDAR = "kalender"


@csrf_exempt
@sensitive_post_parameters("epost")
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request, slug=""):
    """The question, for one course or all. The answer tells nothing of who follows already."""
    course = get_object_or_404(Course.objects.public(), slug=slug) if slug else None
    form, fault = FollowForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        if form.is_from_a_program:
            return redirect("education:follow_sent")
        if form.is_valid():
            chosen = form.cleaned_data
            fault = FOLLOW.obstacle(request, chosen["kod"])
            if not fault:
                following.ask(
                    address=chosen["epost"],
                    course=course,
                    kinds=chosen["slag"],
                    rhythm=chosen["takt"],
                )
                return redirect("education:follow_sent")
    title = f"Följ {course.title}" if course else "Följ alla utbildningar"
    context = {"form": form, "fault": fault, "course": course}
    return shown(request, FOLLOW, "follow", title, below=CALENDAR, **context)


@require_safe
def sent(request):
    return shown(request, FOLLOW, "follow_sent", "Titta i din e-post", below=CALENDAR)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    """The page that the letter leads to. Programs that follow links in letters press nothing."""
    subscription = following.find(token)
    if subscription is None:
        return gone(request, token)
    if request.method == "POST":
        following.confirm(subscription)
        return redirect("education:follow_confirm", token)
    is_confirmed = subscription.confirmed_at is not None
    context = {
        "subscription": subscription,
        "kinds": [NewsKind(kind).label for kind in subscription.kinds],
        "leave_url": reverse("education:follow_leave", args=[token]),
    }
    title = "Du följer" if is_confirmed else "Vill du följa?"
    return shown(request, FOLLOW, "follow_confirm", title, below=CALENDAR, **context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, token):
    """By the button, or by a mail program's own (RFC 8058), which follows no redirection."""
    subscription = following.find(token)
    if subscription is None:
        return gone(request, token)
    if request.method == "POST":
        following.leave(subscription)
        return shown(request, FOLLOW, "follow_left", "Du följer inte längre", below=CALENDAR)
    return shown(
        request, FOLLOW, "follow_leave", "Sluta följa?", below=CALENDAR, subscription=subscription
    )


def gone(request, token):
    """The link was ours and its row has been erased: there is nothing left to leave."""
    if not following.is_ours(token):
        raise Http404("Länken finns inte.")
    return shown(request, FOLLOW, "follow_left", "Du följer inte längre", below=CALENDAR)
