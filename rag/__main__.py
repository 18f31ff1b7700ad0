"""`python -m rag` is the command `nutgraf`."""

from rag.cli import main

main()
