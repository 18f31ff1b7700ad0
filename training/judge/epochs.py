"""The examples of each epoch of a training."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from training import sets
from training.fitting import Plan
from training.judge import claims, disputes, unlabelled
from training.judge.examples import Example, Maker
from training.near import windows_near


class Epochs:
    """The sets of a plan, and what an epoch makes of them; with teachers to judge them, pairs without labels, too."""

    def __init__(self, plan: Plan, encoder: Path, say: Callable[[str], None]) -> None:
        self._plan = plan
        self.cases, _ = sets.questions(plan.data)
        self._near = windows_near(self.cases, encoder, plan.out / "near.json", say)
        self._maker = Maker(self.cases, self._near, plan.seed)
        self._entailment, _ = sets.split(sets.read(plan.data / "rte", "claims.jsonl"))
        self._modes, _ = sets.split(sets.read(plan.data / "fitz_gov", "modes.jsonl"))
        self._fixed = [*claims.entailed(self._entailment), *disputes.given(self._modes)]

    def examples(self, number: int) -> list[Example]:
        """Of the epoch `number`: always the same ones, in no order that matters."""
        plan, near = self._plan, self._near
        chance = random.Random(f"{plan.seed}/{number}")
        some = chance.sample(self.cases, round(plan.part * len(self.cases)))
        made = [example for case in some for example in self._maker.of(case, number)]
        made += [example for case in some for example in claims.of(case, plan.seed, number)]
        made += [example for case in some for example in disputes.of(case, near, plan.seed, number)]
        fixed = chance.sample(self._fixed, round(plan.part * len(self._fixed)))
        if not plan.teachers:
            return made + fixed
        made += [example for case in some for example in unlabelled.of(case, near, plan.seed, number)]
        more = [*unlabelled.entailed(self._entailment, chance), *unlabelled.given(self._modes, chance)]
        return made + fixed + chance.sample(more, round(plan.part * len(more)))

    def disputed(self) -> tuple[list[Example], list[Example]]:
        """What is told of texts together, by the set that has it, and as made of every third question."""
        told = [example for example in disputes.given(self._modes) if example.disputes is not None]
        some = self.cases[::3]
        return told, [example for case in some for example in disputes.of(case, self._near, self._plan.seed, 0)]
