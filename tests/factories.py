"""Objects for tests. A trait really walks the moves; parcels are tiles that touch, never overlap.

    project = ProjectFactory(officers=[officer])
    case = CaseFactory(project=project, at="payment", takings=2)
    taking = TakingFactory(project=project)                 # surveyed, no case yet

Days count from `FIRST_DAY`; the demo's data date, 30/06/2023, is `TODAY`.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import transaction
from factory import LazyAttribute, Sequence, SubFactory, post_generation
from factory.django import DjangoModelFactory

from gpmb.accounts.models import Assignment, Organisation, Role, User
from gpmb.clearance.models import (
    TARGET_LINE,
    Case,
    CaseEvent,
    CaseParty,
    Deployment,
    Inquiry,
    Law,
    Obstacle,
    PlanEntry,
    PlanVersion,
    Project,
    ProjectCategory,
    Taking,
    TakingPart,
)
from gpmb.clearance.moves import open_many
from gpmb.compensation.models import Payment, Plan, PlanItem
from gpmb.land.models import AdministrativeUnit, Document, Parcel, ParcelNumber, Party
from gpmb.reference.models import LandClass, ObstacleCause, PriorityCategory
from gpmb.resettlement.models import Arrangement, Plot, Site

FIRST_DAY = dt.date(2022, 9, 1)
TODAY = dt.date(2023, 6, 30)
PASSWORD = "mat-khau-de-thu-2023"

TILE_M = (20, 25)
TILES_A_ROW = 50
# A corner inside the province's bounds, away from what the demo city uses.
CORNER = (settings.PROVINCE.bounds[0] + 1000, settings.PROVINCE.bounds[1] + 1000)


def tile(number: int) -> MultiPolygon:
    """The `number`-th 20 × 25 m tile: neighbours share an edge and no area."""
    row, column = divmod(number, TILES_A_ROW)
    west, south = CORNER[0] + column * TILE_M[0], CORNER[1] + row * TILE_M[1]
    box = Polygon.from_bbox((west, south, west + TILE_M[0], south + TILE_M[1]))
    return MultiPolygon(box, srid=settings.SRID)


def deployment(today: dt.date = TODAY, **fields: Any) -> Deployment:
    """Freeze the installation's day."""
    row, _ = Deployment.objects.update_or_create(
        pk=1, defaults={"data_date": today, "illustrative": True, **fields}
    )
    return row


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    name = Sequence(lambda n: f"Cơ quan {n}")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda n: f"nguoidung{n}")
    display_name = LazyAttribute(lambda o: f"Người dùng {o.username}")
    role = Role.OFFICER
    password = factory.django.Password(PASSWORD)

    class Params:
        finance = factory.Trait(role=Role.FINANCE)
        petitions = factory.Trait(role=Role.PETITIONS)
        leader = factory.Trait(role=Role.LEADER)
        viewer = factory.Trait(role=Role.VIEWER)
        administrator = factory.Trait(role=Role.ADMINISTRATOR)


class AdministrativeUnitFactory(DjangoModelFactory[AdministrativeUnit]):
    class Meta:
        model = AdministrativeUnit

    code = Sequence(lambda n: f"{90000 + n:05}")
    name = Sequence(lambda n: f"Thử nghiệm {n}")
    kind = AdministrativeUnit.Kind.WARD
    valid_from = dt.date(2010, 1, 1)


class DocumentFactory(DjangoModelFactory[Document]):
    class Meta:
        model = Document

    kind = Document.Kind.DECISION
    number = Sequence(lambda n: f"{n + 1}/QĐ-UBND")
    signed_on = FIRST_DAY


class PartyFactory(DjangoModelFactory[Party]):
    class Meta:
        model = Party

    name = Sequence(lambda n: f"Hộ thử nghiệm {n}")
    id_number = Sequence(lambda n: f"9{n:011}")
    members = 4


class PriorityCategoryFactory(DjangoModelFactory[PriorityCategory]):
    class Meta:
        model = PriorityCategory
        django_get_or_create = ("code",)

    code = "khac"
    name = "Dự án khác"
    order = Sequence(lambda n: 100 + n)


class LandClassFactory(DjangoModelFactory[LandClass]):
    """A land class; the loaded reference row of that code where there is one."""

    class Meta:
        model = LandClass

    code = "LUC"
    circular = "25/2014/TT-BTNMT"
    name = "Đất chuyên trồng lúa nước"
    group = LandClass.Group.AGRI
    valid_from = dt.date(2014, 1, 1)
    source = "thử nghiệm"

    @classmethod
    def _create(cls, model: Any, *args: Any, **fields: Any) -> LandClass:
        known = LandClass.objects.filter(code=fields["code"]).order_by("valid_from").first()
        return known or super()._create(model, *args, **fields)


class ObstacleCauseFactory(DjangoModelFactory[ObstacleCause]):
    class Meta:
        model = ObstacleCause
        django_get_or_create = ("code",)

    code = "dien-tich"
    name = "Chưa thống nhất diện tích"


class ProjectFactory(DjangoModelFactory[Project]):
    """A project in a priority category; `officers` are assigned to it from FIRST_DAY."""

    class Meta:
        model = Project
        skip_postgeneration_save = True

    code = Sequence(lambda n: f"DA-{n:03}")
    name = Sequence(lambda n: f"Dự án thử nghiệm {n}")
    kind = Project.Kind.ROAD
    origin = Project.Origin.NEW
    plan_year = 2023
    investor = SubFactory(OrganisationFactory)
    illustrative = True

    @post_generation
    def category(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        chosen = given or PriorityCategoryFactory()
        ProjectCategory.objects.create(project=self, category=chosen, valid_from=FIRST_DAY)

    @post_generation
    def officers(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        for user in given or ():
            Assignment.objects.create(user=user, project=self, valid_from=FIRST_DAY)


class ParcelFactory(DjangoModelFactory[Parcel]):
    """A tile with a current number: sheet 5, numbers that count up."""

    class Meta:
        model = Parcel
        skip_postgeneration_save = True

    unit = SubFactory(AdministrativeUnitFactory)
    boundary = Sequence(tile)
    measured_area_m2 = Decimal(TILE_M[0] * TILE_M[1])
    registered_area_m2 = Decimal(TILE_M[0] * TILE_M[1])

    @post_generation
    def number(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        """`number="5/85"` or, without it, the next of sheet 5."""
        sheet, _, number = (given or f"5/{self.pk}").partition("/")
        ParcelNumber.objects.create(parcel=self, unit=self.unit, sheet=sheet, number=number)


class CaseFactory(DjangoModelFactory[Case]):
    """A household's case. `at`: the step it stands at; `takings`: how many parcels it gives up."""

    class Meta:
        model = Case
        skip_postgeneration_save = True

    project = SubFactory(ProjectFactory)
    code = Sequence(lambda n: f"HS-{n:05}")

    @post_generation
    def party(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        CaseParty.objects.create(case=self, party=given or PartyFactory(**kwargs))

    @post_generation
    def takings(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        for _ in range(1 if given is None else given):
            TakingFactory(project=self.project, case=self, **kwargs)

    @post_generation
    def at(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        if given:
            walk(self, to=given, **kwargs)


class TakingFactory(DjangoModelFactory[Taking]):
    """A whole parcel taken, in one land class; without `case` no file has been opened yet."""

    class Meta:
        model = Taking
        skip_postgeneration_save = True

    project = SubFactory(ProjectFactory)
    parcel = SubFactory(ParcelFactory)
    boundary = LazyAttribute(lambda o: o.parcel.boundary)
    recovered_area_m2 = LazyAttribute(lambda o: o.parcel.measured_area_m2)

    @post_generation
    def land_class(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        TakingPart.objects.create(
            taking=self, land_class=given or LandClassFactory(), area_m2=self.recovered_area_m2
        )


class ObstacleFactory(DjangoModelFactory[Obstacle]):
    class Meta:
        model = Obstacle

    case = SubFactory(CaseFactory)
    project = LazyAttribute(lambda o: o.case.project)
    cause = SubFactory(ObstacleCauseFactory)
    owner = SubFactory(OrganisationFactory)
    opened_on = dt.date(2023, 5, 15)


class InquiryFactory(DjangoModelFactory[Inquiry]):
    """A letter about a case, sent 30 days before TODAY, no answer yet."""

    class Meta:
        model = Inquiry

    case = SubFactory(CaseFactory)
    project = LazyAttribute(lambda o: o.case.project)
    to = SubFactory(OrganisationFactory)
    number = Sequence(lambda n: f"{n + 1}/TTPTQĐ")
    sent_on = dt.date(2023, 5, 31)
    subject = "Xác nhận nguồn gốc sử dụng đất"
    by = SubFactory(UserFactory)


# Days from the first step at which an unhurried case of the 2013 law reaches each step: every
# minimum wait has run, all is done by the demo's data date.
PACE = {
    "notice": 0,
    "inventory": 30,
    "posting": 80,
    "appraisal": 120,
    "approval": 190,
    "payment": 205,
    "resettlement": 215,
    "handover": 240,
}


def path(case: Case, to: str) -> list[str]:
    """The steps of the 2013 law up to and including `to`; a deposit stands for the payment."""
    needed = case.resettlement_need not in ("none", "unknown") or to == "resettlement"
    codes = ["notice", "inventory", "posting", "appraisal", "approval", "payment"]
    codes += ["resettlement"] * needed + ["handover"]
    if to == "deposit":
        return [*codes[:5], "deposit"]
    return codes[: codes.index(to) + 1]


def open_at(case: Case, step: str, on: dt.date) -> None:
    """Say where a carried-over case stands, as a list does."""
    open_many([CaseEvent(case=case, kind="opening", step=step, on=on)], Law.read())
    case.refresh_from_db()


def walk(case: Case, *, to: str, start: dt.date = FIRST_DAY, by: User | None = None) -> Case:
    """Take a case through every step that the 2013 law requires, up to and including `to`."""
    law = Law.read()
    done = set(case.events.living().values_list("step", flat=True))
    for code in path(case, to):
        if code not in done:
            on = start + dt.timedelta(days=PACE["payment" if code == "deposit" else code])
            case.advance(code, on=on, by=by, document=DocumentFactory(signed_on=on), law=law)
    return case


class PlanFactory(DjangoModelFactory[Plan]):
    """A plan with one line of 1.000.000 đồng. `at`: the status it is walked to, with its case."""

    class Meta:
        model = Plan
        skip_postgeneration_save = True

    case = SubFactory(CaseFactory)

    @post_generation
    def amount(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        """`amount=0` leaves the plan without lines."""
        if given == 0:
            return
        self.total_vnd = Decimal(given or 1_000_000)
        with transaction.atomic():  # the lines sum to the total at commit
            self.save()
            PlanItem.objects.create(
                plan=self, block="land", description="Đất lúa", amount_vnd=self.total_vnd
            )

    @post_generation
    def at(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        for status, step in (
            ("posted", "posting"),
            ("appraised", "appraisal"),
            ("approved", "approval"),
        ):
            if not given or self.status == given:
                return
            walk(self.case, to=step)
            on = self.case.log()[-1].on if self.number == 1 else TODAY
            self.move(status, on=on, by=None, document=DocumentFactory(signed_on=on))


class PaymentFactory(DjangoModelFactory[Payment]):
    """A proposal for the whole of an approved plan; `approved=True` by somebody else."""

    class Meta:
        model = Payment
        skip_postgeneration_save = True

    plan = SubFactory(PlanFactory, at="approved")
    case = LazyAttribute(lambda o: o.plan.case)
    amount_vnd = LazyAttribute(lambda o: o.plan.total_vnd)
    on = LazyAttribute(lambda o: o.plan.approved_on + dt.timedelta(days=15))
    proposed_by = SubFactory(UserFactory)

    @post_generation
    def approved(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        if given:
            self.approve(by=UserFactory(finance=True))


class SiteFactory(DjangoModelFactory[Site]):
    """A site with infrastructure done; `serves`: its projects, `plots`: how many are ready."""

    class Meta:
        model = Site
        skip_postgeneration_save = True

    code = Sequence(lambda n: f"TDC-{n:02}")
    name = Sequence(lambda n: f"Khu tái định cư thử nghiệm {n}")
    unit = SubFactory(AdministrativeUnitFactory)
    status = Site.Status.READY
    ready_on = FIRST_DAY

    @post_generation
    def serves(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        self.projects.set(given or ())

    @post_generation
    def ready(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        for number in range(given or 0):
            Plot.objects.create(
                site=self, number=f"L{number + 1}", area_m2=100, status=Plot.Status.AVAILABLE
            )


class ArrangementFactory(DjangoModelFactory[Arrangement]):
    """The arrangement of a case that needs a plot. `at`: the status it is walked to."""

    class Meta:
        model = Arrangement
        skip_postgeneration_save = True

    case = SubFactory(CaseFactory, at="approval", resettlement_need="plot")

    @post_generation
    def at(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        form, plots = kwargs.get("form", "plot"), kwargs.get("plots", 1)
        on = FIRST_DAY + dt.timedelta(days=200)
        for status in ("registered", "eligible", "posted", "approved"):
            if not given or self.status == given:
                return
            self.move(
                status,
                on=on,
                by=None,
                document=DocumentFactory(signed_on=on),
                form=form if status == "registered" else "",
                ground="residential",
                plots=plots,
            )


class PlanVersionFactory(DjangoModelFactory[PlanVersion]):
    """A draft of the year. `targets`: {project: {"6-ha": {month: m²}}}; then `decided`: a kind."""

    class Meta:
        model = PlanVersion
        skip_postgeneration_save = True

    year = 2023
    name = Sequence(lambda n: f"Kế hoạch thử nghiệm {n}")
    on = dt.date(2023, 2, 6)

    @post_generation
    def targets(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        for project, lines in (given or {}).items():
            entry = PlanEntry.objects.create(version=self, project=project)
            entry.set_targets(
                {
                    TARGET_LINE[key]: {month: Decimal(value) for month, value in values.items()}
                    for key, values in lines.items()
                }
            )

    @post_generation
    def decided(self: Any, create: bool, given: Any, **kwargs: Any) -> None:
        if given and given != PlanVersion.Kind.DRAFT:
            self.decide(given, on=self.on, document=DocumentFactory())
