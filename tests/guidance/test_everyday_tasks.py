"""Each profession's everyday questions have their answer on the site (everyday_tasks.toml)."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from guidance.models import Page

TASKS = tomllib.loads((Path(__file__).parent / "everyday_tasks.toml").read_text("utf-8"))["task"]


def test_every_profession_has_three_questions():
    assert min(Counter(task["profession"] for task in TASKS).values()) >= 3
    assert len(TASKS) >= 30


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["question"][:60])
def test_question_is_answered_where_it_is_said(client, db, task):
    assert task["answered_at"]
    for place in task["answered_at"]:
        slug, _, anchor = place.partition("#")
        page = Page.objects.public().select_related("parent").get(slug=slug)
        ids = set(re.findall(r'\bid="([^"]+)"', client.get(page.get_absolute_url()).text))

        assert not anchor or anchor in ids, place
