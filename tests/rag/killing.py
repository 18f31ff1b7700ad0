"""Kill a process that writes to an archive, again and again: `python -m tests.rag.killing ROUNDS [SEED]`.

Each round forks a writer that does one random task after another and announces the expected state before each. A
SIGKILL hits it at a random moment. Then a fresh process must find the result of every finished task, the interrupted
task done, not done or (if it adds many articles) begun, the database intact, and both indexes in step with it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NoReturn

from rag import Assistant, Upload, settings
from rag.archive import Store
from rag.doctor import is_split_right
from tests.fakes import HashEncoder, ScriptedReader, WordJudge

_MAX_SECONDS = 0.5
_MAX_ARTICLES = 120
Texts = dict[str, str]
State = tuple[str, Texts]


def main() -> None:
    rounds, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chance = random.Random(seed)
    hit: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home:
        _forked(lambda: _write(Path(home), seed, os.open(os.devnull, os.O_WRONLY), tasks=3))
        for number in range(rounds):
            hit[_round(Path(home), seed + 1 + number, chance.uniform(0.0, _MAX_SECONDS))] += 1
    summary = ", ".join(f"{count} in {task}" for task, count in sorted(hit.items()))
    sys.stdout.write(f"{rounds} kills, nothing lost: {summary}\n")


def _round(home: Path, seed: int, seconds: float) -> str:
    """Kill one writer after some seconds, check the archive, and return the interrupted task."""
    said = home / "said.jsonl"
    said.write_bytes(b"")
    writer = os.fork()
    if not writer:
        _child(lambda: _write(home, seed, os.open(said, os.O_WRONLY)))
    while not said.stat().st_size:
        time.sleep(0.002)
    time.sleep(seconds)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    # The last line is cut off where the kill hit the writer in the middle of telling.
    lines = said.read_bytes().splitlines(keepends=True)
    states: list[State] = [json.loads(line) for line in lines if line.endswith(b"\n")]
    task, after = states[-1]
    _forked(lambda: _check(home, task, states[-2:][0][1], after))
    return task


def _write(home: Path, seed: int, tell: int, tasks: int = 1_000) -> None:
    """Do random tasks, announcing the expected state before each."""
    chance = random.Random(seed)
    archive, words = _opened(home)
    texts = _texts(archive)
    os.write(tell, _line("nothing", texts))
    for _ in range(tasks):
        full = len(texts) > _MAX_ARTICLES
        usual = ("ingest", "remove" if full else "many", "edit", "remove", "convert", "rebuild")
        task = chance.choice(usual if len(texts) > 1 else ("many",))
        name = chance.choice(sorted(texts)) if texts else ""
        uploads: Texts = {}
        if task in ("ingest", "many"):
            uploads = {f"{chance.randrange(10**9)}.txt": _text(chance) for _ in range(40 if task == "many" else 1)}
        elif task == "edit":
            uploads = {name: _text(chance)}
        texts = texts | uploads
        if task == "remove":
            del texts[name]
        os.write(tell, _line(task, texts))
        if uploads:
            archive.ingest([Upload(name, text.encode(), replaces=True) for name, text in uploads.items()])
        elif task == "remove":
            archive.remove(next(item.id for item in archive.articles() if item.origin == f"upload:{name}"))
        elif task == "rebuild":
            archive.rebuild()
        else:
            archive.close()
            archive, words = _opened(home, 50 - words)
            archive.convert()


def _check(home: Path, task: str, before: Texts, after: Texts) -> None:
    """Compare the archive with the texts before and after the interrupted task."""
    archive, words = _opened(home)
    left = _texts(archive)
    begun = task == "many" and before.items() <= left.items() <= after.items()
    assert begun or left in (before, after), f"{task}: {len(before)}, {len(left)} or {len(after)} articles"
    assert archive._store.database.damage() == ()
    assert all(is_split_right(archive._store, item) for item in archive.articles())
    dense, lexical = archive._indexes.current()
    assert dense.ids().tolist() == archive._store.vectors()[0]
    for item in archive.articles():
        (found, *others) = lexical.search(item.text.split()[0], 5)
        assert not others
        assert found[0] in archive._store.passage_ids([item.id])
    assert all(len(text.split()) > words for text in left.values()), "every article has several passages"


def _opened(home: Path, words: int = 0) -> tuple[Assistant, int]:
    """Open the archive with passages of so many words; 0 keeps the current size."""
    chosen = settings.load_settings({"home": home}, {})
    chosen.archive.mkdir(exist_ok=True)
    with closing(Store(chosen.archive / "archive.sqlite3")) as store:
        words = words or int((store.setting("chunking") or "/20").rpartition("/")[2])
    chosen = settings.load_settings({"home": home, "passage_words": words}, {})
    return Assistant(chosen, HashEncoder(), WordJudge(), ScriptedReader()), words


def _texts(archive: Assistant) -> Texts:
    return {item.origin.removeprefix("upload:"): f"{item.title}\n\n{item.text}" for item in archive.articles()}


def _text(chance: random.Random) -> str:
    word = f"unique{chance.randrange(10**12)}"
    return f"Headline\n\n{word} begins it. " + " ".join(f"Word{chance.randrange(999)} goes on." for _ in range(30))


def _line(task: str, texts: Texts) -> bytes:
    return json.dumps([task, texts]).encode() + b"\n"


def _forked(work: Callable[[], None]) -> None:
    """Do `work` in a forked process; the parent opens no archive and starts no thread."""
    child = os.fork()
    if not child:
        _child(work)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("a check failed: see above")


def _child(work: Callable[[], None]) -> NoReturn:
    try:
        work()
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
