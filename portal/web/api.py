"""What all of the read-only JSON under /api/v1/ has in common.

Rooms bring routers of their own (`organisation/api.py`); portal/urls.py joins them here. It is
public data, read without account or cookie, so any website may read it from a browser (CORS *):
nothing is answered to one who is signed in that is not answered to all.
"""

import hashlib

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import JsonResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from ninja import NinjaAPI, Schema
from ninja.errors import ValidationError
from ninja.renderers import JSONRenderer
from pydantic import Field

from .rate_limit import within_limit_of_many

PREFIX = "/api/v1/"
MESSAGES = {
    400: "Frågan går inte att tyda.",
    404: "Det finns inget på den här adressen.",
    405: "Bara GET går att använda: gränssnittet är till för att läsa.",
    410: "Det som fanns här har upphört.",
    422: "Frågan går inte att tyda.",
    429: "För många frågor från samma adress den här timmen. Vänta och försök igen.",
}
# Rows in a page of a list.
PER_PAGE = 100
OTHERWISE = "Något gick fel. Försök igen om en stund."


class ReadableJSON(JSONRenderer):
    """Å, ä and ö as themselves."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="Försäkringsmedicin",
    version="1",
    description=(
        "Enheter, roller, kontakter och kurser som öppna data, för andra system som ska visa vem "
        "som är koordinator eller vad som går att lära sig. Bara läsning. Svaren har ETag: skicka "
        "den i If-None-Match så kommer inget innehåll när inget har ändrats. Uppgifterna gäller i "
        "dag och ska inte sparas längre än till nästa dygn: uppdrag byts och namn tas bort."
    ),
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api",
    renderer=ReadableJSON(),
)


class Problem(Schema):
    """Ett svar när det inte gick."""

    status: int = Field(description="Samma som HTTP-svarets kod.")
    message: str = Field(description="Vad som är fel, på svenska.")
    errors: dict[str, list[str]] = Field(
        default={}, description="Fel i frågan, efter parameterns namn."
    )
    successor: str | None = Field(
        default=None, description="HSA-id för det som har tagit vid, när något har upphört."
    )


class Coded(Schema):
    code: str
    name: str


def coded(row) -> dict:
    return {"code": row.code, "name": getattr(row, "title", None) or row.name}


class ListPage(Schema):
    """Where in a list a page of it is."""

    count: int = Field(description="Antal rader som svarar mot frågan, på alla sidor.")
    page: int
    pages: int
    next: str | None = Field(description="Adressen till nästa sida.")
    previous: str | None


def page_of(request, rows, number) -> tuple[Page, dict]:
    """A page of a list, the nearest when there is none of that number, and its ListPage."""
    page = Paginator(rows, PER_PAGE).get_page(number)
    place = {
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "next": _page_url(request, page.number + 1) if page.has_next() else None,
        "previous": _page_url(request, page.number - 1) if page.has_previous() else None,
    }
    return page, place


def _page_url(request, number):
    query = request.GET.copy()
    query["page"] = number
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def problem(status: int, message: str = "", **details) -> JsonResponse:
    said = message or MESSAGES.get(status, OTHERWISE)
    return JsonResponse(
        {"status": status, "message": said, **details},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )


@api.exception_handler(ValidationError)
def wrong_parameters(request, fault):
    """The names of the parameters that are wrong; pydantic's own words are English."""
    names = {str(each["loc"][-1]): ["Värdet går inte att tyda."] for each in fault.errors}
    return problem(422, errors=names)


def answers(get_response):
    """Headers, limits and errors of everything below the API's address, whoever answers."""

    def middleware(request):
        if not request.path.startswith(PREFIX):
            return get_response(request)
        return _with_headers(_answer(request, get_response))

    return middleware


def _answer(request, get_response):
    if request.method == "OPTIONS":
        response = JsonResponse({}, status=200)
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
        return response
    if request.method not in {"GET", "HEAD"}:
        response = problem(405)
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
        return response
    if not within_limit_of_many(request, "api", per_hour=settings.API_PER_HOUR):
        response = problem(429)
        response.headers["Retry-After"] = "3600"
        return response
    if request.method == "HEAD":
        # The framework's views answer GET only.
        request.method = "GET"
        response = _read(request, get_response)
        request.method = "HEAD"
        response.content = b""
        return response
    return _read(request, get_response)


def _read(request, get_response):
    response = get_response(request)
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    if response.status_code >= 400 and not is_json:
        # The site's own pages for what is not found are HTML.
        return problem(response.status_code)
    if response.status_code == 200:
        response.headers["ETag"] = f'"{_digest(response.content)}"'
        patch_cache_control(response, public=True, no_cache=True)
        return get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return response


def _digest(content):
    return hashlib.sha256(content).hexdigest()[:32]


def _with_headers(response):
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    response.headers["Access-Control-Max-Age"] = "86400"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
