"""Pages leave as small as the reader accepts."""

import gzip

import brotli
import pytest
from django.http import HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.test import RequestFactory

from portal.web.middleware import accepted_encodings, compress_html


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000, gzip; q=0.0", None),
        ("identity", None),
        ("brotli, xgzip", None),
        ("", None),
    ],
)
def test_page_is_compressed_as_the_reader_accepts(db, client, accepted, encoding):
    plain = client.get("/").content
    response = client.get("/", headers={"accept-encoding": accepted})
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]

    assert response.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in response.headers["Vary"]
    assert response.headers["Content-Length"] == str(len(response.content))
    assert unpack(response.content) == plain


def test_head_says_the_length_that_get_has(db, client):
    headers = {"accept-encoding": "br"}
    head, got = client.head("/", headers=headers), client.get("/", headers=headers)

    assert head.content == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("x" * 499),
        HttpResponse("x" * 5000, content_type="image/png"),
        HttpResponse("x" * 5000, headers={"Content-Encoding": "zstd"}),
        HttpResponseNotModified(),
        HttpResponse(status=204),
        StreamingHttpResponse(["x" * 5000]),
    ],
    ids=["small", "image", "already", "304", "204", "streamed"],
)
def test_what_is_not_compressed_passes_untouched(response):
    before = dict(response.headers)
    request = RequestFactory().get("/", headers={"accept-encoding": "br, gzip"})

    assert compress_html(lambda request: response)(request) is response
    assert dict(response.headers) == before


@pytest.mark.parametrize(
    "kind", ["text/html", "text/css", "application/json", "application/xml", "application/atom+xml"]
)
def test_text_from_500_bytes_is_compressed(kind):
    request = RequestFactory().get("/", headers={"accept-encoding": "br"})
    made = HttpResponse("x" * 500, content_type=f"{kind}; charset=utf-8")

    assert compress_html(lambda request: made)(request).headers["Content-Encoding"] == "br"


def test_accepted_encodings():
    assert accepted_encodings("gzip;q=1.0, br;q=0.9, *;q=0") == {"gzip", "br"}
    assert accepted_encodings("") == {""}
