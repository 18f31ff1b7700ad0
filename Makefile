# `make run` and `make test` are the two commands to know. Both set up .venv first if needed.
#
#   PYTHON=python3.12   the Python that .venv is made with (3.11 or newer)
#   TORCH_INDEX=URL     a pip index with CPU-only torch wheels: on Linux the default ones include gigabytes of CUDA;
#                       what comes from there is not checked against the hashes of constraints.txt
#   CMAKE_ARGS=FLAGS    build flags for llama.cpp (default: -DGGML_NATIVE=OFF -DMTMD_BUILD=OFF -DLLAVA_BUILD=OFF)
#   ARCHIVE=DIR         the archive for `make run`, instead of your default one
#   JUDGE=NAME          the judge for `make run`: `JUDGE=nutgraf-judge` does without the download of a better one (438 MB)
#   READER=NAME         the reader for `make run`, downloaded if it is not on this machine
#   PYTEST_ARGS=ARGS    more arguments for pytest in `make test`
#   EVAL_ARGS=ARGS      more arguments for the run in `make eval`, such as `--limit 20` or `--set seeds`
#   BENCH_ARGS=ARGS     arguments for the benchmark in `make bench`, such as `--only ingest --corpus DIR`

PYTHON ?= python3
export PYTHON TORCH_INDEX

# Quoted by the shell, not by make, so that folders and files may have any name.
archive_option = $(if $(ARCHIVE),--archive "$$ARCHIVE")
models = $(if $(JUDGE),NUTGRAF_JUDGE="$$JUDGE") $(if $(READER),NUTGRAF_READER="$$READER")
export ARCHIVE JUDGE READER

.PHONY: help run test lint eval bench setup constraints clean

help: ## list these targets and variables
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile
	@sed -n 's/^#   / /p' Makefile

run: setup ## download the better judge once, read the sample articles into an empty archive, open the chat
	$(models) .venv/bin/nutgraf models pull $(archive_option)
	$(models) .venv/bin/nutgraf ingest --if-empty $(archive_option) seeds/*.txt
	$(models) .venv/bin/nutgraf chat $(archive_option)

test: lint ## lint, then the whole test suite
	.venv/bin/pytest $(PYTEST_ARGS)

lint: setup ## ruff and mypy --strict
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# build/ is not in git. A report that is there is resumed: what has not changed since is not asked again.
eval: setup ## ask the fixed sets of questions and compare the answers with their baselines (under 5 minutes)
	.venv/bin/python -m eval run --report build/eval $(EVAL_ARGS)
	.venv/bin/python -m eval gate build/eval $(if $(findstring --limit,$(EVAL_ARGS)),--partial)

bench: setup ## how fast it is: questions, ingest, search and memory, beside a plain loop (about 10 minutes)
	.venv/bin/python -m eval bench $(BENCH_ARGS)

# Always run, because file times alone do not tell whether .venv is current; it takes milliseconds if it is.
setup: ## make .venv or bring it up to date (4 to 10 minutes the first time on a machine)
	@sh setup/environment.sh

# uv keeps the versions already pinned: to move everything up, delete constraints.txt first.
constraints: ## pin the versions that pyproject.toml now asks for, and the hashes of their files
	@command -v uv >/dev/null || { $(MAKE) setup && .venv/bin/python -m pip install -q uv; }
	PATH="$$PATH:.venv/bin" uv pip compile -q --universal --python-version 3.11 --all-extras --generate-hashes \
	    --custom-compile-command "make constraints" pyproject.toml -o constraints.txt

# The stamp goes first: if this is interrupted, the rest must not count as an environment.
clean: ## remove .venv
	rm -f .venv/.ready
	rm -rf .venv
