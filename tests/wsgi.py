"""The portal as gunicorn meets it: requests through `portal.wsgi`, page cache and all."""

import io
from dataclasses import dataclass, field
from urllib.parse import unquote
from wsgiref.util import setup_testing_defaults


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def text(self):
        return self.body.decode()


def ask(application, address, method="GET", body=b"", **headers):
    """ask(application, "/sok/?q=intyg", accept_encoding="br") → Answered"""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": "localhost:8000",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    if method == "POST":
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    setup_testing_defaults(environ)
    started = []
    chunks = application(environ, lambda *arguments: started.append(arguments))
    try:
        content = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    [(status, pairs)] = started
    cookies = [value for name, value in pairs if name == "Set-Cookie"]
    return Answered(int(status[:3]), dict(pairs), content, cookies)
