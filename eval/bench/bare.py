"""llama.cpp alone, with nothing around it: how long the tokens of a prompt take, up to the first that is written.

It runs in a process of its own: `python -m eval.bench.bare GGUF ADAPTER CONTEXT_TOKENS`.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from eval.bench.serving import serve

_USER = "\u2063user text\u2063"


class Bare:
    def __init__(self, path: str, adapter: str, context_tokens: int) -> None:
        threads = os.cpu_count() or 1
        self._llama = llama_cpp.Llama(
            path, n_ctx=context_tokens, n_threads=threads, n_threads_batch=threads, lora_path=adapter, verbose=False
        )
        self._kept: list[int] = []

    def first_token(self, system: str, examples: list[list[str]], user: str) -> tuple[float, int, str]:
        """Seconds to read what comes after the instructions and examples; how many tokens that is; what is written."""
        before, after = self._rendered(system, examples)
        kept, rest = self._tokens(before), self._tokens(user, special=False) + self._tokens(after)
        if kept != self._kept:
            self._llama.reset()
            self._llama.eval(kept)
            self._kept = kept
        self._llama.n_tokens = len(kept)
        clock = time.perf_counter()
        self._llama.eval(rest)
        token = self._llama.sample(temp=0.0)
        seconds = time.perf_counter() - clock
        return seconds, len(rest), self._llama.detokenize([token]).decode("utf-8", "replace")

    def _rendered(self, system: str, examples: list[list[str]]) -> tuple[str, str]:
        template = self._llama.metadata["tokenizer.chat_template"]
        model = self._llama._model
        end, begin = model.token_get_text(self._llama.token_eos()), model.token_get_text(self._llama.token_bos())
        formatter = Jinja2ChatFormatter(template, eos_token=end, bos_token=begin)
        messages: list[Any] = [{"role": "system", "content": system}]
        for asked, answered in examples:
            messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        messages.append({"role": "user", "content": _USER})
        before, _, after = formatter(messages=messages).prompt.partition(_USER)
        return before, after

    def _tokens(self, text: str, *, special: bool = True) -> list[int]:
        tokens: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=special)
        return tokens


if __name__ == "__main__":
    serve({"first_token": Bare(sys.argv[1], sys.argv[2], int(sys.argv[3])).first_token})
