from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.web.site import site_of
from portal.web.theme import tokens

from .structure import structure_today
from .structure_drawing import bands_of, draw


@require_safe
def structure_file(request):
    """The drawing as a file of its own, with its colours in it: light, for slides."""
    site = site_of(request)
    structure = structure_today()
    context = {
        "site": site,
        "day": timezone.localdate(),
        "drawing": draw(structure),
        "bands": bands_of(structure),
        "colours": tokens(site.theme_hue)["light"],
    }
    return render(request, "organisation/structure.svg", context, content_type="image/svg+xml")
