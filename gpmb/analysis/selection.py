"""What a map view asks for, and the takings that answer: one filter for tiles, counts, fallback.

Everything starts from `Taking.objects.visible_to(user)`, so a tile, a legend and a list can't
disagree about what a person may see.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from gpmb.accounts.models import Role
from gpmb.clearance.deadlines import conditions
from gpmb.clearance.models import Case, CaseEvent, Obstacle, Project, Taking
from gpmb.complaints.models import Complaint
from gpmb.law.deadlines import State
from gpmb.law.steps import STEPS
from gpmb.resettlement.models import Allocation

if TYPE_CHECKING:
    from django.contrib.gis.geos import GEOSGeometry

    from gpmb.accounts.models import User

DEADLINES = tuple(State)
NEED_OF_PLOT = ("plot", "house", "on_site")


class Colouring(models.TextChoices):
    """What the colour of a taking tells."""

    STEP = "step", "Bước thực hiện"
    PAYMENT = "payment", "Chi trả"
    RESETTLEMENT = "resettlement", "Tái định cư"
    COMPLAINT = "complaint", "Đơn thư"
    DEADLINE = "deadline", "Thời hạn"
    CHANGE = "change", "Thay đổi"


class CountUnit(models.TextChoices):
    """What the legend counts."""

    TAKINGS = "takings", "thửa"
    HOUSEHOLDS = "households", "hộ"
    AREA = "area", "ha"


@dataclass(frozen=True)
class Selection:
    """A viewer, a day, a colouring and filters. `projects` None means every visible one.

    `today` is the data date: on that day the case's own columns answer, on any other the log.
    `since` is the earlier day that the colouring CHANGE compares with, never after `on`; without
    one nothing has changed.
    """

    user: User
    on: dt.date
    today: dt.date
    colouring: Colouring = Colouring.STEP
    projects: frozenset[int] | None = None
    units: frozenset[int] | None = None
    stages: frozenset[int] | None = None
    officer: int | None = None
    since: dt.date | None = None
    box: GEOSGeometry | None = field(default=None, compare=False)

    @property
    def sees_complaints(self) -> bool:
        """Whether complaints are coloured by parcel: for petition and case officers alone."""
        return self.user.is_administrator or self.user.role in (Role.PETITIONS, Role.OFFICER)

    @property
    def private(self) -> bool:
        """Whether the answer depends on who asks, not only on their clearance."""
        return self.colouring == Colouring.COMPLAINT

    @property
    def by_stage_only(self) -> bool:
        """Whether stored states of pieces answer it, without reading takings."""
        return self.colouring == Colouring.STEP and self.officer is None

    @property
    def is_empty(self) -> bool:
        """Whether a filter leaves nothing, whatever the data: no statement need be asked."""
        return frozenset() in (self.projects, self.units, self.stages)

    def sees(self) -> tuple[str, str]:
        """What decides which projects are looked at: the viewer's clearance, and their list."""
        return str(self.user.cleared), _text(self.projects)

    def key(self) -> str:
        """What the answer depends on besides the data: part of a cache key."""
        viewer = self._reader() if self.private else str(self.user.cleared)
        return "|".join(
            (
                viewer,
                f"{self.on}/{self.today}",
                self.colouring,
                _text(self.projects),
                _text(self.units),
                _text(self.stages),
                str(self.officer),
                str(self.since),
            )
        )

    def _reader(self) -> str:
        """Everything about a viewer that decides whose complaints they see."""
        projects = Project.objects.assigned_to(self.user, on=self.today).order_by("pk")
        assigned = ",".join(map(str, projects.values_list("pk", flat=True)))
        user = self.user
        return f"{user.pk}/{user.cleared}/{user.role}/{user.is_administrator}/{assigned}"

    def takings(self) -> models.QuerySet[Any]:
        """The takings of the selection, annotated: `c` the class of the colouring, `o` 1 where an
        obstacle is open, `reached` the stage 0-6, all as of the day."""
        takings: models.QuerySet[Any] = Taking.objects.visible_to(self.user).live(on=self.on)
        if self.projects is not None:
            takings = takings.filter(project__in=self.projects)
        if self.units is not None:
            takings = takings.filter(parcel__unit__in=self.units)
        if self.officer is not None:
            takings = takings.filter(case__officer=self.officer)
        if self.box is not None:
            takings = takings.filter(boundary_web__intersects=self.box)
        takings = takings.annotate(reached=stage_on(self.on, self.today))
        if self.stages is not None:
            takings = takings.filter(reached__in=self.stages)
        coloured: models.QuerySet[Any] = takings.annotate(c=self._class(), o=_obstacle(self.on))
        return coloured

    def _class(self) -> Any:
        match self.colouring:
            case Colouring.PAYMENT:
                return _payment(self.on)
            case Colouring.RESETTLEMENT:
                return _resettlement(self.on)
            case Colouring.COMPLAINT:
                return _complaint(self)
            case Colouring.DEADLINE:
                return _deadline(self.on, self.today)
            case Colouring.CHANGE:
                return _changed(self)
        return F("reached")

    def moves(self) -> list[dict[str, Any]]:
        """Rows (project, before, reached) of the takings whose stage changed: takings, area_m2.

        `before` is the stage at the end of `since`, `reached` that of the day.
        """
        changed = replace(self, colouring=Colouring.CHANGE).takings().filter(c__gt=0)
        return list(
            changed.annotate(before=stage_on(self.since or self.on, self.today))
            .values("project", "before", "reached")
            .annotate(takings=Count("pk"), area_m2=Sum("recovered_area_m2"))
            .order_by("project", "before", "reached")
        )


def _text(ids: frozenset[int] | None) -> str:
    return "*" if ids is None else ",".join(map(str, sorted(ids)))


def stage_on(on: dt.date, today: dt.date) -> Any:
    """The stage 0-6 of a taking on a day: 6 once its land is handed over, else its case's.

    The stage of a case is that of the furthest living step, as gpmb.law.steps.current says.
    """
    if on >= today:
        of_case: Any = F("case__stage")
    else:
        stage = models.Case(
            *(When(step=row.code, then=Value(row.stage)) for row in STEPS),
            default=Value(0),
            output_field=models.SmallIntegerField(),
        )
        of_case = (
            CaseEvent.objects.living()
            .filter(case=OuterRef("case_id"), taking=None)
            .up_to(on)
            .values("case")
            .annotate(furthest=models.Max(stage))
            .values("furthest")
        )
        # Where the last step was taken by then the case stood where it stands: no log is read.
        of_case = models.Case(
            When(
                case__stepped_on__gt=on,
                then=models.Subquery(of_case, output_field=models.SmallIntegerField()),
            ),
            default=F("case__stage"),
            output_field=models.SmallIntegerField(),
        )
    return models.Case(
        When(handed_over_on__lte=on, then=Value(6)),
        default=Coalesce(of_case, Value(0), output_field=models.SmallIntegerField()),
        output_field=models.SmallIntegerField(),
    )


def _classes(*rows: When, default: int = 0) -> Any:
    return models.Case(*rows, default=Value(default), output_field=models.SmallIntegerField())


def _payment(on: dt.date) -> Any:
    """0 not approved, 1 approved and unpaid, 2 paid or deposited."""
    return _classes(
        When(Q(case__paid_on__lte=on) | Q(reached=6), then=Value(2)),
        When(Q(case__approval_on__lte=on) | Q(reached__gte=4), then=Value(1)),
    )


def _resettlement(on: dt.date) -> Any:
    """0 no need, 1 not yet determined, 2 waits for a plot or house, 3 arranged."""
    allocated = Allocation.objects.live(on=on).filter(case=OuterRef("case_id"))
    return _classes(
        When(Q(case__resettled_on__lte=on) | Exists(allocated), then=Value(3)),
        When(case__resettlement_need__in=NEED_OF_PLOT, then=Value(2)),
        When(Q(case=None) | Q(case__resettlement_need=Case.Resettlement.UNKNOWN), then=Value(1)),
    )


def _deadline(on: dt.date, today: dt.date) -> Any:
    """The place of the deadline's state in DEADLINES, or the next number: not known.

    The dates are stored for where the case stands now, so a past day before its last step can't
    be answered.
    """
    moved_since = Q(case__stepped_on__gt=on) if on < today else Q(pk__in=[])
    return _classes(
        When(moved_since, then=Value(len(DEADLINES))),
        When(reached=6, then=Value(0)),
        *(
            When(condition, then=Value(DEADLINES.index(state)))
            for state, condition in conditions(on, "case__")
        ),
    )


def _changed(selection: Selection) -> Any:
    """The stage reached where it was not reached yet on the earlier day, else 0.

    Only what has an event in between is asked for both days.
    """
    since = selection.since or selection.on
    events = CaseEvent.objects.living().filter(taking=None, on__gt=since, on__lte=selection.on)
    touched = Q(case__in=events.values("case")) | Q(
        handed_over_on__gt=since, handed_over_on__lte=selection.on
    )
    earlier = stage_on(since, selection.today)
    rise = _classes(When(reached__gt=earlier, then=F("reached")))
    return _classes(When(touched, then=rise))


def _complaint(selection: Selection) -> Any:
    """0 none that the viewer may see, 1 closed, 2 open."""
    on = selection.on
    if not selection.sees_complaints:
        return Value(0, output_field=models.SmallIntegerField())
    seen = Complaint.objects.visible_to(selection.user, on=selection.today)
    received = seen.filter(received_on__lte=on)

    def about(complaints: Any) -> Q:
        return Q(Exists(complaints.filter(cases=OuterRef("case_id")))) | Q(
            Exists(
                complaints.filter(parcels=OuterRef("parcel_id"), project=OuterRef("project_id"))
            )
        )

    return _classes(
        When(about(seen.open(on=on)), then=Value(2)), When(about(received), then=Value(1))
    )


def _obstacle(on: dt.date) -> Any:
    """1 where an open obstacle concerns the case, the parcel or the ground of a taking."""
    stuck = Obstacle.objects.open(on=on).filter(project=OuterRef("project_id"))
    # Few obstacles lie on the ground, in few projects: other projects' takings are not compared.
    on_ground = Q(area__isnull=False) | Q(line__isnull=False)
    ground = stuck.filter(on_ground)
    held_up = Obstacle.objects.open(on=on).filter(on_ground).values("project")
    return _classes(
        When(
            Q(Exists(stuck.filter(case=OuterRef("case_id"))))
            | Q(Exists(stuck.filter(parcel=OuterRef("parcel_id"))))
            | Q(
                Q(project__in=held_up)
                & Exists(
                    ground.filter(
                        Q(area__intersects=OuterRef("boundary"))
                        | Q(line__intersects=OuterRef("boundary"))
                    )
                )
            ),
            then=Value(1),
        )
    )
