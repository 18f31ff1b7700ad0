"""Small encoders: text to unit vectors, and vectors to their nearest neighbours."""

from embeddings.encoder import Encoder, SentenceEncoder
from embeddings.index import IndexUnusable, VectorIndex

__all__ = ["Encoder", "IndexUnusable", "SentenceEncoder", "VectorIndex"]
