"""From a question to the checked answer.

Read in this order: `question`, `evidence`, `write`, `check`, `compose`.
"""
