"""The shipped reader as a torch model, and what is learnt on top of it as a GGUF adapter for llama.cpp.

The reader is trained as it runs: its quantised weights are turned back into numbers, and only low-rank matrices beside
them (LoRA, Hu et al. 2021) are learnt. llama.cpp keeps the rows of Q and K in another order than transformers does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from training import lowrank

# Of every layer: the name in GGUF and the module in transformers.
_PARTS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_NORMS = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
Floats = npt.NDArray[np.float32]


def load(path: Path) -> LlamaForCausalLM:
    """The model in a GGUF file of the llama architecture, in float32. Raises: OSError, ValueError."""
    reader = gguf.GGUFReader(path)
    config = _config(reader)
    model = LlamaForCausalLM(config)
    weights = {name: torch.from_numpy(rows.copy()) for name, rows in _renamed(reader, config)}
    weights.setdefault("lm_head.weight", weights["model.embed_tokens.weight"])
    model.load_state_dict(weights)
    model.eval()
    return model


def widen(model: LlamaForCausalLM, rank: int, alpha: float) -> None:
    """Put low-rank matrices beside every linear layer of `model`: they alone are learnt."""
    model.requires_grad_(requires_grad=False)
    layers = [f"{number}.{place}" for number in range(len(model.model.layers)) for place in _PARTS.values()]
    lowrank.widen(model.model.layers, layers, rank, alpha)


def save(model: LlamaForCausalLM, path: Path, alpha: float, name: str) -> None:
    """Write what was learnt as an adapter that llama.cpp loads beside the very model that `load` read."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_name(name)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    for number, layer in enumerate(model.model.layers):
        for theirs, place in _PARTS.items():
            part = layer.get_submodule(place)
            down, up = (weight.detach().cpu().numpy() for weight in (part.a, part.b))
            heads = _heads(theirs, model.config)
            writer.add_tensor(f"blk.{number}.{theirs}.weight.lora_a", down.astype(np.float16))
            up = _paired(up, heads) if heads else up
            writer.add_tensor(f"blk.{number}.{theirs}.weight.lora_b", up.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _config(reader: gguf.GGUFReader) -> LlamaConfig:
    def told(name: str) -> Any:  # noqa: ANN401
        field = reader.get_field(name)
        if field is None:
            raise ValueError(f"the file says no {name}: it is no model of the llama architecture")
        return field.contents()

    heads = int(told("llama.attention.head_count"))
    return LlamaConfig(
        vocab_size=int(told("llama.vocab_size")),
        hidden_size=int(told("llama.embedding_length")),
        intermediate_size=int(told("llama.feed_forward_length")),
        num_hidden_layers=int(told("llama.block_count")),
        num_attention_heads=heads,
        num_key_value_heads=int(told("llama.attention.head_count_kv")),
        max_position_embeddings=int(told("llama.context_length")),
        rms_norm_eps=float(told("llama.attention.layer_norm_rms_epsilon")),
        rope_parameters={"rope_type": "default", "rope_theta": float(told("llama.rope.freq_base"))},
        tie_word_embeddings=not any(tensor.name == "output.weight" for tensor in reader.tensors),
    )


def _renamed(reader: gguf.GGUFReader, config: LlamaConfig) -> Iterator[tuple[str, Floats]]:
    whole = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
    for tensor in reader.tensors:
        rows = np.ascontiguousarray(gguf.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        name = tensor.name.removesuffix(".weight")
        if name in whole:
            yield f"{whole[name]}.weight", rows
            continue
        _, number, part = name.split(".")
        heads = _heads(part, config)
        place = {**_PARTS, **_NORMS}[part]
        yield f"model.layers.{number}.{place}.weight", _halved(rows, heads) if heads else rows


def _heads(part: str, config: LlamaConfig) -> int:
    """How many heads the rows are of, where their order differs; else 0."""
    return {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads or 0}.get(part, 0)


def _halved(rows: Floats, heads: int) -> Floats:
    """Rows as transformers has them, the two halves of a head after each other, from pairs beside each other."""
    return rows.reshape(heads, -1, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def _paired(rows: Floats, heads: int) -> Floats:
    """The way back: rows as llama.cpp has them."""
    return rows.reshape(heads, 2, -1, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)
