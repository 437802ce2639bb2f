"""The portal's own settings, as in production, with what a test run needs changed."""

import os
import tempfile

os.environ.setdefault("PORTAL_SECRET_KEY", "only-for-the-test-run")

from portal.settings import *  # noqa: F403
from portal.settings import STORAGES

# No collectstatic before each run; the browser tests' real server has hashed names.
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
# Tests write views down themselves: a query now and then would upset those that count.
PAGE_VIEWS_WRITTEN_SECONDS = 0
# Tests of the limit give it themselves; the others must not use it up between them.
SEARCHES_PER_HOUR = 0
# Tests send what waits themselves (tests/letters.py): a thread would not see their database.
SEND_LETTERS_AT_ONCE = False
# Nothing is kept between tests; those of the page cache turn it on (tests/portal/conftest.py).
CONTENT_STAMP = ""
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_documents = tempfile.TemporaryDirectory(prefix="portal-documents-")
STORAGES["documents"]["OPTIONS"]["location"] = _documents.name
