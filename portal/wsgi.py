import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django = get_wsgi_application()

from portal.web.observing import Observed  # noqa: E402  (needs Django to be set up)
from portal.web.page_cache import PageCache  # noqa: E402

application = Observed(PageCache(django))
