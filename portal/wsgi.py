import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django = get_wsgi_application()

from portal.caching.page_cache import PageCache  # noqa: E402
from portal.observing.requests import Observed  # noqa: E402  (needs Django to be set up)

application = Observed(PageCache(django))
