"""Template tags that all pages use; built in, so that no template has to load them."""

import hashlib
import json
from datetime import date
from functools import cache, lru_cache

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.template.defaultfilters import date as date_filter
from django.template.loader import get_template
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.caching.parts import kept
from portal.web import form_token as tokens
from portal.web.phones import dialled
from portal.web.theme import theme_css

register = template.Library()


@cache
def icon_markup(name: str) -> SafeString:
    # Files of our own repository, no reader's text: safe to inline.
    return mark_safe(get_template(f"icons/{name}.svg").render().strip())


@register.simple_tag
def icon(name):
    """An icon's SVG, inlined. It is decoration: text always stands beside it."""
    return icon_markup(name)


@register.simple_tag
def form_token(form_name):
    return tokens.form_token(form_name)


class KeepNode(template.Node):
    def __init__(self, nodes, name, values):
        self.nodes, self.name, self.values = nodes, name, values

    def render(self, context):
        # What nobody has said is None.
        key = tuple(value.resolve(context, ignore_failures=True) for value in self.values)
        if None in key:
            return self.nodes.render(context)
        return kept(f"html {self.name}", key, lambda: self.nodes.render(context))


@register.tag
def keep(parser, token):
    """{% keep footer appearance %}…{% endkeep %}: a part that all readers share, made once
    while no content changes. What it differs by, besides content, stands after its name; a None
    among that says that it is one reader's, and then it is made anew.

    What only such a part shows, a view gives as a function (`functools.cache` round it, if it is
    shown twice): the template calls it when the part is made, and else it costs nothing."""
    _, name, *values = token.split_contents()
    nodes = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeepNode(nodes, name, [parser.compile_filter(value) for value in values])


@register.filter
def mark_current(html, address):
    """A kept navigation with the link to the page itself marked as such."""
    link = format_html('<a href="{}"', address)
    html = html.replace(f'{link} aria-current="true"', link, 1)
    return mark_safe(html.replace(link, f'{link} aria-current="page"', 1))


_IN_SCRIPT = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def linked_data(data):
    """JSON-LD in its own element, which browsers read as data: the page's policy allows no script,
    and none is run. What could end the element is written as numbers."""
    text = json.dumps(data, ensure_ascii=False, cls=DjangoJSONEncoder).translate(_IN_SCRIPT)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))


@register.filter
def ready_html(html):
    """HTML that was sanitised and stored ready-made when it was published."""
    return mark_safe(html)


@register.filter(name="date", expects_localtime=True)
def worded_date(day, form=None):
    """Django's own filter, which takes longer than all else of a page's heading; pages show the
    same few days again and again."""
    return _worded_day(day, form) if type(day) is date else date_filter(day, form)


@lru_cache(5000)
def _worded_day(day, form):
    return date_filter(day, form)


@register.filter
def phone_link(number):
    """A phone number as a link that dials it; a text that begins with none as it is."""
    address = dialled(number or "")
    return format_html('<a href="tel:{}">{}</a>', address, number) if address else number or ""


@register.filter
def mail_link(address):
    """A mail address as a link that may break after its @ and before its points."""
    if not address:
        return ""
    name, _, domain = address.partition("@")
    parts = format_html_join(mark_safe("<wbr>."), "{}", ((part,) for part in domain.split(".")))
    return format_html('<a href="mailto:{}">{}@<wbr>{}</a>', address, name, parts)


@register.filter
def grouped(number):
    """A count with a blank between thousands: 4280 → "4 280"; a dash when there is none."""
    if isinstance(number, int):
        return f"{number:,}".replace(",", "\u00a0")  # as number_format, ten times as fast
    return "–" if number in {None, ""} else number_format(number, force_grouping=True)


@register.filter
def page_numbers(page):
    """The numbers of a pager: the ends, those around the page itself, and "…" between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.simple_tag(takes_context=True)
def theme_url(context):
    """The region's colours; a new version of the code gets a new address."""
    hue = context["site_settings"].theme_hue
    return f"{reverse('theme', args=[hue])}?v={theme_version(hue)}"


@cache
def theme_version(hue):
    return hashlib.sha256(theme_css(hue).encode()).hexdigest()[:8]


@register.simple_tag
def month_name(number):
    return str(MONTHS[number]).capitalize()
