"""Packs as folders, written and changed by tests, and what loading them has left."""

import pytest
from django.apps import apps

from guidance.models import PageVersion
from portal.packs.loader import PackRejected, load_pack

# The apps that a pack fills.
APPS = ("organisation", "guidance", "education", "followup", "packs", "search", "web")


def role(code, **fields):
    fields = {"title": "Provroll", "level": "unit", "mandate": "Provar.", **fields}
    lines = [f'{name} = "{value}"' for name, value in fields.items()]
    return "\n".join(["[[role]]", f'code = "{code}"', *lines, ""])


def page_text(title="Prov", body="<p>Text.</p>", **fields):
    fields = {
        "title": title,
        "nav_title": "Prov",
        "purpose": "En sida.",
        "owner": "prov-roll",
        **fields,
    }
    lines = "".join(f'{name} = "{value}"\n' for name, value in fields.items())
    return f"+++\n{lines}+++\n{body}\n"


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def replace(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def add_to_page(folder, slug, html):
    with (folder / "pages" / f"{slug}.html").open("a", encoding="utf-8") as file:
        file.write(html)


def everything():
    """Every row of the loaded apps, as stored."""
    return {
        model._meta.label: [*model._base_manager.order_by("pk").values()]
        for label in APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def versions(slug):
    rows = PageVersion.objects.filter(page__slug=slug).order_by("number")
    return [*rows.values_list("number", "state")]


def live_number(slug):
    return PageVersion.objects.live().get(page__slug=slug).number


def rejected(folder):
    """The faults of a pack; and nothing of it may be stored."""
    before = everything()
    with pytest.raises(PackRejected) as caught:
        load_pack(folder)
    assert everything() == before
    return caught.value.errors
