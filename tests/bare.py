"""The least Django can do: one address, no middleware, two bytes. The benchmark's yardstick."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    # portal.gunicorn moves it when a worker begins; here is none.
    CONTENT_STAMP="",
)


def ok(request):
    return HttpResponse(b"ok")


urlpatterns = [path("", ok)]
application = get_wsgi_application()
