"""axe-core over every page, light and dark; and what it cannot see: a narrow window, a zoomed one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessible import unfold, violations
from tests.browser.chat import ANSWER_MILLISECONDS, CHROMIUM, box, send, serving, settled

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("accessible")) as served:
        yield served


def opened(browser: Browser, address: str, scheme: str, width: int) -> Page:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto(address)
    expect(box(page)).to_be_enabled(timeout=ANSWER_MILLISECONDS)
    return page


def addresses(page: Page) -> list[str]:
    """Every page that the navigation knows."""
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links.first).to_be_attached()
    return [str(link.get_attribute("href")) for link in links.all()]


def visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=ANSWER_MILLISECONDS)
    settled(page)
    unfold(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault(browser: Browser, address: str, scheme: str) -> None:
    page = opened(browser, address, scheme, 1280)
    found = addresses(page)
    assert len(found) >= 4
    for one in found:
        visit(page, one)
        assert violations(page) == [], one
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_an_answer_nor_a_refusal_has_a_serious_fault(browser: Browser, address: str, scheme: str) -> None:
    page = opened(browser, address, scheme, 1280)
    for question, shown in (
        ("Which cities does the gas pipeline join?", "Karachi"),
        ("Who is Ada Holm?", "Not answered"),
    ):
        send(page, question)
        expect(page.get_by_test_id("stChatMessage").last).to_contain_text(shown, timeout=ANSWER_MILLISECONDS)
        expect(box(page)).to_be_enabled(timeout=ANSWER_MILLISECONDS)
    unfold(page)

    assert violations(page) == []
    page.context.close()


def test_text_too_pale_would_be_found(browser: Browser, address: str) -> None:
    page = opened(browser, address, "light", 1280)
    page.evaluate("document.querySelector('.nutgraf .about').style.color = '#cccccc'")

    assert "color-contrast" in {row.rule for row in violations(page)}
    page.context.close()


@pytest.mark.parametrize("width", [390, 640], ids=["phone", "1280 at 200%"])
def test_a_narrow_window_cuts_nothing_off(browser: Browser, address: str, width: int) -> None:
    # A window of 1280 zoomed to 200% lays out as one of 640.
    page = opened(browser, address, "light", width)
    for one in addresses(page):
        visit(page, one)
        wide = page.evaluate(
            "[...document.querySelectorAll('h1, h2, p, button, input, summary')]"
            ".filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)"
            ".filter(e => !e.closest('[data-testid=stSidebar]')).map(e => e.outerHTML.slice(0, 200))"
        )
        assert wide == [], one
    page.context.close()


def test_the_keyboard_alone_reaches_and_works_every_part(browser: Browser, address: str) -> None:
    page = opened(browser, address, "light", 1280)
    box(page).focus()
    page.keyboard.type("Which cities does the gas pipeline join?")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("Karachi", timeout=ANSWER_MILLISECONDS)
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text="Settings")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible(timeout=ANSWER_MILLISECONDS)
    offline = page.get_by_role("switch").or_(page.get_by_role("checkbox")).first
    for _ in range(40):
        page.keyboard.press("Tab")
        if offline.evaluate("element => element === document.activeElement"):
            break
    expect(offline).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("the setting offline says so")).to_be_visible(timeout=ANSWER_MILLISECONDS)
    page.context.close()
