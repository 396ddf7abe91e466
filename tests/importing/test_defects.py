"""The prepared list with its defects: each row of the defect list, found or taken as it is."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from gpmb.clearance.models import Case
from gpmb.importing.findings import Report
from gpmb.importing.lists.run import import_workbook
from gpmb.land.models import AdministrativeUnit
from tests import factories
from tests.importing.conftest import SHARED

pytestmark = pytest.mark.django_db  # or no test database is made when this file runs alone

FOLDER = SHARED / "parcels"
LIST = FOLDER / "danh_sach_thu_hoi_dat.xlsx"
DEFECTS = FOLDER / "danh_sach_thu_hoi_dat.defects.csv"
# What each kind of error is called in the report.
CODES = {
    "ERROR not a number": "not_a_number",
    "ERROR recovered area larger than the parcel": "recovered_exceeds_parcel",
    "ERROR parcel does not exist": "unknown_parcel",
    "ERROR no holder name": "no_holder",
    "ERROR parts do not add up to the total": "parts_do_not_add_up",
    "AMBIGUOUS 20.000: must be asked or refused, never silently 20": "ambiguous_number",
    "ERROR impossible date": "impossible_date",
    "ERROR unknown land-use code": "unknown_land_class",
    "ERROR unknown step: propose the nearest, ask": "unknown_step",
    "ERROR duplicate of the row above": "duplicate",
}
OFFERS = {"unknown_parcel", "unknown_land_class", "unknown_step"}


def defects() -> list[tuple[int, str]]:
    if not DEFECTS.exists():
        return []
    with DEFECTS.open(encoding="utf-8") as file:
        return [(int(row["sheet_row"]), row["what"]) for row in csv.DictReader(file)]


# How each fault is mended in the workbook that goes back: columns and values, from its message.
MENDS: dict[str, Callable[[Any, int, str], dict[str, Any]]] = {
    "not_a_number": lambda page, row, _: {"H": page[f"F{row}"].value},
    "recovered_exceeds_parcel": lambda page, row, _: {"H": page[f"F{row}"].value},
    "ambiguous_number": lambda *_: {"H": 20},
    "unknown_parcel": lambda page, row, said: {"E": _offered(said).split("/")[1], "H": 1},
    "no_holder": lambda *_: {"B": "Hộ minh họa"},
    "parts_do_not_add_up": lambda page, row, _: {
        "L": sum(page[f"{column}{row}"].value for column in "IJK")
    },
    "impossible_date": lambda *_: {"N": "28/02/2023"},
    "unknown_land_class": lambda *_: {"G": "LUC"},
    "unknown_step": lambda page, row, said: {"M": _offered(said)},
}


def _offered(message: str) -> str:
    """The first that a message calls nearest."""
    nearest = message.split("Gần nhất: ")[1].split(". ")[0]
    return nearest.split(", ")[0].strip("“”")


def _mend(path: Path, report: Report) -> int:
    """Correct the workbook that came back, as its messages ask; return its rows."""
    book = load_workbook(path)
    page = book.worksheets[0]
    rows = sorted(report.by_row)
    for at, row in reversed(list(enumerate(rows, start=9))):
        (found,) = [f for f in report.findings if f.row == row and f.severity == "error"]
        assert found.message in page.cell(at, page.max_column).value
        if found.code == "duplicate":
            page.delete_rows(at)
            continue
        for column, value in MENDS[found.code](page, at, found.message).items():
            page[f"{column}{at}"] = value
    book.save(path)
    return len(rows)


@pytest.fixture(scope="module")
def both(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: Any) -> Any:
    """The prepared list checked against the prepared parcels; its refused rows mended and again.

    Once, in a transaction taken back.
    """
    from django.db import transaction

    if not LIST.exists():
        pytest.skip("needs ../shared/data, which is not here")
    with django_db_blocker.unblock(), transaction.atomic():
        factories.deployment()
        call_command("load_reference", verbosity=0)
        project = factories.ProjectFactory(code="CCN-HH")
        unit = AdministrativeUnit.objects.create(
            code="06742", name="Hải Hòa", kind="ward", valid_from="2008-01-01"
        )
        project.units.set([unit])
        call_command(
            "import_parcels", str(FOLDER / "thua_dat_hai_hoa.gpkg"), project="CCN-HH", verbosity=0
        )
        sent_back = tmp_path_factory.mktemp("loi") / "loi.xlsx"
        first = import_workbook(LIST, project, dry_run=True, errors_to=sent_back)
        rows = _mend(sent_back, first)
        second = import_workbook(sent_back, project, dry_run=True)
        assert Case.objects.count() == 0
        transaction.set_rollback(True)
    return first, rows, second


@pytest.fixture
def checked(both: Any) -> Report:
    return both[0]


@pytest.mark.parametrize(("row", "what"), defects())
def test_a_row_of_the_defect_list_is_judged_as_it_says(checked: Report, row: int, what: str):
    found = [f for f in checked.findings if f.row == row and f.severity == "error"]
    if what not in CODES:
        assert found == []
        return
    code = CODES[what]
    assert [finding.code for finding in found] == [code]
    assert found[0].column
    assert ("Gần nhất" in found[0].message) is (code in OFFERS)


def test_no_other_row_is_refused_and_the_counts_reconcile(checked: Report):
    wrong = {f.row for f in checked.findings if f.severity == "error"}
    assert wrong == {row for row, what in defects() if what in CODES}
    assert (checked.read, checked.refused) == (186, len(wrong))
    assert checked.read == checked.saved + checked.refused


def test_the_refused_rows_go_in_once_they_are_mended(both: Any):
    first, rows, second = both
    repeated = sum("duplicate" in what for _, what in defects())
    assert rows == first.refused
    assert [str(f) for f in second.findings if f.severity == "error"] == []
    assert (second.read, second.refused) == (rows - repeated, 0)
