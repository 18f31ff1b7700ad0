"""Files in folders and archives: names are never paths; bombs, damage and other formats are one line each."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from rag import reading
from rag.errors import ArticleUnreadable
from rag.reading import Upload, files
from rag.types import Article, Rejection
from tests.rag.making import read_one
from tests.rag.reading.samples import BODY, pdf, read, read_file, tarred, zipped


def upload(content: bytes | str, name: str = "storm.txt") -> Article:
    return read_one(Upload(name, content if isinstance(content, bytes) else content.encode()))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b" \n\t\r\n ", "it is empty"),
        (codecs.BOM_UTF8, "it is empty"),
        ("﻿ ".encode(), "it is empty"),
        (b"\x7fELF\x00\x00\x01", "it is binary"),
        (b"Rain\x00fell", "it is binary"),
        (b"Caf\xe9 bridge", "not UTF-8: byte 0xe9 at offset 3"),
        (codecs.BOM_UTF8 + b"Caf\xe9", "byte 0xe9 at offset 6"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "not UTF-16: byte 0x62 at offset 4"),
        (b"x" * 5_000_001, r"it has 5\.0 MB .*limit is 5 MB"),
        (b"8 April 2021\n", "no article text"),
    ],
    ids=["empty", "white", "bom", "bom and space", "elf", "nul", "latin-1", "bom latin-1", "utf-16", "large", "header"],
)
def test_a_file_without_article_text_is_rejected_in_one_line(content: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnreadable, match=reason) as caught:
        upload(content)

    assert "\n" not in str(caught.value)


def test_a_file_over_the_limit_is_rejected_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.txt"
    path.touch()
    os.truncate(path, 50_000_000)
    monkeypatch.setattr("rag.reading.files.decode_text", lambda _: pytest.fail("it was read"))
    with pytest.raises(ArticleUnreadable, match=r"it has 50\.0 MB"):
        read_one(path)


def test_an_unopenable_file_is_rejected_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(_: Path, mode: str) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.txt").touch()
    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(ArticleUnreadable, match="it cannot be opened: Permission denied"):
        read_one(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.exe", r"\.exe files are not supported"),
        ("a.jpg.gz", r"\.gz files are not"),
        ("notes", "files without a suffix are not"),
        (".txt", "without a suffix"),
    ],
)
def test_an_unsupported_suffix_is_rejected_with_the_supported_ones(name: str, reason: str) -> None:
    with pytest.raises(ArticleUnreadable, match=reason) as caught:
        upload("Rain.", name)

    assert "supported: .csv .docx" in str(caught.value)
    assert str(caught.value).endswith(".zip, and .gz of some)")


# Finding files


def found(*items: Path | Upload) -> list[str]:
    return [f"{item.path}: {item.reason}" if isinstance(item, Rejection) else str(item) for item in reading.find(items)]


def test_files_are_found_in_order_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", ".hidden.txt", "sub/c.txt", ".git/config", "sub/.d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert found(tmp_path) == [str(tmp_path / name) for name in ("a.md", "b.txt", "sub/c.txt")]


def test_a_hidden_file_is_found_when_named(tmp_path: Path) -> None:
    (tmp_path / ".a.txt").touch()

    assert found(tmp_path / ".a.txt") == [str(tmp_path / ".a.txt")]


def test_a_missing_path_is_rejected(tmp_path: Path) -> None:
    assert found(tmp_path / "gone") == [f"{tmp_path / 'gone'}: no such file or folder"]


def test_an_empty_folder_is_rejected(tmp_path: Path) -> None:
    assert found(tmp_path) == [f"{tmp_path}: an empty folder"]


def test_a_readme_is_found_only_when_named(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()

    assert found(tmp_path) == [f"{tmp_path / 'README.md'}: a README, not an article; name the file itself to read it"]
    assert found(tmp_path / "README.md") == [str(tmp_path / "README.md")]


def test_a_pipe_is_rejected_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    assert found(tmp_path / "pipe.txt") == found(tmp_path) == [f"{tmp_path / 'pipe.txt'}: neither a file nor a folder"]


def test_a_broken_link_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")

    assert found(tmp_path) == [f"{tmp_path / 'link.txt'}: a link that leads to no file or folder"]


def test_links_in_a_circle_are_rejected_and_the_others_read(tmp_path: Path) -> None:
    for name, target in (("a.txt", "a.txt"), ("b.txt", "c.txt"), ("c.txt", "b.txt"), ("d", "d/e")):
        (tmp_path / name).symlink_to(tmp_path / target)
    (tmp_path / "z.txt").touch()

    *circles, last = found(tmp_path)
    assert last == str(tmp_path / "z.txt")
    assert circles == [
        f"{tmp_path / name}: a link that leads to no file or folder" for name in ("a.txt", "b.txt", "c.txt", "d")
    ]


def test_a_folder_that_is_too_deep_does_not_hide_the_others(tmp_path: Path) -> None:
    name = "d" * 20
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "storm.txt").touch()
    # Made from the inside out, as no call takes so long a path.
    inner = tmp_path / "made"
    inner.mkdir()
    for _ in range(300):
        outer = tmp_path / "outer"
        outer.mkdir()
        inner.rename(outer / name)
        inner = outer.rename(tmp_path / "made")

    deep, last = found(tmp_path)
    assert last == str(tmp_path / "z" / "storm.txt")
    assert deep.startswith(f"{tmp_path / 'made' / name / name}/")
    assert deep.endswith(": cannot be opened: File name too long")


def test_an_unopenable_folder_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(path: str) -> NoReturn:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", forbid)

    assert found(tmp_path) == [f"{tmp_path}: cannot be opened: Permission denied"]


MEMBERS = {"a.txt": f"One\n{BODY}", "sub/b.md": f"# Two\n\n{BODY}", "sub/rows.jsonl": '{"text": "Three."}\n'}


def gzipped(members: Mapping[str, str | bytes]) -> bytes:
    return tarred(members, "w:gz")


KINDS: dict[str, Callable[[Mapping[str, str | bytes]], bytes]] = {
    ".zip": zipped,
    ".tar": tarred,
    ".tar.gz": gzipped,
    ".tgz": gzipped,
}


@pytest.mark.parametrize("ending", KINDS)
def test_every_member_is_an_article_with_its_origin(ending: str) -> None:
    articles, rejected = read(KINDS[ending](MEMBERS), f"news{ending}")

    assert not rejected
    assert [article.title for article in articles] == ["One", "Two", "Three."]
    assert [article.origin.removeprefix(f"upload:news{ending}") for article in articles] == [
        "!a.txt",
        "!sub/b.md",
        "!sub/rows.jsonl#text-43c4d94e",
    ]
    assert len({article.id for article in articles}) == 3


def test_two_members_of_one_name_are_two_articles() -> None:
    content = tarred({"a.txt": f"One\n{BODY}", "b.txt": f"Two\n{BODY}"}).replace(b"b.txt", b"a.txt")
    # A tar header holds a checksum of itself.
    first, second = read(_summed(content), "news.tar")[0]

    assert first.origin == "upload:news.tar!a.txt"
    assert second.origin == f"upload:news.tar!a.txt#~{second.content_hash[:8]}"
    assert first.id != second.id


def _summed(content: bytes) -> bytes:
    """The same tar with the sums of its two headers recomputed."""
    made = bytearray(content)
    for at in (0, 1024):
        made[at + 148 : at + 156] = b" " * 8
        made[at + 148 : at + 156] = b"%06o\0 " % sum(made[at : at + 512])
    return bytes(made)


def test_a_document_in_an_archive_is_parsed_in_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / "news.zip").write_bytes(zipped({"storm.pdf": pdf(["The storm", BODY])}))
    (article,), rejected = read_file(tmp_path / "news.zip")

    assert not rejected
    assert (article.title, article.text) == ("The storm", BODY)
    assert article.origin == f"{tmp_path / 'news.zip'}!storm.pdf"


@pytest.mark.parametrize("ending", KINDS)
def test_member_names_are_never_used_as_paths(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "a\nb\x1b[2J.txt")
    articles, rejected = read(KINDS[ending](dict.fromkeys(names, BODY)), f"news{ending}")

    assert not rejected
    assert len(articles) == 4
    assert articles[3].origin.endswith("!a\\nb\\x1b[2J.txt")
    assert not list(tmp_path.rglob("evil*"))
    assert not (tmp_path.parent.parent / "evil.txt").exists()


@pytest.mark.parametrize("ending", KINDS)
def test_members_that_are_not_articles_are_rejected_and_the_others_read(ending: str) -> None:
    members: dict[str, str | bytes] = {
        "inner.zip": zipped(MEMBERS),
        "rows.csv.gz": gzip.compress(b"x"),
        "photo.jpg": b"\xff",
        "README.md": "About",
        "bad.txt": b"caf\xe9",
        "__MACOSX/a.txt": "x",
        "sub/.DS_Store": "x",
        "a.txt": f"One\n{BODY}",
    }
    articles, rejected = read(KINDS[ending](members), f"news{ending}")

    assert [article.title for article in articles] == ["One"]
    assert [line.split(" (")[0] for line in rejected] == [
        "!inner.zip: an archive inside an archive",
        "!rows.csv.gz: an archive inside an archive",
        "!photo.jpg: .jpg files are not supported",
        "!README.md: a README, not an article",
        "!bad.txt: it is not UTF-8: byte 0xe9 at offset 3",
    ]


def test_links_and_devices_in_a_tar_are_rejected() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    articles, rejected = read(out.getvalue(), "news.tar")

    assert not articles
    assert [line.partition(": ")[2] for line in rejected] == ["neither a file nor a folder"] * 3


def test_an_encrypted_member_is_rejected() -> None:
    content = bytearray(zipped({"a.txt": BODY, "b.txt": f"Two\n{BODY}"}))
    for at in (content.find(b"PK\x03\x04") + 6, content.find(b"PK\x01\x02") + 8):
        content[at] |= 1
    articles, rejected = read(bytes(content), "news.zip")

    assert [article.title for article in articles] == ["Two"]
    assert rejected == ["!a.txt: it is encrypted (remove its password)"]


# Bombs


@pytest.mark.parametrize("ending", KINDS)
def test_a_member_over_the_limit_of_its_format_is_rejected(ending: str) -> None:
    articles, rejected = read(KINDS[ending]({"big.txt": b"x" * 5_000_001, "a.txt": f"One\n{BODY}"}), f"news{ending}")

    assert [article.title for article in articles] == ["One"]
    assert rejected == ["!big.txt: it has 5.0 MB (the limit is 5 MB; split it)"]


def test_unpacked_bytes_are_counted_whatever_the_header_says(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(zipped({"big.txt": b"x" * 20_000_000}))
    for at in (content.find(b"PK\x03\x04") + 22, content.find(b"PK\x01\x02") + 24):
        content[at : at + 4] = (100).to_bytes(4, "little")
    tracemalloc.start()
    articles, (line,) = read(bytes(content), "news.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not articles
    assert "it is damaged: Bad CRC-32" in line
    assert peak < 5_000_000


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_a_bomb_stops_the_archive_but_keeps_what_came_before(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MIN_ALLOWANCE_BYTES", 10_000_000)
    members: dict[str, str | bytes] = {
        "a.txt": f"One\n{BODY}",
        **{f"{n}.csv": b"text\n" + b"x" * 4_000_000 for n in range(8)},
    }
    content = KINDS[ending](members)
    assert len(content) < 100_000
    articles, rejected = read(content, f"news{ending}")

    assert next(article.title for article in articles) == "One"
    assert len(articles) < 5
    assert rejected[-1].endswith("it unpacks to over a hundred times its size (unpack it yourself if you trust it)")


def test_a_gzip_bomb_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MIN_ALLOWANCE_BYTES", 1_000_000)
    articles, rejected = read(gzip.compress(b'{"text": "%b"}\n' % (b"Rain. " * 300) * 10_000), "news.jsonl.gz")

    assert 100 < len(articles) < 10_000
    assert "a hundred times its size" in rejected[-1]


def test_too_many_members_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MAX_MEMBERS", 3)
    for ending, pack in KINDS.items():
        _, rejected = read(pack({f"{n}.txt": BODY for n in range(4)}), f"news{ending}")
        assert "it holds more than 3 files" in rejected[-1], ending


def test_a_header_that_claims_a_name_of_gigabytes_is_rejected() -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 3_000_000_000
    _, rejected = read(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10_240, "news.tar")

    assert len(rejected) == 1
    assert "its list of files is too long" in rejected[0]


def test_a_tar_with_a_negative_size_does_not_loop() -> None:
    info = tarfile.TarInfo("a.txt")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 10 + b"\xfc\x00"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    articles, rejected = read(bytes(block) * 4, "news.tar")

    assert not articles
    assert "it is damaged" in rejected[-1]


# Damage


@pytest.mark.parametrize("ending", KINDS)
@pytest.mark.parametrize("part", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_truncated_archive_is_rejected_after_the_readable_members(ending: str, part: float) -> None:
    content = KINDS[ending]({f"{n}.txt": os.urandom(2_000).hex() for n in range(10)})
    if ending == ".tar":
        # Without the zeros at the end, so that some cuts fall on the end of a member.
        content = content[: 10 * 4_608]
    articles, rejected = read(content[: int(len(content) * part)], f"news{ending}")

    assert len(articles) <= 10
    assert len(articles) + len(rejected) > 0
    if ending != ".zip" and part > 0.3:
        assert articles
    if len(articles) < 10:
        assert rejected


def test_a_damaged_header_is_reported() -> None:
    content = bytearray(tarred({f"{n}.txt": f"{n}\n{BODY}" for n in range(4)}))
    content[2 * 1_024 : 2 * 1_024 + 100] = b"\xff" * 100
    articles, rejected = read(bytes(content), "news.tar")

    assert [article.title for article in articles] == ["0", "1"]
    assert "it is damaged: unreadable header" in rejected[0]


def test_a_damaged_member_is_rejected_and_the_others_read() -> None:
    content = zipped({"a.txt": os.urandom(500).hex(), "b.txt": f"Two\n{BODY}"})
    at = zipfile.ZipFile(io.BytesIO(content)).getinfo("a.txt").header_offset + 100
    articles, rejected = read(content[:at] + b"\xff" * 20 + content[at + 20 :], "news.zip")

    assert [article.title for article in articles] == ["Two"]
    assert rejected[0].startswith("!a.txt: it is damaged")


@pytest.mark.parametrize("ending", KINDS)
def test_an_empty_archive_is_rejected(ending: str) -> None:
    for members in ({}, {"__MACOSX/a.txt": BODY, ".DS_Store": "x"}):
        assert read(KINDS[ending](members), f"news{ending}") == ([], [": there is no file in it"])


def test_a_member_without_a_name_is_rejected_and_the_others_read() -> None:
    content = zipped({"x.txt": BODY, "a.txt": f"One\n{BODY}"}).replace(b"x.txt", b"\0.txt")
    articles, (line,) = read(content, "news.zip")

    assert [article.title for article in articles] == ["One"]
    assert line.startswith("!(no name): files without a suffix are not supported")


@pytest.mark.parametrize("ending", [".html", ".htm"])
def test_a_gzipped_page_is_read_like_the_page(ending: str) -> None:
    page = f"<html><body><article><h1>The bridge</h1><p>{BODY * 5}</p></article></body></html>".encode()
    (packed,), _ = read(gzip.compress(page), f"bridge{ending}.gz")
    (plain,), _ = read(page, f"bridge{ending}")

    assert (packed.title, packed.text) == (plain.title, plain.text)


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "diary.txt").write_text(f"Diary\n\n{BODY}")
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "storm.txt").write_text(f"Storm\n\n{BODY}")
    (folder / "again.txt").symlink_to(folder / "storm.txt")
    (folder / "link.txt").symlink_to(secret / "diary.txt")
    (folder / "more").symlink_to(secret)

    found = list(files.find([folder]))

    assert [item.name for item in found if isinstance(item, Path)] == ["again.txt", "storm.txt"]
    assert [item.path for item in found if isinstance(item, Rejection)] == [
        str(folder / "link.txt"),
        str(folder / "more"),
    ]
    assert list(files.find([folder / "link.txt"])) == [folder / "link.txt"], "a link that is named is read"
