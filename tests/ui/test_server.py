"""The browser's policy, and the colours and fonts of the theme."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import streamlit as st

import ui.app
from ui.server import content_security, inline_hashes


def test_the_policy_allows_our_inline_scripts_and_nothing_from_elsewhere() -> None:
    # The hash is what `printf 'alert(1)' | openssl dgst -sha256 -binary | base64` prints.
    page = '<script>alert(1)</script><script type="module" src="./index.js"></script>'
    rules = dict(rule.split(" ", 1) for rule in content_security(page).split("; "))

    assert rules["script-src"] == "'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert not any("http" in rule or "*" in rule or "eval" in rule for rule in rules.values())


def test_streamlits_inline_script_is_found() -> None:
    index = Path(st.__file__).parent / "static" / "index.html"

    assert len(inline_hashes(index.read_text(encoding="utf-8"))) == 1


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2: relative luminance, and the ratio of two."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_colours_have_enough_contrast(scheme: str) -> None:
    theme = tomllib.loads(Path(ui.app.__file__).with_name("theme.toml").read_text(encoding="utf-8"))["theme"]
    assert round(_contrast("#ffffff", "#000000"), 1) == 21.0
    sides = [theme[scheme], theme[scheme] | theme[scheme]["sidebar"]]
    for colours in sides:
        for ground in (colours["backgroundColor"], colours["secondaryBackgroundColor"]):
            for ink in ("textColor", "linkColor", "primaryColor"):
                assert _contrast(colours[ink], ground) >= 4.5, (ink, ground)
            assert _contrast(colours["borderColor"], ground) >= 3, ground


def test_fonts_are_local() -> None:
    text = Path(ui.app.__file__).with_name("theme.toml").read_text(encoding="utf-8")

    assert "http" not in text
    assert tomllib.loads(text)["theme"]["font"] == "sans-serif"
