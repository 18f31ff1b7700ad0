"""Small encoders: text to unit vectors, and vectors to their nearest neighbours."""

from embeddings.encoder import Encoder, SentenceEncoder, unit
from embeddings.index import IndexUnusable, VectorIndex

__all__ = ["Encoder", "IndexUnusable", "SentenceEncoder", "VectorIndex", "unit"]
