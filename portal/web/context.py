from django.conf import settings

from .forms import APPEARANCE_COOKIE, AppearanceForm
from .menu import MENU


def site(request):
    """What every page's frame shows. No query, no cookie set, the same for all readers
    but for the appearance that a reader has chosen."""
    form = AppearanceForm({"utseende": request.COOKIES.get(APPEARANCE_COOKIE, "")})
    return {
        "region_name": settings.REGION_NAME,
        "region_hue": settings.REGION_HUE,
        "demo_data": settings.DEMO_DATA,
        "main_menu": MENU,
        "appearance": form.cleaned_data["utseende"] if form.is_valid() else "",
    }
