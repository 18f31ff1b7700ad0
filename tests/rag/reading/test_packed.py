"""Members are articles of their own; names are never paths; bombs and damage are lines."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rag.reading import packed
from tests.rag.reading.making import BODY, pdf, read, read_file, tarred, zipped

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
def test_every_member_is_an_article_that_says_where_it_is_from(ending: str) -> None:
    articles, rejected = read(KINDS[ending](MEMBERS), f"news{ending}")

    assert not rejected
    assert [article.title for article in articles] == ["One", "Two", "Three."]
    assert [article.origin.removeprefix(f"upload:news{ending}") for article in articles] == [
        "!a.txt",
        "!sub/b.md",
        "!sub/rows.jsonl#text-43c4d94e",
    ]
    assert len({article.id for article in articles}) == 3


def test_two_members_of_one_name_keep_apart() -> None:
    content = tarred({"a.txt": f"One\n{BODY}", "b.txt": f"Two\n{BODY}"}).replace(b"b.txt", b"a.txt")
    # The sum of the header's bytes is a part of it.
    first, second = read(_summed(content), "news.tar")[0]

    assert first.origin == "upload:news.tar!a.txt"
    assert second.origin == f"upload:news.tar!a.txt#~{second.content_hash[:8]}"
    assert first.id != second.id


def _summed(content: bytes) -> bytes:
    """The same tar with the sums of its two headers made anew."""
    made = bytearray(content)
    for at in (0, 1024):
        made[at + 148 : at + 156] = b" " * 8
        made[at + 148 : at + 156] = b"%06o\0 " % sum(made[at : at + 512])
    return bytes(made)


def test_a_document_within_is_read_apart_as_any(tmp_path: Path) -> None:
    (tmp_path / "news.zip").write_bytes(zipped({"storm.pdf": pdf(["The storm", BODY])}))
    (article,), rejected = read_file(tmp_path / "news.zip")

    assert not rejected
    assert (article.title, article.text) == ("The storm", BODY)
    assert article.origin == f"{tmp_path / 'news.zip'}!storm.pdf"


@pytest.mark.parametrize("ending", KINDS)
def test_a_name_that_climbs_out_is_only_a_name(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "a\nb\x1b[2J.txt")
    articles, rejected = read(KINDS[ending](dict.fromkeys(names, BODY)), f"news{ending}")

    assert not rejected
    assert len(articles) == 4
    assert articles[3].origin.endswith("!a\\nb\\x1b[2J.txt")
    assert not list(tmp_path.rglob("evil*"))
    assert not (tmp_path.parent.parent / "evil.txt").exists()


@pytest.mark.parametrize("ending", KINDS)
def test_what_is_no_article_is_a_line_and_the_others_are_read(ending: str) -> None:
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
        "!inner.zip: a packed file in a packed file",
        "!rows.csv.gz: a packed file in a packed file",
        "!photo.jpg: a file .jpg is not read yet",
        "!README.md: a README, not an article",
        "!bad.txt: it is not UTF-8: byte 0xe9 at offset 3",
    ]


def test_links_and_devices_in_a_tar_are_lines() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    articles, rejected = read(out.getvalue(), "news.tar")

    assert not articles
    assert [line.partition(": ")[2] for line in rejected] == ["neither a file nor a folder"] * 3


def test_an_encrypted_member_is_a_line() -> None:
    content = bytearray(zipped({"a.txt": BODY, "b.txt": f"Two\n{BODY}"}))
    for at in (content.find(b"PK\x03\x04") + 6, content.find(b"PK\x01\x02") + 8):
        content[at] |= 1
    articles, rejected = read(bytes(content), "news.zip")

    assert [article.title for article in articles] == ["Two"]
    assert rejected == ["!a.txt: it is encrypted (give it without its password)"]


# Bombs


@pytest.mark.parametrize("ending", KINDS)
def test_a_member_larger_than_its_format_may_be_is_a_line(ending: str) -> None:
    articles, rejected = read(KINDS[ending]({"big.txt": b"x" * 5_000_001, "a.txt": f"One\n{BODY}"}), f"news{ending}")

    assert [article.title for article in articles] == ["One"]
    assert rejected == ["!big.txt: it has 5.0 MB (such a file has at most 5 MB; split it)"]


def test_bytes_are_counted_whatever_the_header_says(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_a_bomb_stops_the_whole_file_and_what_came_before_stands(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_RATIO_FREE_BYTES", 10_000_000)
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


def test_a_bomb_in_gzip_ends_with_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_RATIO_FREE_BYTES", 1_000_000)
    articles, rejected = read(gzip.compress(b'{"text": "%b"}\n' % (b"Rain. " * 300) * 10_000), "news.jsonl.gz")

    assert 100 < len(articles) < 10_000
    assert "a hundred times its size" in rejected[-1]


def test_too_many_members_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_MOST_MEMBERS", 3)
    for ending, pack in KINDS.items():
        _, rejected = read(pack({f"{n}.txt": BODY for n in range(4)}), f"news{ending}")
        assert "it packs more than 3 files" in rejected[-1], ending


def test_a_header_that_claims_gigabytes_of_name_is_a_line() -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 3_000_000_000
    _, rejected = read(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10_240, "news.tar")

    assert len(rejected) == 1
    assert "its list of files is too long" in rejected[0]


def test_a_tar_that_leads_back_to_its_own_beginning_ends() -> None:
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
def test_a_truncated_archive_is_a_line_and_what_was_read_stands(ending: str, part: float) -> None:
    content = KINDS[ending]({f"{n}.txt": os.urandom(2_000).hex() for n in range(10)})
    if ending == ".tar":
        # Without the zeros at its end, and so cut where a member ends too.
        content = content[: 10 * 4_608]
    articles, rejected = read(content[: int(len(content) * part)], f"news{ending}")

    assert len(articles) <= 10
    assert len(articles) + len(rejected) > 0
    if ending != ".zip" and part > 0.3:
        assert articles
    if len(articles) < 10:
        assert rejected


def test_a_header_damaged_in_the_middle_is_told() -> None:
    content = bytearray(tarred({f"{n}.txt": f"{n}\n{BODY}" for n in range(4)}))
    content[2 * 1_024 : 2 * 1_024 + 100] = b"\xff" * 100
    articles, rejected = read(bytes(content), "news.tar")

    assert [article.title for article in articles] == ["0", "1"]
    assert "it is damaged: a header that cannot be read" in rejected[0]


def test_a_damaged_member_is_a_line_and_the_others_are_read() -> None:
    content = zipped({"a.txt": os.urandom(500).hex(), "b.txt": f"Two\n{BODY}"})
    at = zipfile.ZipFile(io.BytesIO(content)).getinfo("a.txt").header_offset + 100
    articles, rejected = read(content[:at] + b"\xff" * 20 + content[at + 20 :], "news.zip")

    assert [article.title for article in articles] == ["Two"]
    assert rejected[0].startswith("!a.txt: it is damaged")


@pytest.mark.parametrize("ending", KINDS)
def test_an_archive_of_nothing_says_so(ending: str) -> None:
    for members in ({}, {"__MACOSX/a.txt": BODY, ".DS_Store": "x"}):
        assert read(KINDS[ending](members), f"news{ending}") == ([], [": there is no file in it"])
