"""What the archive holds, on the first screen: how much, from whom, from when to when, newest, largest stories."""

from __future__ import annotations

import calendar

from rag import Assistant, Facets, Question
from ui import safe

_STORIES = 3


def show(assistant: Assistant) -> None:
    """Show the figures of an archive that has articles. Takes some 25 ms for 20,000 articles."""
    status = assistant.status()
    if not status.articles:
        return
    facets = assistant.facets(Question(""), limit=_STORIES)
    (newest,) = assistant.articles(limit=1, sort="newest")
    figures = [(f"{status.articles:,}", "article" if status.articles == 1 else "articles")]
    if outlets := len(status.sources):
        figures.append((f"{outlets:,}", "outlet" if outlets == 1 else "outlets"))
    if months := _months(facets):
        figures.append((months, "published"))
    safe.figures(figures)
    rows = [("Newest", newest.title_and_byline, "")] if newest.published else []
    for at, story in enumerate(facets.stories):
        since = f" since {story.since}" if story.since else ""
        rows.append(("" if at else "Largest stories", story.title, f"{story.articles:,} articles{since}"))
    safe.facts(rows)


def say_empty() -> None:
    """Say that the archive has no articles, and what to do."""
    safe.block(
        '<p>Your archive is empty. Add articles in the <a href="library" target="_self">Library</a>, '
        "then ask about them here.</p>"
    )


def _months(facets: Facets) -> str:
    """The first and the last month of publication; "" if no article has a full date."""
    months = [month.value for month in facets.months if month.value]
    if not months:
        return ""
    first, last = _written(months[0]), _written(months[-1])
    return first if first == last else f"{first} – {last}"


def _written(month: str) -> str:
    return f"{calendar.month_abbr[int(month[5:])]} {month[:4]}"
