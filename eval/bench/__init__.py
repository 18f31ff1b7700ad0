"""How fast nutgraf is, beside what a plain loop takes in the same run: `python -m eval.bench`."""
