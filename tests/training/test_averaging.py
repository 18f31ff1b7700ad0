"""The mean of weights: of each tensor, and of like tensors alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from training.judge.averaging import averaged


def stored(path: Path, **tensors: list[float]) -> Path:
    save_file({name: torch.tensor(rows, dtype=torch.float16) for name, rows in tensors.items()}, path)
    return path


def test_each_tensor_is_the_mean_of_all(tmp_path: Path) -> None:
    one = stored(tmp_path / "1", worth=[1.0, 2.0], bias=[0.0])
    other = stored(tmp_path / "2", worth=[3.0, -2.0], bias=[1.0])

    found = averaged([one, other])

    assert found["worth"].tolist() == [2.0, 0.0]
    assert found["bias"].tolist() == [0.5]
    assert {rows.dtype for rows in found.values()} == {torch.float16}


def test_judges_of_other_layers_have_no_mean(tmp_path: Path) -> None:
    one, other = stored(tmp_path / "1", worth=[1.0, 2.0]), stored(tmp_path / "2", worth=[1.0])

    with pytest.raises(ValueError, match=r"2 has other tensors than .*1"):
        averaged([one, other])
