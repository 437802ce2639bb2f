"""A browser without a screen, and how scripts tell what they have seen."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from .servers import PATIENCE

PASSWORD = "Vinterdäck-och-kaffe-7"
ADDRESS = "prov@exempelland.example.org"
SECOND_ADDRESS = "prov-tva@exempelland.example.org"


def expect(what, condition, seen="ja"):
    """Says what was tried and seen; ends the script where it is not as it should be."""
    if not condition:
        raise SystemExit(f"FEL {what}: {seen}")
    print(f"{what}: {seen}", flush=True)


class Visitor:
    """site  "http://127.0.0.1:8000", with a path where the portal lies below one"""

    def __init__(self, site, login=ADDRESS):
        self.site, self.login, self.cookies = site, login, CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        # As nginx would say, also where a machine is asked straight.
        self.opener.addheaders = [("X-Forwarded-For", "10.0.0.9")]
        self.place = ""

    def get(self, path, data=None, site=None):
        """(status, text); where it ended, after what it was led on to, is `place`."""
        request = urllib.request.Request((site or self.site) + path, data)
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                self.place = answer.url
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                self.place = answer.url
                return answer.code, answer.read().decode()

    def post(self, path, form, **fields):
        """Sends a form with the token that its page has."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
        fields = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token})
        return self.get(path, fields.encode())

    def sign_in(self, password):
        status, form = self.get("/konto/logga-in/")
        if status != 200:
            return status, form
        return self.post("/konto/logga-in/", form, login=self.login, password=password)

    def sign_out(self):
        return self.post("/konto/logga-ut/", self.get("/konto/logga-ut/")[1])
