from __future__ import annotations

import random
from pathlib import Path

import torch
from torch import Tensor

from embeddings import network
from embeddings.judge import NEVER, Pair
from rag.types import Span
from training import trainer
from training.examples import Example
from training.loss import Outputs, Teacher, batches, distillation, loss
from training.trainer import Trainer

ANSWERS, SUPPORTS = (network.ANSWERS, (0, 2)), (network.SUPPORTS, (1,))
TEXT = "Heavy rain destroyed 200 homes in the valley."


def outputs(seed: int, before: int, places: int) -> Outputs:
    """Random outputs for three pairs, each with `before` tokens before the text and `places` in it."""
    generator = torch.Generator().manual_seed(seed)
    inside = torch.zeros(3, before + places, dtype=torch.bool)
    inside[:, before:] = True
    spans = torch.randn(3, 2, before + places, generator=generator)
    spans[:, :, 1:before] = NEVER
    return Outputs(spans, torch.randn(3, 4, generator=generator), inside)


def gradients(student: Outputs, teacher: Outputs) -> tuple[Tensor, Tensor]:
    spans, worth = student.spans.clone().requires_grad_(), student.worth.clone().requires_grad_()
    distillation(Outputs(spans, worth, student.inside), teacher, (ANSWERS, SUPPORTS)).backward()  # type: ignore[no-untyped-call]
    assert worth.grad is not None
    return torch.zeros(()) if spans.grad is None else spans.grad, worth.grad


def test_a_teacher_with_the_same_outputs_gives_no_gradient() -> None:
    same = outputs(0, 4, 6)
    # The same with one token more before the text, as MPNet has.
    shifted = Outputs(torch.cat([same.spans[:, :, :2], same.spans[:, :, 1:]], 2), same.worth, outputs(0, 5, 6).inside)
    for teacher in (same, shifted):
        for gradient in gradients(same, teacher):
            assert torch.allclose(gradient, torch.zeros(()), atol=1e-6)


def test_only_the_rows_of_a_head_are_taught() -> None:
    spans, worth = gradients(outputs(0, 4, 6), outputs(1, 4, 6))

    answers, supports = [True, False, False, False], [False, True, False, False]
    assert torch.equal(worth != 0, torch.tensor([answers, supports, answers]))
    assert [bool(row.any()) for row in spans] == [True, False, True]
    assert not spans[:, :, 1:4].any()


def test_spans_of_texts_truncated_at_different_places_are_not_compared() -> None:
    spans, worth = gradients(outputs(0, 4, 6), outputs(1, 5, 5))

    assert not spans.any()
    assert worth.any()


def test_several_teachers_give_their_mean(base: Path, shipped_judge: Path) -> None:
    pairs = [Pair("How many homes were destroyed?", TEXT), Pair("Heavy rain destroyed 200 homes.", TEXT)]
    one, twice = (Teacher(base, [shipped_judge] * n, "cpu").judge(pairs) for n in (1, 2))

    assert torch.allclose(one.worth, twice.worth, atol=1e-5)
    assert torch.allclose(one.spans, twice.spans, atol=1e-2)


def test_an_unlabelled_pair_is_taught_for_its_heads(base: Path, shipped_judge: Path) -> None:
    example = Example(Pair("How many homes were destroyed?", TEXT), teacher_heads=(network.ANSWERS,))
    (batch,) = batches([example], network.tokenizer(base), random.Random(0), 64)
    judge = trainer.prepare(network.load(base, None), "cpu").eval()

    assert loss(judge, batch, 64) == 0
    loss(judge, batch, 64, Teacher(base, [shipped_judge], "cpu")).backward()  # type: ignore[no-untyped-call]

    assert judge.worth.weight.grad is not None
    assert [bool(row.any()) for row in judge.worth.weight.grad] == [True, False, False, False]
    assert judge.spans.weight.grad is not None
    assert judge.spans.weight.grad.any()


def test_a_taught_judge_is_nearer_to_its_teacher(base: Path, shipped_judge: Path, tmp_path: Path) -> None:
    teacher = Teacher(base, [shipped_judge], "cpu")
    examples = [
        example
        for n in range(10)
        for example in (
            # The labels are wrong, and the teacher knows better.
            Example(Pair(f"How many homes were destroyed, {n}?", TEXT), answers=False),
            Example(Pair(f"Who is the mayor, {n}?", TEXT), answers=True, span=Span(21, 24)),
            Example(Pair("Heavy rain destroyed 200 homes.", TEXT), supports=False),
        )
    ]
    batch = next(batches(examples, network.tokenizer(base), random.Random(0), 512))
    pairs = [example.pair for example, _ in batch]
    heads = ((network.ANSWERS, range(len(pairs))), (network.SUPPORTS, range(len(pairs))))
    collated = network.collated(pairs, network.encode(network.tokenizer(base), pairs))
    targets = teacher.judge(pairs)
    own_entropy = float(distillation(targets, targets, heads))
    distances = []
    for one in (None, teacher):
        torch.manual_seed(0)
        judge = trainer.prepare(network.load(base, None), "cpu")
        Trainer(judge, 16, 2e-4, tmp_path / f"{bool(one)}.pt", 512, one).run([batch] * 12)
        with torch.inference_mode():
            spans, worth = judge.eval()(collated)
            student = Outputs(spans, worth, collated.inside)
            distances.append(float(distillation(student, targets, heads)) - own_entropy)

    alone, taught = distances
    assert 0 < taught < 0.8 * alone
