"""Text to unit vectors, vectors to their nearest neighbours, and (question, text) pairs to judgements."""

import os

# Set before torch reads them. Tokenizers do not warn about forks; and OpenMP threads sleep instead of spin while they
# wait: beside a busy browser, spinning made an answer ten times slower (docs/decisions/0003-threads-and-imports.md).
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from embeddings.cross_encoder import ComposedJudge, CrossEncoder
from embeddings.encoder import Encoder, FormEncoder, SentenceEncoder, unit
from embeddings.index import IndexUnusable, VectorIndex
from embeddings.judge import Judge, Judgement, Pair, joined

__all__ = [
    "ComposedJudge",
    "CrossEncoder",
    "Encoder",
    "FormEncoder",
    "IndexUnusable",
    "Judge",
    "Judgement",
    "Pair",
    "SentenceEncoder",
    "VectorIndex",
    "joined",
    "unit",
]
