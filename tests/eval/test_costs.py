"""What a run cost, against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from eval import costs


def record(retrieve: float, first_token: float | None, total: float, prompt: int = 0, pairs: int = 1) -> dict[str, Any]:
    seconds = {"retrieve": retrieve, "first_token": first_token, "total": total}
    return {"said": {"seconds": seconds, "tokens": {"prompt": prompt, "written": 0}, "judged_pairs": pairs}}


# The first is refused: its reader was never asked.
RECORDS = [record(1.0, None, 1.5, pairs=4), record(3.0, 5.0, 9.0, prompt=300, pairs=6), {"said": None}]


def test_the_stages_of_the_mean_case_follow_each_other() -> None:
    first, second, third = costs.waterfall(RECORDS)

    assert tuple(first) == ("find and choose", 0.0, 2.0, 2.0, pytest.approx(2.9), 2)
    assert tuple(second) == ("read the prompt", 2.0, 3.0, 2.0, 2.0, 1)
    assert tuple(third) == ("write and check", 3.0, pytest.approx((1.5 + 9.0) / 2), 2.25, pytest.approx(3.825), 2)


def test_a_command_of_one_stage_has_one() -> None:
    assert costs.waterfall([{"said": {"seconds": {"check": 2.0}}}]) == [("check", 0.0, 2.0, 2.0, 2.0, 1)]
    assert costs.waterfall([{"said": None}]) == []


def test_percentiles_are_over_the_cases_that_have_a_number() -> None:
    told = costs.costs(RECORDS)

    assert told["seconds"]["first_token"] == {"p50": 5.0, "p95": 5.0}
    assert told["seconds"]["total"]["p50"] == pytest.approx(5.25)
    assert told["tokens"]["prompt"]["p50"] == 150
    assert told["judged_pairs"] == {"p50": 5.0, "p95": pytest.approx(5.9)}


def test_a_command_without_a_reader_or_a_judge_of_answers_has_no_tokens() -> None:
    told = costs.costs([{"said": {"seconds": {"check": 1.0}}}])

    assert (told["tokens"], "judged_pairs" in told) == ({}, False)


def test_memory_that_was_held_is_in_the_peak() -> None:
    before = costs.peak_memory_bytes()
    held = bytearray(b"x" * (before + 50 * 2**20))

    assert costs.peak_memory_bytes() > len(held)
    assert before > 2**20
