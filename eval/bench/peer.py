"""The peer that nutgraf is measured against: LlamaIndex's CitationQueryEngine with the same two models.

Its sizes and prompts are its own; only the reader's limits are ours. It streams, so that its first token can be seen.
It runs in a process of its own: `python -m eval.bench.peer ENCODER GGUF SEEDS CONTEXT_TOKENS ANSWER_TOKENS`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.query_engine import CitationQueryEngine
from pydantic import PrivateAttr
from sentence_transformers import SentenceTransformer

from eval.bench.serving import serve

# As its documentation has it.
_PASSAGES = 3


class Embedding(BaseEmbedding):  # type: ignore[misc]
    """sentence-transformers as LlamaIndex asks for it."""

    _model: SentenceTransformer = PrivateAttr()

    def __init__(self, folder: str) -> None:
        super().__init__(model_name=folder)
        self._model = SentenceTransformer(folder, device="cpu", local_files_only=True)

    def _get_text_embedding(self, text: str) -> list[float]:
        vector: list[float] = self._model.encode(text, normalize_embeddings=True, show_progress_bar=False).tolist()
        return vector

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


class Reader(CustomLLM):  # type: ignore[misc]
    """llama.cpp as LlamaIndex asks for it: the prompt is one turn of the user in the model's own chat template."""

    _llama: llama_cpp.Llama = PrivateAttr()
    _context_tokens: int = PrivateAttr()
    _answer_tokens: int = PrivateAttr()

    def __init__(self, path: str, context_tokens: int, answer_tokens: int) -> None:
        super().__init__()
        self._context_tokens, self._answer_tokens = context_tokens, answer_tokens
        threads = os.cpu_count() or 1
        self._llama = llama_cpp.Llama(
            path, n_ctx=context_tokens, n_threads=threads, n_threads_batch=threads, verbose=False
        )

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=self._context_tokens, num_output=self._answer_tokens)

    @llm_completion_callback()  # type: ignore[untyped-decorator]
    def complete(self, prompt: str, *, formatted: bool = False) -> CompletionResponse:  # noqa: ARG002
        return CompletionResponse(text="".join(self._written(prompt)))

    @llm_completion_callback()  # type: ignore[untyped-decorator]
    def stream_complete(self, prompt: str, *, formatted: bool = False) -> Iterator[CompletionResponse]:  # noqa: ARG002
        text = ""
        for piece in self._written(prompt):
            text += piece
            yield CompletionResponse(text=text, delta=piece)

    def _written(self, prompt: str) -> Iterator[str]:
        messages: list[Any] = [{"role": "user", "content": prompt}]
        pieces: Any = self._llama.create_chat_completion(
            messages, temperature=0.0, max_tokens=self._answer_tokens, stream=True
        )
        for piece in pieces:
            yield piece["choices"][0]["delta"].get("content") or ""


class Peer:
    def __init__(self, encoder: str, reader: str, seeds: str, context_tokens: int, answer_tokens: int) -> None:
        texts = [path.read_text(encoding="utf-8") for path in sorted(Path(seeds).glob("*.txt"))]
        index = VectorStoreIndex.from_documents([Document(text=text) for text in texts], embed_model=Embedding(encoder))
        llm = Reader(reader, context_tokens, answer_tokens)
        self._engine = CitationQueryEngine.from_args(index, llm=llm, similarity_top_k=_PASSAGES, streaming=True)

    def ask(self, question: str) -> dict[str, object]:
        """The answer, its numbered sources in order, and the seconds to its first and its last token."""
        clock, first_token, text = time.perf_counter(), None, ""
        response = self._engine.query(question)
        for piece in response.response_gen:
            if piece and first_token is None:
                first_token = time.perf_counter() - clock
            text += piece
        seconds = time.perf_counter() - clock
        sources = [found.node.get_content() for found in response.source_nodes]
        return {"text": text, "sources": sources, "first_token_seconds": first_token, "seconds": seconds}


if __name__ == "__main__":
    serve({"ask": Peer(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])).ask})
