"""The guides: forms in a page's text whose answer stands in the same place.

Each builds a page's register panel from the address (portal.web.panels), so that an answer
can be shared as a link, needs no script and is stored nowhere.
"""

from django.db.models import Prefetch
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format

from portal.web.clean_address import IDENTITY_NUMBER, REFUSED, holds_identity_number, was_refused
from portal.web.panels import Panel

from . import consent
from .guide_forms import CertificateForm, TimelineForm
from .models import Certificate, CertificateRule, ConsentRule, Milestone
from .timeline import timeline

STYLESHEET = "css/guides.css"
FAULT = "Fel"
NEED = CertificateRule.Need
CONSENT = ConsentRule.Consent

# The answer in a few words, said first and in the page's title.
CONSENT_HEADLINES = {
    CONSENT.NO: "Nej, samtycke behövs inte",
    CONSENT.YES: "Ja, samtycke behövs",
    CONSENT.DUTY: "Nej, samtycke behövs inte: du ska anmäla",
    CONSENT.INFORM: "Nej, men informera patienten",
    CONSENT.APPROVAL: "Ja, patienten ska godkänna det",
    CONSENT.OWN_CONSENT: "Ja, aktören behöver ett eget samtycke",
}
NO_ANSWER = "Inget granskat svar"


def timeline_guide(request):
    """First day and occupation → every date of the case."""
    form = TimelineForm.of(query_of(request))
    if holds_identity_number(form.data):
        return left_for_clean_address("guidance/_timeline.html", request)
    answer = timeline_of(form)
    headline = answer and f"Tidslinje från {answer.first_day:%Y-%m-%d}"
    panel = guide_panel("guidance/_timeline.html", request, form, answer, headline)
    if answer and answer.next:
        on = date_format(answer.next.on, "j F Y")
        panel.in_short = f"Närmast: dag {answer.next.day}, {on}"
    return panel


def timeline_of(form):
    """The timeline that a form asks for, None while it has faults or is empty."""
    if holds_identity_number(form.data) or not form.is_valid():
        return None
    return timeline(
        Milestone.objects.select_related("law", "page__parent"),
        first_day=form.cleaned_data["forsta_dag"],
        occupation=form.cleaned_data["sysselsattning"],
        earlier=form.cleaned_data["tidigare"],
        today=timezone.localdate(),
    )


def certificate_guide(request):
    """Day, occupation and recipient → the right certificate, above the list of them all."""
    form = CertificateForm.of(query_of(request))
    if holds_identity_number(form.data):
        return left_for_clean_address("guidance/_certificate_guide.html", request)
    answers = certificate_answers(form)
    headline = answers and certificate_headline(answers)
    rows = {"rows": Certificate.objects.select_related("page__parent")}
    return guide_panel("guidance/_certificate_guide.html", request, form, answers, headline, **rows)


def certificate_answers(form):
    """[(recipient's name, its rules)], what is due first; None for a form empty or with faults.

    The rules are held by a test to be exactly one for each day, occupation and recipient;
    if an editor breaks that, the reader sees all that fit, or that none does.
    """
    if not form.is_valid():
        return None
    (day, _), occupation = form.cleaned_data["dag"], form.cleaned_data["sysselsattning"]
    chosen = form.cleaned_data["mottagare"]
    certificates = Prefetch("certificates", Certificate.objects.select_related("page__parent"))
    rules = CertificateRule.objects.select_related("law", "page__parent")
    fitting = [
        rule for rule in rules.prefetch_related(certificates) if rule.covers(day, occupation)
    ]
    answers = [
        (label, [rule for rule in fitting if rule.recipient == recipient])
        for recipient, label in Certificate.Recipient.choices
        if chosen in {"", recipient}
    ]
    return sorted(answers, key=urgency)


def urgency(answer):
    """What is due first, and last what nothing is said of."""
    _, rules = answer
    return min((NEED.values.index(rule.need) for rule in rules), default=len(NEED))


def certificate_headline(answers):
    """The certificates that are due now, or what is said of them."""
    rules = [rule for _, found in answers for rule in found]
    due = [
        certificate.code
        for rule in rules
        if rule.need == NEED.NEEDED
        for certificate in rule.certificates.all()
    ]
    if due:
        return f"Skriv {' och '.join(dict.fromkeys(due))}"
    needs = {rule.need for rule in rules}
    if NEED.ON_REQUEST in needs:
        return "Intyg bara på begäran"
    return "Inget intyg behövs normalt än" if NEED.NOT_YET in needs else NO_ANSWER


def consent_guide(request):
    """Who asks, who is to know and why → whether consent is needed, above all the rules."""
    query = query_of(request)
    rules = [*ConsentRule.objects.prefetch_related("documents", "laws")]
    asked = ConsentQuestion(rules, *(query.get(name, "") for name in ("vem", "till", "syfte")))
    headline = ""
    if asked.is_complete:
        headline = CONSENT_HEADLINES[asked.rule.consent] if asked.rule else NO_ANSWER
    return Panel(
        "guidance/_consent_guide.html",
        {"rows": rules, "asked": asked, "headline": headline, "single": asked.single},
        headline=FAULT if asked.unknown else headline,
        anchor="svar" if headline else "",
        stylesheet=STYLESHEET,
    )


class ConsentQuestion:
    """A question to the consent guide, as far as it has been asked.

    Of one choice only there is nothing to choose: it is taken for granted. `unknown` says
    that something in the address is no choice here.
    """

    def __init__(self, rules, who, recipient, purpose):
        self.caregivers = consent.CAREGIVERS
        self.who = who if who in self.caregivers else ""
        caregiver = self.caregivers.get(self.who)
        self.recipients = consent.recipients(rules, caregiver) if caregiver else []
        # Recipients whose choice gives the answer at once.
        self.single = {
            each.key for each in self.recipients if len(consent.purposes(rules, each.label)) == 1
        }
        self.recipient = one_of(self.recipients, recipient)
        name = self.recipient.label if self.recipient else ""
        self.purposes = consent.purposes(rules, name) if name else []
        self.purpose = one_of(self.purposes, purpose) or self._same_purpose(rules, purpose)
        self.is_complete = self.purpose is not None
        self.rule = (
            consent.answer(rules, caregiver, name, self.purpose.label) if self.purpose else None
        )
        given = ((who, self.who), (recipient, self.recipient), (purpose, self.purpose))
        self.unknown = any(asked and not found for asked, found in given)

    def _same_purpose(self, rules, code):
        """The purpose of another rule with the same words: an address with its code holds."""
        words = {rule.purpose for rule in rules if rule.code.lower() == code}
        return next((each for each in self.purposes if each.label in words), None)


def one_of(choices, key):
    if not key and len(choices) == 1:
        return choices[0]
    return next((choice for choice in choices if choice.key == key), None)


def query_of(request):
    """The address's query; an empty one where a page is made without a reader."""
    return request.GET if request else QueryDict()


def guide_panel(template, request, form, answer, headline, **rows):
    """A form with its answer, or with what is wrong in it."""
    refused = request is not None and was_refused(request)
    return Panel(
        template,
        {"form": form, "answer": answer, "headline": headline, "refused": refused, **rows},
        headline=FAULT if form.errors or refused else headline or "",
        anchor="svar" if headline else "",
        stylesheet=STYLESHEET,
        private=form.is_bound or refused,
    )


def left_for_clean_address(template, request):
    """Off to the page without what could be an identity number: it must not stay in the
    address bar, be shared or printed."""
    return Panel(
        template, private=True, leave_for=f"{request.path}?{REFUSED}={IDENTITY_NUMBER}#svar"
    )
