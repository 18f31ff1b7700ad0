"""The other side of `processes.Loop`. It stands on nothing but Python, so that what is measured is left as it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping


def serve(calls: Mapping[str, Callable[..., object]]) -> None:
    """Answer each line of JSON, a name and arguments, with the JSON of what that call returns."""
    out = sys.stdout
    # What a library prints must not pass for an answer.
    sys.stdout = sys.stderr
    for line in sys.stdin:
        name, arguments = json.loads(line)
        out.write(json.dumps(calls[name](*arguments)) + "\n")
        out.flush()
