"""The reader: a local language model behind llama.cpp, one question at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from rag.errors import GenerationFailed, ModelCorrupt
from rag.models.prompt import Prompt
from rag.models.turns import Turns

# A prompt is read in pieces of this size, and a stop is heeded between them. (llama.cpp's abort callback would be
# finer, but every one of its threads would wait for Python's lock at every step: many times slower in a busy process.)
_BATCH_TOKENS = 64
# ChatML, for a model whose file carries no template of its own.
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)
# A token of a model smaller than this is written by one thread: with more, they wait for each other hundreds of times
# for it, asleep, and it takes three times as long in all (decisions/0003).
_SMALL_BYTES = 200_000_000
_USER = "\u2063user text\u2063"


class Reader(Protocol):
    """What writes an answer from a prompt."""

    name: str
    context_tokens: int

    def count_tokens(self, text: str) -> int: ...

    def count_prompt_tokens(self, prompt: Prompt) -> int:
        """How many tokens it is given, its template's own included."""
        ...

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stopped: Callable[[], bool],
        waiting: Callable[[int], None],
    ) -> Iterator[str]:
        """Yield the text token by token, "" for one whose character is not whole yet; end early when `stopped()`.

        `waiting(place)` is called while others are served first (1: next).
        Raises: GenerationFailed.
        """
        ...


class LlamaReader:
    """A GGUF model. Greedy decoding from a fixed state: the same prompt gives the same text."""

    def __init__(self, path: Path, name: str, context_tokens: int, threads: int) -> None:
        """Load the weights. Raises: ModelCorrupt.

        `threads` 0: one for each core, and to write with a small model one.
        """
        self.name = name
        self._turns = Turns()
        cores = threads or os.cpu_count() or 1
        try:
            self._llama = llama_cpp.Llama(
                str(path),
                n_ctx=context_tokens,
                n_batch=_BATCH_TOKENS,
                n_threads=cores,
                n_threads_batch=cores,
                verbose=False,
            )
        except ValueError as error:
            raise ModelCorrupt(f"{path} is no model that llama.cpp can load: {error}", "name another reader") from error
        # Of all its files, where there are several.
        if not threads and llama_cpp.llama_model_size(self._llama._model.model) < _SMALL_BYTES:
            llama_cpp.llama_set_n_threads(self._llama._ctx.ctx, 1, cores)
        self._format = _formatter(self._llama)
        self._prefix: list[int] = []
        self.context_tokens = context_tokens

    def count_tokens(self, text: str) -> int:
        return len(self._tokens(text, special=False))

    def count_prompt_tokens(self, prompt: Prompt) -> int:
        return sum(map(len, self.tokens(prompt)))

    def tokens(self, prompt: Prompt) -> tuple[list[int], list[int]]:
        """What the model is given: what never changes, and the rest."""
        before, after = self._render(prompt)
        rest = self._tokens(prompt.user, special=False) + self._tokens(after, special=True)
        return self._tokens(before, special=True), rest

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stopped: Callable[[], bool],
        waiting: Callable[[int], None],
    ) -> Iterator[str]:
        with self._turns.take(stopped, waiting) as mine:
            if not mine:
                return
            try:
                yield from self._generate(prompt, max_tokens, stopped)
            except RuntimeError as error:
                message = f"{self.name} broke off: {error}"
                raise GenerationFailed(message, "ask again, or a shorter question") from error

    def _generate(self, prompt: Prompt, max_tokens: int, stopped: Callable[[], bool]) -> Iterator[str]:
        prefix, rest = self.tokens(prompt)
        room = min(max_tokens, self.context_tokens - len(prefix) - len(rest))
        if room < 1:
            raise GenerationFailed(
                f"the prompt has {len(prefix) + len(rest)} tokens and {self.name} takes {self.context_tokens}",
                "ask a shorter question, or raise the setting context_tokens",
            )
        self._rewind(prefix)
        for at in range(0, len(rest), _BATCH_TOKENS):
            if stopped():
                return
            self._llama.eval(rest[at : at + _BATCH_TOKENS])
        written = bytearray()
        for count, token in enumerate(self._llama.generate([*prefix, *rest], temp=0.0), start=1):
            if stopped() or llama_cpp.llama_vocab_is_eog(self._llama._model.vocab, token):
                return
            written += self._llama.detokenize([token])
            text, cut = _whole_characters(written)
            del written[:cut]
            yield text
            if count >= room:
                return

    def _rewind(self, prefix: list[int]) -> None:
        """Go back to the state just after the prefix, and to no other: then batches, and so results, repeat."""
        if prefix != self._prefix:
            self._prefix = []
            self._llama.reset()
            self._llama.eval(prefix)
            self._prefix = prefix
        self._llama.n_tokens = len(prefix)

    def _render(self, prompt: Prompt) -> tuple[str, str]:
        messages: list[Any] = [{"role": "system", "content": prompt.system}]
        for asked, answered in prompt.examples:
            messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        messages.append({"role": "user", "content": _USER})
        # Models that think aloud first (Qwen3) would spend the answer's tokens on it.
        rendered = self._format(messages=messages, enable_thinking=False).prompt
        before, _, after = rendered.partition(_USER)
        return before, after

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        """Text of articles and users is never `special`: a `<|im_end|>` in it is eleven characters."""
        tokens: list[int] = self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=special)
        return tokens


def _formatter(llama: llama_cpp.Llama) -> Jinja2ChatFormatter:
    def token(token_id: int) -> str:
        text: str = llama._model.token_get_text(token_id) if token_id >= 0 else ""
        return text

    template = llama.metadata.get("tokenizer.chat_template", _CHATML)
    return Jinja2ChatFormatter(template, eos_token=token(llama.token_eos()), bos_token=token(llama.token_bos()))


def _whole_characters(content: bytearray) -> tuple[str, int]:
    """Decode what is complete; return it and how many bytes it took."""
    try:
        return content.decode("utf-8"), len(content)
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return content[: error.start].decode("utf-8"), error.start
        return content.decode("utf-8", "replace"), len(content)
