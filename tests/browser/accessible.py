"""What axe-core finds wrong on a page that stands in a browser."""

from __future__ import annotations

from typing import Any, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Streamlit's own markup, which no page can mend: the rule, what its target must hold, and why it stays.
KNOWN: tuple[tuple[str, str, str], ...] = ()


class Violation(NamedTuple):
    """One element that breaks a rule seriously; `told` is axe's own sentence."""

    rule: str
    target: str
    told: str


def violations(page: Page) -> list[Violation]:
    """What is serious or critical, but for what is known of Streamlit."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    rows = [
        Violation(rule["id"], " ".join(map(str, node["target"])), f"{rule['help']}: {node['failureSummary']}")
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    return [row for row in rows if not any(row.rule == rule and part in row.target for rule, part, _ in KNOWN)]


def unfold(page: Page) -> None:
    """Open every fold, so that nothing escapes the eye."""
    folds = page.locator("details:not([open]) > summary")
    while folds.count():
        folds.first.click()
    page.wait_for_timeout(500)  # the folding out is an animation
