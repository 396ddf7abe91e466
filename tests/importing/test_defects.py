"""The prepared list with its defects: each row of the defect list, found or taken as it is."""

import csv
from typing import Any

import pytest
from django.core.management import call_command

from gpmb.clearance.models import Case
from gpmb.importing.lists import import_workbook
from gpmb.land.models import AdministrativeUnit
from tests import factories
from tests.importing.conftest import SHARED

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


@pytest.fixture(scope="module")
def checked(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """The prepared list checked once against the prepared parcels, in a transaction taken back."""
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
        report = import_workbook(LIST, project, dry_run=True)
        assert Case.objects.count() == 0
        transaction.set_rollback(True)
    return report


@pytest.mark.parametrize(("row", "what"), defects())
def test_a_row_of_the_defect_list_is_judged_as_it_says(checked: Any, row: int, what: str):
    found = [f for f in checked.findings if f.row == row and f.severity == "error"]
    if what not in CODES:
        assert found == []
        return
    code = CODES[what]
    assert [finding.code for finding in found] == [code]
    assert found[0].column
    assert ("Gần nhất" in found[0].message) is (code in OFFERS)


def test_no_other_row_is_refused_and_the_counts_reconcile(checked: Any):
    wrong = {f.row for f in checked.findings if f.severity == "error"}
    assert wrong == {row for row, what in defects() if what in CODES}
    assert (checked.read, checked.refused) == (186, len(wrong))
    assert checked.read == checked.saved + checked.refused
