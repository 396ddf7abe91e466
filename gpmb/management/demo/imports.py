"""A list that was brought in: the import pages of the demo have a receipt, and an undo that works.

Addresses of a few households of one project are corrected from a pasted block; one code is
mistyped, so that a refused row can be seen. By the importing functions themselves.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.importing.grid import PASTED
from gpmb.importing.lists.run import import_workbook

PROJECT = "CCN-01"
LOGIN = "canbo"
ROWS = 12


def bring_in() -> None:
    """Correct the addresses of the first cases of the industrial cluster."""
    cases = list(
        Case.objects.filter(project__code=PROJECT, withdrawn_on=None)
        .select_related("project")
        .order_by("code")[:ROWS]
    )
    if not cases:
        return
    rows = [f"{case.code}\tKhu {1 + at % 4} (minh họa)" for at, case in enumerate(cases)]
    block = "\n".join(["Mã hồ sơ\tĐịa chỉ", *rows, f"{cases[0].code}9\tKhu 1 (minh họa)"])
    with tempfile.TemporaryDirectory(prefix="gpmb-") as folder:
        path = Path(folder) / f"dia-chi{PASTED}"
        path.write_text(block, encoding="utf-8")
        import_workbook(
            path,
            cases[0].project,
            unit=_unit(cases[0]),
            name="Sửa địa chỉ theo biên bản kiểm đếm.xlsx",
            by=User.objects.filter(username=LOGIN).first(),
            accept_partial=True,
        )


def _unit(case: Case) -> str:
    unit = case.project.units.first()
    return f"{unit.code}@{unit.valid_from:%Y-%m-%d}" if unit else ""
