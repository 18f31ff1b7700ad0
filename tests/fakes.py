"""Fakes that a person can compute by hand, for the failure paths; the contract tests run them too."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from embeddings import Judgement, Pair
from rag.models.reader import Prompt


class HashEncoder:
    """A bag of words: each word counts in the column of its CRC-32, modulo the dimension."""

    def __init__(self, dimension: int = 64, name: str = "hash") -> None:
        self.name = name
        self.fingerprint = f"{name}@{dimension}"
        self.dimension = dimension
        self.calls: list[tuple[str, ...]] = []

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        self.calls.append(tuple(texts))
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
            if progress:
                progress(row + 1)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        norms[norms == 0] = 1
        vectors /= norms
        return vectors


class ScriptedReader:
    """Says what it was told to say, word by word, and remembers the prompts; `fail` is raised at the end."""

    name = "scripted"
    context_tokens = 2048

    def __init__(self, script: str = "", fail: Exception | None = None) -> None:
        self.script = script
        self.fail = fail
        self.prompts: list[Prompt] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def count_prompt_tokens(self, prompt: Prompt) -> int:
        return self.count_tokens(f"{prompt.system} {prompt.user}")

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stopped: Callable[[], bool],
        waiting: Callable[[int], None],
    ) -> Iterator[str]:
        self.prompts.append(prompt)
        for word in self.script.split(" ")[:max_tokens] if self.script else ():
            if stopped():
                return
            yield f"{word} "
        if self.fail:
            raise self.fail


class WordJudge:
    """A text answers and supports by the share of the words asked for that it has; the answer is its last word."""

    fingerprint = "words"

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        return [self._judged(pair) for pair in pairs]

    def _judged(self, pair: Pair) -> Judgement:
        asked, said = set(pair.asked.lower().split()), set(pair.text.lower().split())
        odds = 8.0 * len(asked & said) / max(1, len(asked)) - 4.0
        bare = pair.text.rstrip()
        start = max(pair.start, bare.rfind(" ") + 1)
        return Judgement(odds, odds, start, max(start, len(bare)), odds, -4.0, -odds)
