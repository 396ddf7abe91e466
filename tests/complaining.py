"""A small city with one true concentration of complaints, built in bulk."""

import datetime as dt

from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon

from geo import cells
from gpmb.clearance.models import Case, CaseEvent, CaseParty, Taking
from gpmb.complaints.models import Complaint, ComplaintCase
from gpmb.land.models import Parcel, Party
from tests.factories import CORNER, AdministrativeUnitFactory, ProjectFactory

NOTICE = dt.date(2022, 8, 1)
# Far from the tiles of the factories, on the grid's own centres.
Q0, R0 = (int(v) for v in cells.cell_of(CORNER[0] + 8_000, CORNER[1] + 8_000))


def square(q, r, shift=0.0):
    x, y = (float(v) for v in cells.centre_of(Q0 + q, R0 + r))
    box = Polygon.from_bbox((x + shift, y, x + shift + 4, y + 4))
    return MultiPolygon(box, srid=settings.SRID)


def settle(project, unit, places):
    """Households with a noticed case each, one taking each, at (q, r) of `places`."""
    count = len(places)
    parties = Party.objects.bulk_create(Party(name=f"Hộ {n}") for n in range(count))
    rows = Case.objects.bulk_create(
        Case(project=project, code=f"{project.code}-{n}") for n in range(count)
    )
    CaseParty.objects.bulk_create(
        CaseParty(case=case, party=party) for case, party in zip(rows, parties, strict=True)
    )
    CaseEvent.objects.bulk_create(
        CaseEvent(case=case, kind="move", step="notice", on=NOTICE) for case in rows
    )
    shapes = [square(q, r, shift=(n % 10) * 4) for n, (q, r) in enumerate(places)]
    parcels = Parcel.objects.bulk_create(Parcel(unit=unit, boundary=shape) for shape in shapes)
    Taking.objects.bulk_create(
        Taking(project=project, parcel=parcel, case=case, boundary=shape, recovered_area_m2=16)
        for parcel, case, shape in zip(parcels, rows, shapes, strict=True)
    )
    return rows


def letter(serial="DT-1", *, cases=(), parcels=(), **fields):
    """One letter about any land; its project is that of its cases."""
    values = {"kind": "complaint", "received_on": dt.date(2023, 5, 2), "serial": serial}
    if cases:
        values["project"] = cases[0].project
    complaint = Complaint.objects.create(**(values | fields))
    complaint.name_land(cases, parcels)
    return complaint


def complain(cases, on=dt.date(2023, 3, 1), **fields):
    first = Complaint.objects.count()
    letters = Complaint.objects.bulk_create(
        Complaint(
            serial=f"DT-{first + n}",
            kind=fields.get("kind", "complaint"),
            received_on=on,
            project=case.project,
            **{k: v for k, v in fields.items() if k != "kind"},
        )
        for n, case in enumerate(cases)
    )
    ComplaintCase.objects.bulk_create(
        ComplaintCase(complaint=letter, case=case, project=case.project)
        for letter, case in zip(letters, cases, strict=True)
    )
    return letters


def complaining_city():
    """37 cells of 12 households in one project; ten of the twelve in the middle complain."""
    project, unit = ProjectFactory(), AdministrativeUnitFactory(name="Hải Hòa")
    places = [(int(q), int(r)) for q, r in cells.disc(3) for _ in range(12)]
    rows = settle(project, unit, places)
    middle = [case for case, place in zip(rows, places, strict=True) if place == (0, 0)]
    others = [case for case, place in zip(rows, places, strict=True) if place != (0, 0)]
    complain(middle[:10])
    complain(others[::60])
    return project, rows, middle, others
