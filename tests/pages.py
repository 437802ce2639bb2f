"""What tests read out of a response: its words, its parts, what it cost."""

import html
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext


def main_of(response):
    """The markup inside <main>, where the page's own content stands."""
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def words(markup):
    """The text of some markup, without tags, on one line."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", markup))
    return " ".join(text.split())


def found(pattern, markup):
    """Every match of a pattern's group in some markup, as text."""
    return [words(match) for match in re.findall(pattern, markup, re.S)]


def queries_of(client, url):
    """The SQL that a page view costs."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return [query["sql"] for query in captured.captured_queries]
