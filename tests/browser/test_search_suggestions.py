"""The search box on the start page: suggestions by keyboard, and the plain form without script."""

import re

from playwright.sync_api import expect


def box_of(page):
    return page.locator("main form[data-suggestions] input[type=search]")


def test_keyboard_chooses_closes_and_searches(open_page):
    page = open_page("/")
    box = box_of(page)
    expect(box).to_have_role("combobox")
    box.press_sequentially("samtyck")
    options = page.get_by_role("listbox", name="Förslag").get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("förslag, välj med pil ned.")).to_have_count(1)

    # Down marks the first one and up leads back to the box.
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    box.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "false")
    assert box.get_attribute("aria-activedescendant") is None

    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("samtyck")

    # Down opens it again; Enter goes to the page that is marked.
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    target = options.first.get_attribute("data-url")
    assert target.startswith("/")
    box.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(target) + "$"))


def test_enter_without_a_choice_searches_for_what_is_written(open_page):
    page = open_page("/")
    box_of(page).press_sequentially("samtyck")
    expect(page.get_by_role("option").first).to_be_visible()
    box_of(page).press("Enter")

    expect(page).to_have_url(re.compile(r"/sok/\?q=samtyck$"))
    expect(page.get_by_role("status").filter(has_text="träffar på ”samtyck”")).to_be_visible()


def test_without_script_the_form_is_a_plain_one(open_page):
    page = open_page("/", javascript=False)
    box = box_of(page)
    assert box.get_attribute("role") is None
    box.fill("samtycke")
    box.press("Enter")

    expect(page).to_have_url(re.compile(r"/sok/\?q=samtycke$"))
    assert page.locator(".hit-list li").count() > 0
    assert page.context.cookies() == []
