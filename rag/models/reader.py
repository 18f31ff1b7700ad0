"""The reader: a local language model (llama.cpp), the prompt it is given, and the queue in front of it.

llama.cpp is imported only when a `LlamaReader` is made, so whoever only builds prompts does not wait for it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rag.errors import GenerationFailed, ModelCorrupt
from rag.types import Evidence

INSTRUCTIONS = (
    "Answer the question by copying the numbered sentence that answers it, word for word. "
    "End with its number, like [1]."
)
# Invented news: from examples a small reader takes the form, and it takes the facts only from the evidence.
_EXAMPLES = (
    (
        "[1] The mayor, Ada Holm, opened the harbour bridge on Monday.\n"
        "[2] The bridge cost 40 million crowns, the city said, and took six years to build.\n"
        "Question: How much did the bridge cost?",
        "The bridge cost 40 million crowns, the city said, and took six years to build. [2]",
    ),
    (
        "[1] Minister Jon Berg said the ferry between Norvik and the northern islands would stop in May, because "
        "too few people use it.\n"
        "Question: Which places does the ferry join, and who said it would stop?",
        "Minister Jon Berg said the ferry between Norvik and the northern islands would stop in May, because "
        "too few people use it. [1]",
    ),
    (
        "[1] Rain fell on the valley for eight days.\n"
        "[2] Heavy rain destroyed 200 homes in Tarn last week, according to the police, who closed two roads.\n"
        "Question: Where were homes destroyed?",
        "Heavy rain destroyed 200 homes in Tarn last week, according to the police, who closed two roads. [2]",
    ),
)
# Room for the instructions, the examples and the chat template's own tokens (about 260 with SmolLM2).
FIXED_TOKENS = 400
# A prompt is evaluated in batches of this size, and a stop takes effect between them. (llama.cpp's abort callback
# would be finer, but each of its threads would wait for Python's lock at every step: many times slower in a busy
# process.)
_BATCH_TOKENS = 64
# ChatML, for a model whose file has no chat template.
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)
# Models smaller than this generate with one thread: several would synchronise hundreds of times a token, asleep in
# between, which takes three times as long (docs/decisions/0003).
_SMALL_MODEL_BYTES = 200_000_000
_USER_PLACEHOLDER = "\u2063user text\u2063"
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Prompt:
    """`system` and `examples` (pairs of question and answer) never change, so the reader keeps their state.

    `user` holds text of articles and users. It is data: nothing in it is read as a special token.
    """

    system: str
    examples: tuple[tuple[str, str], ...]
    user: str


def build_prompt(
    question: str, evidence: Sequence[Evidence], count_tokens: Callable[[str], int], budget_tokens: int
) -> Prompt:
    """Number the evidence from 1 and put the question after it.

    Evidence that does not fit in `budget_tokens` is dropped from the end; the first piece stays, shortened if need be.
    """
    lines = [f"[{number}] {_one_line(item.text)}" for number, item in enumerate(evidence, start=1)]
    while len(lines) > 1 and count_tokens(_user_text(lines, question)) > budget_tokens:
        lines.pop()
    while count_tokens(_user_text(lines, question)) > budget_tokens and len(lines[0]) > 1:
        lines[0] = lines[0][: len(lines[0]) // 2]
    return Prompt(INSTRUCTIONS, _EXAMPLES, _user_text(lines, question))


def _user_text(lines: Sequence[str], question: str) -> str:
    return "\n".join([*lines, f"Question: {_one_line(question)}"])


def _one_line(text: str) -> str:
    return " ".join(text.split())


class Reader(Protocol):
    """Writes an answer from a prompt."""

    name: str
    context_tokens: int

    def count_tokens(self, text: str) -> int: ...

    def count_prompt_tokens(self, prompt: Prompt) -> int:
        """Count all tokens of a prompt, the chat template's included."""
        ...

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stopped: Callable[[], bool],
        waiting: Callable[[int], None],
    ) -> Iterator[str]:
        """Yield the text token by token, "" for a token that ends inside a character; end early once `stopped()`.

        `waiting(place)` is called while others are served first; 1 is next in line. Raises: GenerationFailed.
        """
        ...


class LlamaReader:
    """A GGUF model. Thread-safe, one prompt at a time.

    It decodes greedily from a fixed state, so the same prompt always gives the same text.
    """

    def __init__(self, path: Path, name: str, context_tokens: int, threads: int) -> None:
        """Load the weights in `path`. Raises: ModelCorrupt.

        `threads` 0: one for each core, but a single one to generate with a small model.
        """
        import llama_cpp

        self.name = name
        self.context_tokens = context_tokens
        self._queue = FairQueue()
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
            raise ModelCorrupt(
                f"{path} is not a model that llama.cpp can load: {error}", "name another reader"
            ) from error
        # Asked of llama.cpp, because a model may be split over several files.
        if not threads and llama_cpp.llama_model_size(self._llama._model.model) < _SMALL_MODEL_BYTES:
            llama_cpp.llama_set_n_threads(self._llama._ctx.ctx, 1, cores)
        self._ends_text: Callable[[Any, int], bool] = llama_cpp.llama_vocab_is_eog
        self._format = _chat_formatter(self._llama)
        self._prefix: list[int] = []

    def count_tokens(self, text: str) -> int:
        return len(self._tokenize(text, special=False))

    def count_prompt_tokens(self, prompt: Prompt) -> int:
        return sum(map(len, self.tokens(prompt)))

    def tokens(self, prompt: Prompt) -> tuple[list[int], list[int]]:
        """Tokenize a prompt: the part that never changes, and the rest."""
        before, after = self._render(prompt)
        rest = self._tokenize(prompt.user, special=False) + self._tokenize(after, special=True)
        return self._tokenize(before, special=True), rest

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stopped: Callable[[], bool],
        waiting: Callable[[int], None],
    ) -> Iterator[str]:
        """See `Reader.stream`."""
        with self._queue.turn(stopped, waiting) as came:
            if not came:
                return
            try:
                yield from self._generate(prompt, max_tokens, stopped)
            except RuntimeError as error:
                message = f"{self.name} failed while writing: {error}"
                raise GenerationFailed(message, "ask again, or ask a shorter question") from error

    def _generate(self, prompt: Prompt, max_tokens: int, stopped: Callable[[], bool]) -> Iterator[str]:
        prefix, rest = self.tokens(prompt)
        room = min(max_tokens, self.context_tokens - len(prefix) - len(rest))
        if room < 1:
            raise GenerationFailed(
                f"the prompt has {len(prefix) + len(rest)} tokens, and {self.name} takes {self.context_tokens}",
                "ask a shorter question, or raise the setting context_tokens",
            )
        self._rewind(prefix)
        for at in range(0, len(rest), _BATCH_TOKENS):
            if stopped():
                return
            self._llama.eval(rest[at : at + _BATCH_TOKENS])
        written = bytearray()
        for count, token in enumerate(self._llama.generate([*prefix, *rest], temp=0.0), start=1):
            if stopped() or self._ends_text(self._llama._model.vocab, token):
                return
            written += self._llama.detokenize([token])
            text, size = _decode_whole_characters(written)
            del written[:size]
            yield text
            if count >= room:
                return

    def _rewind(self, prefix: list[int]) -> None:
        """Return to the state right after the prefix, always the same one: then batches, and so results, repeat."""
        if prefix != self._prefix:
            self._prefix = []
            self._llama.reset()
            self._llama.eval(prefix)
            self._prefix = prefix
        self._llama.n_tokens = len(prefix)

    def _render(self, prompt: Prompt) -> tuple[str, str]:
        """Apply the chat template; give what stands before and after the user's text."""
        messages: list[Any] = [{"role": "system", "content": prompt.system}]
        for asked, answered in prompt.examples:
            messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        messages.append({"role": "user", "content": _USER_PLACEHOLDER})
        # Models that think aloud first (Qwen3) would spend the answer's tokens on it.
        rendered = self._format(messages=messages, enable_thinking=False).prompt
        before, _, after = rendered.partition(_USER_PLACEHOLDER)
        return before, after

    def _tokenize(self, text: str, *, special: bool) -> list[int]:
        """Text of articles and users is never `special`: `<|im_end|>` in it is ten ordinary characters."""
        tokens: list[int] = self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=special)
        return tokens


def _chat_formatter(llama: Any) -> Any:  # noqa: ANN401
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    def token(token_id: int) -> str:
        text: str = llama._model.token_get_text(token_id) if token_id >= 0 else ""
        return text

    template = llama.metadata.get("tokenizer.chat_template", _CHATML)
    return Jinja2ChatFormatter(template, eos_token=token(llama.token_eos()), bos_token=token(llama.token_bos()))


def _decode_whole_characters(content: bytearray) -> tuple[str, int]:
    """Decode the complete characters; return them and how many bytes they took."""
    try:
        return content.decode("utf-8"), len(content)
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return content[: error.start].decode("utf-8"), error.start
        return content.decode("utf-8", "replace"), len(content)


class FairQueue:
    """First come, first served, for a resource that serves one caller at a time.

    Unlike with a lock, callers see their place in line and can leave.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tickets: deque[object] = deque()

    @contextmanager
    def turn(self, stopped: Callable[[], bool], waiting: Callable[[int], None]) -> Iterator[bool]:
        """Wait in line and hold the turn; give False if `stopped()` before it came.

        `waiting(place)` is called whenever the place changes; 1 is next in line.
        """
        ticket = object()
        with self._changed:
            self._tickets.append(ticket)
        try:
            yield self._wait(ticket, stopped, waiting)
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object, stopped: Callable[[], bool], waiting: Callable[[int], None]) -> bool:
        reported = 0
        while not stopped():
            with self._changed:
                place = self._tickets.index(ticket)
                if place == 0:
                    return True
                if place == reported:
                    self._changed.wait(_POLL_SECONDS)
            if place != reported:
                reported = place
                waiting(place)
        return False
