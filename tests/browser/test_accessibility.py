"""axe-core over every page, light and dark; a narrow window; the keyboard alone."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import MILLISECONDS, NEEDS_CHROMIUM, ask, open_page, question_box, send, settled

pytestmark = NEEDS_CHROMIUM
SURVEYS = ("?timeline=Biden+in+Kabul", "?compare=the+gas+pipeline&source=AP&source=DAWN", "?find=Who+visited+Islamabad")
PAGES = ("library", "evaluation", "settings", "help", *SURVEYS)


def violations(page: Page) -> list[str]:
    """Return what axe finds serious or critical."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def visit(page: Page, address: str) -> None:
    """Go to a page and open everything on it that is folded."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=MILLISECONDS)
    settled(page)
    unfold(page)


def unfold(page: Page) -> None:
    folded = page.locator("details:not([open]) > summary")
    while folded.count():
        folded.first.click()
    # They open with an animation.
    page.wait_for_timeout(500)


def assert_no_serious_fault(page: Page, name: str) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        # Colours change with an animation.
        page.wait_for_timeout(500)
        assert violations(page) == [], (name, scheme)


def test_no_page_has_a_serious_fault(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    expect(ask(page, "Which cities does the gas pipeline join?")).to_contain_text("Karachi")
    expect(page.locator("[class*=st-key-source-panel] mark")).to_be_visible()
    expect(ask(page, "Who is Ada Holm?")).to_contain_text("Not answered")
    assert_no_serious_fault(page, "ask")
    for name in PAGES:
        visit(page, f"{address}/{name}")
        assert_no_serious_fault(page, name)
    page.close()


def test_pale_text_would_be_found(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    expect(page.locator(".nutgraf .muted").first).to_be_visible(timeout=MILLISECONDS)
    # A rule, not an element's own style: the page may draw the element again.
    page.add_style_tag(content=".nutgraf .muted { color: #cccccc !important }")

    assert any(one.startswith("color-contrast") for one in violations(page))
    page.close()


def test_a_narrow_window_cuts_nothing_off(browser: Browser, address: str) -> None:
    page = open_page(browser, address, width=390)
    for name in ("", *PAGES):
        visit(page, f"{address}/{name}")
        cut = page.evaluate(
            "[...document.querySelectorAll('h1, h2, p, button, input, summary')]"
            ".filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)"
            ".filter(e => !e.closest('[data-testid=stSidebar]')).map(e => e.outerHTML.slice(0, 200))"
        )
        assert cut == [], name
    page.close()


def test_the_keyboard_alone_reaches_every_part(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    send(page, "Which cities does the gas pipeline join?")
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("Karachi", timeout=MILLISECONDS)
    expect(question_box(page)).to_be_enabled(timeout=MILLISECONDS)
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text="Settings")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible(timeout=MILLISECONDS)
    offline = page.get_by_role("switch").or_(page.get_by_role("checkbox")).first
    for _ in range(40):
        page.keyboard.press("Tab")
        if offline.evaluate("element => element === document.activeElement"):
            break
    expect(offline).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("All use of the network is blocked")).to_be_visible(timeout=MILLISECONDS)
    page.close()
