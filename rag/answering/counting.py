"""Count what the judge of one answer reads."""

from __future__ import annotations

from collections.abc import Sequence

from embeddings import Judge, Judgement, Pair


class CountedJudge:
    """A judge that counts the pairs it was given, for one question; its judgements are those of the judge it has."""

    def __init__(self, judge: Judge) -> None:
        self.fingerprint = judge.fingerprint
        self.pairs = 0
        self._judge = judge

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        self.pairs += len(pairs)
        return self._judge.judge(pairs)
