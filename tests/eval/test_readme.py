"""What the README says of the figures is what the baseline holds."""

from __future__ import annotations

import json
import re

from tests.conftest import SEEDS

ROOT = SEEDS.parent
# As `python -m eval run` prints it: the measure, the mean, the interval, and how many cases count.
ROW = re.compile(r"^│ (\S+) +│ +([\d.]+) │ ([\d.]+) to ([\d.]+) │ +(\d+) │$", re.MULTILINE)


def test_the_table_in_the_readme_has_the_figures_of_the_baseline() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    baseline = json.loads((ROOT / "eval" / "questions" / "baseline.json").read_text(encoding="utf-8"))
    shown = {name: (float(mean), int(n)) for name, mean, _, _, n in ROW.findall(readme)}
    told = {name: (one["mean"], one["n"]) for name, one in baseline["measures"].items()}

    again = "copy the first table that `make eval` prints into README.md"
    assert shown.keys() == told.keys(), again
    for name, (mean, n) in told.items():
        # The one is rounded to three digits, the other to four.
        assert abs(shown[name][0] - mean) <= 0.00055, f"{name}: {again}"
        assert shown[name][1] == n, f"{name}: {again}"
    assert f"{len(baseline['cases'])} cases, caution" in readme, again
