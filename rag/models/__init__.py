"""Weights, and what is made of them: the encoder, the judge and the reader."""
