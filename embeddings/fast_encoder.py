"""A plain sentence-transformers model, computed without sentence-transformers.

Importing this module imports torch, which takes a second: import it where an encoder is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from embeddings.transformer import Transformer, TransformerConfig, bert_name, load_tokenizer, read_config, read_tensors

_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])


class _Recipe(NamedTuple):
    """What sentence-transformers would do with a model: truncate texts to `window` tokens, prepend `prompt`."""

    config: TransformerConfig
    window: int
    pooling: str
    prompt: str


class FastEncoder:
    """A BERT or an MPNet with mean or first-token pooling. Thread-safe."""

    def __init__(self, folder: Path, dtype: torch.dtype, layers: int | None = None) -> None:
        """Load the model, or only its first `layers`.

        Raises: OSError; ValueError, if it is not plain enough, or its weights are damaged.
        """
        recipe = _recipe(folder)
        if layers is not None:
            recipe = recipe._replace(config=recipe.config._replace(num_hidden_layers=layers))
        self._prompt, self._pooling = recipe.prompt, recipe.pooling
        self.dimension = recipe.config.hidden_size
        self._transformer = Transformer(recipe.config)
        self.take_weights({name: rows.to(dtype) for name, rows in read_tensors(folder / "model.safetensors").items()})
        self._transformer.eval()
        self._tokenizer = load_tokenizer(folder, recipe.window)

    def take_weights(self, tensors: Mapping[str, Tensor]) -> None:
        """Use `tensors` without copying them. Raises: ValueError, if one is missing or of the wrong size."""
        try:
            named = {bert_name(name): rows for name, rows in tensors.items()}
            missing = self._transformer.load_state_dict(named, strict=False, assign=True).missing_keys
        except RuntimeError as error:
            raise ValueError("the weights do not fit config.json") from error
        if missing:
            raise ValueError(f"{len(missing)} weights are missing, {missing[0]} among them")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(one.ids) for one in self._tokenizer.encode_batch(list(texts))]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Encode one batch."""
        encoded = self._tokenizer.encode_batch([self._prompt + text for text in texts])
        shape = len(texts), max(len(one.ids) for one in encoded)
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, one in enumerate(encoded):
            ids[row, : len(one.ids)], mask[row, : len(one.ids)] = one.ids, 1
        tokens = torch.from_numpy(mask)
        states = self._transformer(torch.from_numpy(ids), tokens)
        if self._pooling == "cls":
            pooled = states[:, 0]
        else:
            pooled = (states * tokens[:, :, None]).sum(1, dtype=torch.float32) / tokens.sum(1, keepdim=True).clamp(1)
        rows: npt.NDArray[np.float32] = pooled.float().numpy()
        return rows


def _recipe(folder: Path) -> _Recipe:
    """Raises: OSError; ValueError, if the configuration asks for anything unusual."""
    unusual = ValueError(f"{folder} is more than a transformer with a usual pooling")
    config = read_config(folder / "config.json")
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [str(module["type"]) for module in modules]
        paths = [str(module["path"]) for module in modules]
    except (TypeError, KeyError) as error:
        raise unusual from error
    if [kind.rpartition(".")[2] for kind in kinds] not in _MODULES or paths[0]:
        raise unusual
    text = _read_object(folder / "sentence_bert_config.json")
    pooling = _read_object(folder / paths[1] / "config.json")
    others = folder / "config_sentence_transformers.json"
    prompting = _read_object(others) if others.is_file() else {}
    # Older models have a switch for each mode, newer ones a name.
    modes = [mode for mode, on in pooling.items() if mode.startswith("pooling_mode_") and on]
    mode = _POOLINGS.get(modes[0]) if len(modes) == 1 else pooling.get("pooling_mode")
    window = text.get("max_seq_length") or _read_object(folder / "tokenizer_config.json").get("model_max_length")
    if mode not in ("mean", "cls") or not isinstance(window, int) or text.get("do_lower_case"):
        raise unusual
    name = prompting.get("default_prompt_name")
    if name and not pooling.get("include_prompt", True):
        raise unusual
    prompt = (prompting.get("prompts") or {}).get(name, "") if name else ""
    return _Recipe(config, min(window, config.max_tokens), mode, prompt)


def _read_object(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path} is not one JSON object")
    return found
