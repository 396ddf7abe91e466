"""Change each rule row's value by one unit, up and down: some test of tests/law must notice.

    python tests/bench/mutate_rules.py

Prints the changes that no test noticed (there should be none) and exits 1 if there are any.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = json.loads((ROOT / "fixtures/reference/rules.json").read_text(encoding="utf-8"))
# The clauses alone, without Django: they read the rules file that GPMB_RULES names.
ARGUMENTS = [
    *("-x", "-q", "-p", "no:django", "-p", "no:cacheprovider", "-c", os.devnull),
    *(f"--rootdir={ROOT}", f"--confcutdir={ROOT}/tests/law", f"{ROOT}/tests/law/test_clauses.py"),
]


def noticed(rows: list[dict[str, object]], path: Path) -> bool:
    path.write_text(json.dumps(rows), encoding="utf-8")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = pytest.main(ARGUMENTS)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SystemExit(printed.getvalue())
    return code == pytest.ExitCode.TESTS_FAILED


def main() -> int:
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.json"
        os.environ["GPMB_RULES"] = str(path)
        if noticed(ROWS, path):
            raise SystemExit("The tests fail on the unchanged rules: repair them first.")
        for index, row in enumerate(ROWS):
            for change in (1, -1):
                value = Decimal(row["value"])
                unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
                changed = [*ROWS[:index], {**row, "value": str(value + change * unit)}]
                if not noticed(changed + ROWS[index + 1 :], path):
                    survivors.append(f"{row['code']} {row['valid_from']} {change:+d}")
    print(f"{2 * len(ROWS)} changes, survivors: {', '.join(survivors) or 'none'}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
