"""The Library page: the list, one article, removal and undo, the health check."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from embeddings import SentenceEncoder, VectorIndex
from rag import Assistant, Upload, load_settings, make_folder
from rag.archive import ArchiveLock, lock
from tests.ui.conftest import html, named, press
from ui import article, safe

STORY = "Heavy rain destroyed two hundred homes in the north on Monday, officials said. Rescue teams came by boat. " * 4


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    """The page over an empty archive."""
    return open_page("library")


@pytest.fixture
def put(encoder: SentenceEncoder) -> Callable[..., list[str]]:
    """Return a function that adds uploads to the archive and returns their ids."""

    def put(*uploads: Upload) -> list[str]:
        with Assistant(load_settings(), encoder) as assistant:
            report = assistant.ingest(uploads)
        return [*report.added, *report.updated]

    return put


def labels(page: AppTest) -> list[str]:
    return [one.label for one in page.button]


def numbered(count: int) -> list[Upload]:
    return [
        Upload(
            f"n{number}.md",
            f"---\ntitle: Story number {number}\nsource: Post {number % 3}\ndate: 2021-05-{number + 1:02}\n---\n"
            f"It rained on day{number}.".encode(),
        )
        for number in range(count)
    ]


def test_an_empty_archive_says_how_to_start(page: AppTest) -> None:
    page.run()

    assert not page.exception
    assert "0 articles" in page.subheader[0].value
    assert "Add some above" in html(page)


def test_a_large_archive_is_listed_by_pages_sorted_and_searched(page: AppTest, put: Callable[..., list[str]]) -> None:
    put(*numbered(25))
    page.run()

    assert page.subheader[0].value == "25 articles"
    assert labels(page).count("Remove") == 20
    assert "1–20 of 25" in html(page)
    assert labels(page).index("Story number 24") < labels(page).index("Story number 23")
    page.pagination[0].set_value(2).run()
    assert "21–25 of 25" in html(page)
    assert "Story number 24" not in labels(page)
    page.selectbox(key="library-sort").set_value("title").run()
    assert "1–20 of 25" in html(page), "another order starts at its first page"
    page.text_input(key="library-find").set_value("NUMBER 24").run()
    assert "1–1 of 1" in html(page)
    assert "Story number 24" in labels(page)
    page.text_input(key="library-find").set_value("nothing at all").run()
    assert "No article matches" in html(page)


def test_texts_are_searched_on_request(page: AppTest, put: Callable[..., list[str]]) -> None:
    put(*numbered(3))
    page.run()
    page.text_input(key="library-find").set_value("day2").run()
    assert "No article matches" in html(page)
    page.selectbox(key="library-where").set_value("Titles and text").run()

    assert "Story number 2" in labels(page)
    assert "best match first" in html(page)
    assert page.selectbox(key="library-sort").disabled


def test_an_article_shows_its_details_and_where_they_come_from(page: AppTest, put: Callable[..., list[str]]) -> None:
    told = "title: Flood\nsource: Herald\ndate: 2021-05-01\nauthor: A. Writer\nurl: https://news.example/flood\n"
    put(Upload("flood.md", f"---\n{told}---\n{STORY}".encode()), Upload("again.txt", f"Rain\n\n{STORY}".encode()))
    page.run()
    press(page, "Flood")

    shown = html(page)
    assert page.query_params["article"]
    for words in ("Flood", "Herald", "2021-05-01", "A. Writer", "https://news.example/flood", "upload:flood.md"):
        assert words in shown
    assert "(front matter)" in shown
    assert 'role="region"' in shown
    (link,) = page.get("link_button")
    assert link.proto.url == "https://news.example/flood"
    assert page.subheader[0].value == "The same story elsewhere"
    press(page, "Rain")
    assert "upload:again.txt" in html(page)
    assert not page.get("link_button")
    press(page, "All articles")
    assert page.subheader[0].value == "2 articles"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "http:///nowhere", "http://[broken"])
def test_only_web_addresses_become_links(page: AppTest, put: Callable[..., list[str]], url: str) -> None:
    (article_id,) = put(Upload("a.md", f"---\ntitle: A\nurl: {url}\n---\nIt rained.".encode()))
    page.query_params["article"] = article_id
    page.run()

    assert not page.exception
    assert not page.get("link_button")


def test_the_details_of_an_article_are_edited_and_shown_as_read_again(
    page: AppTest, put: Callable[..., list[str]]
) -> None:
    (article_id,) = put(Upload("rain.txt", b"Rain\n\nIt rained."))
    page.query_params["article"] = article_id
    page.run()
    fields = {one.label: one for one in page.text_input}
    fields["Outlet"].input("Tarn <b>Post")
    fields["Date (2021-04-08)"].input("2021-04-08")
    press(page, "Save")
    assert "Tarn &lt;b&gt;Post · 2021-04-08" in html(page)
    assert "edited; read as nothing" in html(page)
    press(page, "Show what was read")
    assert "outlet not stated · date not stated" in html(page)
    assert {one.label: one.value for one in page.text_input}["Outlet"] == ""

    {one.label: one for one in page.text_input}["Date (2021-04-08)"].input("soon")
    press(page, "Save")
    assert "The date is &#x27;soon&#x27;" in html(page)


def test_versions_are_shown_and_compared(page: AppTest, put: Callable[..., list[str]]) -> None:
    head = "---\ntitle: Flood\nurl: https://news.example/flood\n---\n"
    put(Upload("a.txt", f"{head}It rained. Two <b>homes</b> fell.".encode()))
    (article_id,) = put(Upload("a.txt", f"{head}It rained. Nine homes fell.".encode(), replaces=True))
    page.query_params["article"] = article_id
    page.run()

    assert "Nine homes" in html(page)
    assert "Two" not in html(page)
    page.toggle[0].set_value(True).run()
    assert "<del>- Two &lt;b&gt;homes&lt;/b&gt; fell.</del><ins>+ Nine homes fell.</ins>" in html(page)
    page.toggle[0].set_value(False).run()
    page.selectbox[0].set_value(1).run()
    assert "Two &lt;b&gt;homes" in html(page)
    assert "Nine" not in html(page)


def test_a_long_text_is_shown_in_part(
    page: AppTest, put: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article, "_TEXT_CHARS", 200)
    (article_id,) = put(Upload("long.txt", b"Long\n\n" + b"It rained. " * 30 + b"The very end."))
    page.query_params["article"] = article_id
    page.run()

    assert "Showing 200 of 343 characters." in html(page)
    assert "The very end." not in html(page)
    press(page, "Show more")
    assert "The very end." in html(page)


def test_an_unknown_article_is_an_error_on_the_page(page: AppTest) -> None:
    page.query_params["article"] = "<b>nothing</b>"
    page.run()

    assert not page.exception
    assert "There is no article" in html(page)
    assert "<b>nothing" not in html(page)
    press(page, "All articles")
    assert page.subheader[0].value == "0 articles"


def remove_first(page: AppTest) -> None:
    next(button for button in page.button if button.label == "Remove").click().run()


def test_removals_are_undone_in_reverse_order(page: AppTest, put: Callable[..., list[str]]) -> None:
    put(*numbered(3))
    page.run()
    remove_first(page)
    assert "Removed: Story number 2" in html(page)
    remove_first(page)
    assert "Removed: Story number 1" in html(page)
    assert "can be undone next: 1" in html(page)
    assert page.subheader[0].value == "1 article"
    press(page, "Undo")
    assert "Removed: Story number 2" in html(page)
    press(page, "Undo")
    assert page.subheader[0].value == "3 articles"
    assert "Undo" not in labels(page)


def test_a_removal_that_cannot_be_undone_says_why(page: AppTest, put: Callable[..., list[str]]) -> None:
    (upload,) = numbered(1)
    put(upload)
    remove_first(page.run())
    put(upload)
    press(page, "Undo")

    assert "is in the archive again" in html(page)
    assert "Undo" not in labels(page)


def test_a_removal_without_room_for_an_index_can_be_undone(
    page: AppTest, put: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    put(*numbered(2))
    page.run()
    monkeypatch.setattr(VectorIndex, "save", full)
    remove_first(page)
    assert "Removed: Story number 1" in html(page)
    assert page.subheader[0].value == "1 article"
    press(page, "Undo")
    assert page.subheader[0].value == "2 articles"
    assert "Undo" not in labels(page)


def test_an_article_altered_in_the_database_is_marked(page: AppTest, put: Callable[..., list[str]]) -> None:
    (article_id,) = put(*numbered(1))
    page.query_params["article"] = article_id
    assert "not what was read" not in html(page.run())
    with Assistant(load_settings()) as assistant:
        assistant._store.database.rows("UPDATE articles SET source = 'The Other'")
    page.run()

    assert "This is not what was read: it was changed in the database." in html(page)


def test_an_article_can_be_removed_from_its_page(page: AppTest, put: Callable[..., list[str]]) -> None:
    (article_id,) = put(*numbered(1))
    page.query_params["article"] = article_id
    page.run()
    press(page, "Remove article")

    assert page.subheader[0].value == "0 articles"
    assert "Undo" in labels(page)


def test_titles_are_escaped(page: AppTest, put: Callable[..., list[str]]) -> None:
    title = "<script>alert(1)</script> ![x](http://example.com/x.png) :red[x]"
    put(Upload("a.txt", f"{title}\n\nIt rained.".encode()))
    page.run()
    # A label is Markdown.
    press(page, safe.label(title))
    assert "&lt;script&gt;" in html(page)
    assert "<script" not in html(page)
    press(page, "Remove article")
    assert "&lt;script&gt;" in html(page)
    assert "<script" not in html(page)


def test_a_damaged_archive_is_an_error_and_can_be_checked(page: AppTest) -> None:
    folder = load_settings().archive
    make_folder(folder)
    (folder / "archive.sqlite3").write_bytes(b"not a database" * 1000)
    page.run()
    assert "damaged or not an archive" in html(page)
    press(page, "Check the archive")

    assert not page.exception
    assert "database: needs attention." in html(page)
    assert "1 problem needs your attention." in html(page)


def test_the_health_check_reports_the_findings_of_the_doctor(page: AppTest, put: Callable[..., list[str]]) -> None:
    put(*numbered(2))
    page.run()
    press(page, "Check the archive")

    shown = html(page)
    assert not page.exception
    for words in ("database: OK. 2 articles", "vector index: OK.", "reader: OK.", "No problems that need"):
        assert words in shown


# Articles without an outlet or a day, and edits of several


def lacking(count: int) -> list[Upload]:
    return [Upload(f"lack{number}.txt", f"Untold {number}\n\nIt snowed.".encode()) for number in range(count)]


def listed(page: AppTest) -> list[str]:
    """The titles of the list, as far as its page shows them."""
    return [one.label.removeprefix("Choose: ") for one in page.checkbox if one.label.startswith("Choose: ")]


def only_incomplete(page: AppTest, count: int) -> Any:
    return named(page.checkbox, f"Only incomplete: {count} without an outlet or a full day")


def box(page: AppTest, title: str) -> Any:
    return named(page.checkbox, f"Choose: {title}")


def fill(page: AppTest, **values: str) -> None:
    """Give values to the fields of the form that edits several articles, and show what will change."""
    for field, value in values.items():
        page.text_input(key=f"edit-chosen-{field}").input(value)
    press(page, "Show what will change")


def byline(title: str) -> str:
    with Assistant(load_settings()) as assistant:
        return assistant.articles(title)[0].byline


def test_only_incomplete_articles_are_listed_by_pages(page: AppTest, put: Callable[..., list[str]]) -> None:
    put(*numbered(3), *lacking(22))
    page.run()
    only_incomplete(page, 22).check().run()
    assert "1–20 of 22" in html(page)
    page.pagination[0].set_value(2).run()
    assert "21–22 of 22" in html(page)
    page.text_input(key="library-find").set_value("number").run()
    assert "No article matches" in html(page)
    page.text_input(key="library-find").set_value("rained snowed").run()
    page.selectbox(key="library-where").set_value("Titles and text").run()
    assert "1–20 of 22" in html(page), "text search leaves the complete ones out"


def test_a_report_leads_to_the_incomplete_articles(page: AppTest) -> None:
    page.run()
    page.file_uploader[0].set_value([("a.txt", b"Untold\n\nIt snowed.", "text/plain")])
    press(page, "Add to archive")
    assert "1 article has no outlet or no full day." in html(page)
    page.text_input(key="library-find").set_value("nothing").run()
    press(page, "Show incomplete articles")
    assert only_incomplete(page, 1).value
    assert listed(page) == ["Untold"]


def test_chosen_articles_are_edited_together_after_a_preview_and_undone(
    page: AppTest, put: Callable[..., list[str]]
) -> None:
    put(*numbered(2), *lacking(2))
    page.run()
    for title in ("Untold 0", "Story number 1"):
        box(page, title).check().run()
    assert "1–4 of 4 · 2 chosen" in html(page)
    fill(page, source="Tarn <b>Post", published="2021-04-08")
    assert "Tarn &lt;b&gt;Post <span class=muted>(now: not stated in 1, Post 1 in 1)" in html(page)
    assert byline("Untold 0") == "outlet not stated · date not stated", "a preview changes nothing"

    press(page, "Change 2 articles")
    assert "Edited: 2 articles, Outlet Tarn &lt;b&gt;Post, Date 2021-04-08" in html(page)
    assert byline("Untold 0") == byline("Story number 1") == "Tarn <b>Post · 2021-04-08"
    assert byline("Untold 1") == "outlet not stated · date not stated"
    assert "chosen" not in html(page).replace("or choose all", "")
    press(page, "Undo")
    assert (byline("Untold 0"), byline("Story number 1")) == (
        "outlet not stated · date not stated",
        "Post 1 · 2021-05-02",
    )


def test_all_that_match_are_chosen_and_edits_and_removals_are_undone_in_reverse_order(
    page: AppTest, put: Callable[..., list[str]]
) -> None:
    put(*numbered(2), *lacking(21))
    page.run()
    only_incomplete(page, 21).check().run()
    press(page, "Choose all 21")
    assert all(one.value for one in page.checkbox if one.label.startswith("Choose: "))
    fill(page, source="Tarn Post", published="2021-04-08")
    press(page, "Change 21 articles")
    assert "Every article has an outlet and a full day." in html(page)
    only_incomplete(page, 0).uncheck().run()
    remove_first(page)
    press(page, "Undo")
    press(page, "Undo")
    assert only_incomplete(page, 21)


def test_only_articles_of_the_list_are_edited(page: AppTest, put: Callable[..., list[str]]) -> None:
    put(*numbered(2), *lacking(1))
    page.run()
    press(page, "Choose all 3")
    page.text_input(key="library-find").set_value("number").run()
    assert "1–2 of 2 · 2 chosen" in html(page)
    box(page, "Story number 0").uncheck().run()
    fill(page, author="A. Writer")
    press(page, "Change 1 article")
    assert "A. Writer" in byline("Story number 1")
    assert "A. Writer" not in byline("Story number 0") + byline("Untold 0")


def test_an_edit_of_several_that_fails_changes_nothing_and_says_why(
    page: AppTest, put: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(*lacking(2))
    page.run()
    press(page, "Choose all 2")
    fill(page, published="soon")
    assert "The date is &#x27;soon&#x27;" in html(page)
    assert not any(label.startswith("Change") for label in labels(page))

    fill(page, published="2021-04-08")
    monkeypatch.setattr(lock, "_TIMEOUT_SECONDS", 0.1)
    with ArchiveLock(load_settings().archive).hold("adding articles"):
        press(page, "Change 2 articles")
    assert "is being written by" in html(page)
    assert "Undo" not in labels(page)
    assert byline("Untold 0") == byline("Untold 1") == "outlet not stated · date not stated"
    press(page, "Change 2 articles")
    assert byline("Untold 0") == "outlet not stated · 2021-04-08", "the choice and the values are still there"


def test_outlets_are_joined_and_split(page: AppTest, put: Callable[..., list[str]]) -> None:
    put(*numbered(3))
    page.run()
    page.selectbox(key="join-name").set_value("Post 1").run()
    page.selectbox(key="join-shown").set_value("Post 2").run()
    press(page, "Join")
    assert "Post 2 <span class=muted>(joined: Post 1)" in html(page)
    assert byline("number 1").startswith("Post 2")
    page.selectbox(key="join-name").set_value("Post 2").run()
    press(page, "Join")
    assert "is shown as" in html(page)
    press(page, "Split")
    assert byline("number 1").startswith("Post 1")
