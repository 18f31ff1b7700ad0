"""A judge that is taught comes nearer to its teacher, whatever tokens that reads."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from embeddings import network
from embeddings.judge import NEVER, Pair
from rag.models import weights as models
from rag.types import Span
from tests.conftest import ENCODER
from training.fitting import Fitting
from training.judge import fitting
from training.judge.examples import Example
from training.judge.teaching import Opinion, Teacher, distance

ANSWERS, SUPPORTS = (network.ANSWERS, (0, 2)), (network.SUPPORTS, (1,))
TEXT = "Heavy rain destroyed 200 homes in the valley."


def opinion(seed: int, before: int, places: int) -> Opinion:
    """Of three pairs, each with `before` tokens that no answer may hold and then `places` that may."""
    chance = torch.Generator().manual_seed(seed)
    inside = torch.zeros(3, before + places, dtype=torch.bool)
    inside[:, before:] = True
    spans = torch.randn(3, 2, before + places, generator=chance)
    spans[:, :, 1:before] = NEVER
    return Opinion(spans, torch.randn(3, 4, generator=chance), inside)


def gradients(learner: Opinion, teacher: Opinion) -> tuple[Tensor, Tensor]:
    spans, worth = learner.spans.clone().requires_grad_(), learner.worth.clone().requires_grad_()
    distance(Opinion(spans, worth, learner.inside), teacher, (ANSWERS, SUPPORTS)).backward()  # type: ignore[no-untyped-call]
    assert worth.grad is not None
    return torch.zeros(()) if spans.grad is None else spans.grad, worth.grad


def test_nothing_is_to_be_learnt_from_a_teacher_who_says_the_same() -> None:
    same = opinion(0, 4, 6)
    # The same with one token more before the text, as MPNet has.
    shifted = Opinion(torch.cat([same.spans[:, :, :2], same.spans[:, :, 1:]], 2), same.worth, opinion(0, 5, 6).inside)
    for teacher in (same, shifted):
        for gradient in gradients(same, teacher):
            assert torch.allclose(gradient, torch.zeros(()), atol=1e-6)


def test_what_the_teacher_is_not_asked_counts_for_nothing() -> None:
    spans, worth = gradients(opinion(0, 4, 6), opinion(1, 4, 6))

    assert torch.equal(
        worth != 0, torch.tensor([[True, *[False] * 3], [False, True, False, False], [True, *[False] * 3]])
    )
    assert [bool(row.any()) for row in spans] == [True, False, True]
    assert not spans[:, :, 1:4].any()


def test_several_teachers_teach_their_mean() -> None:
    base, own = (models.find(*one).path for one in ((ENCODER, "encoder"), ("nutgraf-judge", "judge")))
    pairs = [Pair("How many homes were destroyed?", TEXT), Pair("Heavy rain destroyed 200 homes.", TEXT)]
    one, same = (Teacher(base, [own] * n, "cpu").ask(pairs) for n in (1, 2))

    assert torch.allclose(one.worth, same.worth, atol=1e-5)
    assert torch.allclose(one.spans, same.spans, atol=1e-2)


def test_a_pair_that_nobody_tells_of_is_taught_where_it_asks() -> None:
    base, own = (models.find(*one).path for one in ((ENCODER, "encoder"), ("nutgraf-judge", "judge")))
    pair = Pair("How many homes were destroyed?", TEXT)
    (batch,) = fitting.batches([Example(pair, asks=(network.ANSWERS,))], network.tokenizer(base), random.Random(0), 64)
    judge = fitting.prepared(network.load(base, None), "cpu").eval()

    assert fitting.loss(judge, batch, 64) == 0
    fitting.loss(judge, batch, 64, Teacher(base, [own], "cpu")).backward()  # type: ignore[no-untyped-call]

    assert judge.worth.weight.grad is not None
    assert [bool(row.any()) for row in judge.worth.weight.grad] == [True, False, False, False]
    assert judge.spans.weight.grad is not None
    assert judge.spans.weight.grad.any()


def test_where_a_text_was_cut_off_elsewhere_its_places_are_not_compared() -> None:
    spans, worth = gradients(opinion(0, 4, 6), opinion(1, 5, 5))

    assert not spans.any()
    assert worth.any()


def test_a_taught_judge_is_nearer_to_its_teacher(tmp_path: Path) -> None:
    base, weights = (models.find(*one).path for one in ((ENCODER, "encoder"), ("nutgraf-judge", "judge")))
    teacher = Teacher(base, [weights], "cpu")
    examples = [
        example
        for n in range(10)
        for example in (
            # What is told of them is wrong, and the teacher knows better.
            Example(Pair(f"How many homes were destroyed, {n}?", TEXT), answers=False),
            Example(Pair(f"Who is the mayor, {n}?", TEXT), answers=True, span=Span(21, 24)),
            Example(Pair("Heavy rain destroyed 200 homes.", TEXT), supports=False),
        )
    ]
    batch = next(fitting.batches(examples, network.tokenizer(base), random.Random(0), 512))
    pairs = [example.pair for example, _ in batch]
    heads = ((network.ANSWERS, range(len(pairs))), (network.SUPPORTS, range(len(pairs))))
    collated = network.collated(pairs, network.encode(network.tokenizer(base), pairs))
    told, off = teacher.ask(pairs), []
    for one in (None, teacher):
        torch.manual_seed(0)
        judge = fitting.prepared(network.load(base, None), "cpu")
        loss = partial(fitting.loss, judge, size=512, teacher=one)
        fit = Fitting(judge, loss, 16, 2e-4, tmp_path / f"{bool(one)}.pt")
        fit.run([batch] * 12, lambda _text: None)
        with torch.inference_mode():
            spans, worth = judge.eval()(collated)
            # Less what the teacher leaves open itself.
            off.append(
                float(distance(Opinion(spans, worth, collated.inside), told, heads) - distance(told, told, heads))
            )

    alone, taught = off
    assert 0 < taught < 0.7 * alone
