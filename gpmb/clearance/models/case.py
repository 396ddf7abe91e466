"""A household's case in a project and its moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from gpmb.accounts.models import Role, User
from gpmb.clearance.models.act import Act, facts_of
from gpmb.clearance.models.decision import Law, Move, StaleCase, Standing
from gpmb.clearance.models.event import CaseEvent, Logged, as_law
from gpmb.clearance.models.project import Batch, Project
from gpmb.clearance.models.taking import Taking, TakingPart
from gpmb.fields import (
    RefField,
    folded,
)
from gpmb.land.models import Document, Party, trigram_index
from gpmb.law import steps
from gpmb.law.regimes import Facts, Regime, regime_of
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, touch_projects

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class CaseQuerySet(models.QuerySet["Case"]):
    def counted_for(self, user: User | AnonymousUser) -> CaseQuerySet:
        """Keep the cases whose public facts (code, step, area) `user` may see and count."""
        if not user.is_authenticated:
            return self.none()
        return self if user.cleared else self.filter(project__restricted=False)

    def visible_to(self, user: User | AnonymousUser, *, on: dt.date) -> CaseQuerySet:
        """Keep the cases whose file `user` may open; for everyone else they don't exist.

        Officers: the projects assigned to them. Finance, leaders, administrators: all.
        What is shown inside (names, amounts) is narrower still: gpmb.access.
        """
        cases = self.counted_for(user)
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_administrator or user.role in (Role.FINANCE, Role.LEADER):
            return cases
        if user.role == Role.OFFICER:
            return cases.filter(project__in=Project.objects.assigned_to(user, on=on))
        return self.none()

    def household_open_to(self, user: User | AnonymousUser, *, on: dt.date) -> CaseQuerySet:
        """Keep the cases whose household (names, papers, amounts) `user` may know.

        The project's officers, finance, administrators; `gpmb.access.rights_in` asks of one case.
        """
        cases = self.visible_to(user, on=on)
        return cases.none() if user.is_authenticated and user.role == Role.LEADER else cases

    def editable_by(self, user: User | AnonymousUser, *, on: dt.date) -> CaseQuerySet:
        """Keep the cases `user` may change: officers, those of the projects assigned to them.

        The same answer as gpmb.access.can_edit_case, for many.
        """
        if not user.is_authenticated or not user.is_active or user.role != Role.OFFICER:
            return self.none()
        assigned = Project.objects.assigned_to(user, on=on)
        return self.counted_for(user).filter(project__in=assigned)

    def live(self, *, on: dt.date) -> CaseQuerySet:
        return self.filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on))

    def at_stage(self, stage: int) -> CaseQuerySet:
        return self.filter(stage=stage)

    def overdue(self, *, on: dt.date) -> CaseQuerySet:
        """Keep the cases whose next required step is past its legal ceiling."""
        return self.filter(due_on__lt=on)

    def awaiting_payment(self) -> CaseQuerySet:
        return self.filter(approval_on__isnull=False, paid_on__isnull=True)


@tracked(exclude=["folded"])
class Case(models.Model):
    """Hồ sơ: what one household (or co-owners) goes through in one project.

    `step`, `stage` and the `…_on` dates repeat the event log for fast questions; `advance()` and
    `void()` are the only writers, gpmb.clearance.service of `notice_served_on`. `due_…` is the
    next legal ceiling, independent of today.
    """

    class Resettlement(models.TextChoices):
        NONE = "none", "Không thuộc diện"
        UNKNOWN = "unknown", "Chưa xác định"
        PLOT = "plot", "Đất ở tại khu tái định cư"
        HOUSE = "house", "Nhà ở tái định cư"
        SELF = "self", "Tự lo chỗ ở"
        ON_SITE = "on_site", "Tái định cư tại chỗ"

    ref = RefField()
    project = models.ForeignKey(Project, models.PROTECT, related_name="cases", db_index=False)
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, blank=True, verbose_name="đợt thu hồi"
    )
    code = models.CharField("mã hồ sơ", max_length=40)
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="cán bộ thụ lý"
    )
    parties = models.ManyToManyField(Party, through="CaseParty", related_name="cases")
    resettlement_need = models.CharField(
        "tái định cư", max_length=10, choices=Resettlement, default=Resettlement.NONE
    )
    entitled_plots = models.PositiveSmallIntegerField("số lô được bố trí", default=0)
    note = models.TextField("ghi chú", blank=True, default="", db_default="", max_length=2000)

    step = models.CharField(
        "bước", max_length=30, choices=steps.choices(), default=steps.PLANNED, editable=False
    )
    stage = models.PositiveSmallIntegerField("giai đoạn", default=0, editable=False)
    stepped_on = models.DateField("ngày của bước", null=True, editable=False)
    notice_on = models.DateField("ngày thông báo", null=True, editable=False)
    notice_served_on = models.DateField("ngày giao thông báo", null=True, editable=False)
    approval_on = models.DateField("ngày phê duyệt", null=True, editable=False)
    recovery_on = models.DateField("ngày QĐ thu hồi", null=True, editable=False)
    paid_on = models.DateField("ngày chi trả", null=True, editable=False)
    deposited_on = models.DateField("ngày gửi tiền", null=True, editable=False)
    resettled_on = models.DateField("ngày bố trí tái định cư", null=True, editable=False)
    next_step = models.CharField(
        "bước tiếp theo", max_length=30, choices=steps.choices(), blank=True, editable=False
    )
    due_on = models.DateField("hạn bước tiếp theo", null=True, editable=False)
    due_rule = models.CharField("quy định về hạn", max_length=40, blank=True, editable=False)
    earliest_on = models.DateField("sớm nhất", null=True, editable=False)
    lapses_on = models.DateField("thông báo hết hiệu lực", null=True, editable=False)
    acted_early = models.BooleanField("có bước sớm hơn quy định", default=False, editable=False)

    regime_override = models.CharField(
        "chế độ pháp lý áp dụng",
        max_length=2,
        choices=[(regime.value, regime.label) for regime in Regime],
        blank=True,
    )
    regime_document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+"
    )
    regime_reason = models.CharField("lý do áp dụng", max_length=300, blank=True)

    withdrawn_on = models.DateField("rút khỏi dự án ngày", null=True, blank=True)
    withdrawn_reason = models.CharField("lý do rút", max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    folded = folded("code")
    version = models.IntegerField(default=0, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "hồ sơ"
        verbose_name_plural = "hồ sơ"
        ordering = ["code"]
        indexes = [
            models.Index(fields=["project", "stage"], name="case_project_stage"),
            models.Index(fields=["due_on"], name="case_due_on"),
            trigram_index("case_folded"),
        ]
        triggers = [bump_version("folded"), *touch_projects("SELECT project_id FROM {rows}")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                name="case_code_once",
                violation_error_message="Mã hồ sơ đã có trong dự án.",
            ),
            # Takings refer to (id, project), so that a taking and its case share the project.
            models.UniqueConstraint(fields=["id", "project"], name="case_id_project"),
            models.CheckConstraint(
                name="case_withdrawal_has_reason",
                condition=Q(withdrawn_on__isnull=True) | ~Q(withdrawn_reason=""),
                violation_error_message="Rút hồ sơ phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="case_regime_override_documented",
                condition=Q(regime_override="")
                | (Q(regime_document__isnull=False) & ~Q(regime_reason="")),
                violation_error_message="Áp dụng chế độ pháp lý khác phải có văn bản và lý do.",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    # What the law is told

    def log(self) -> list[CaseEvent]:
        """Return the case's living events (not voided, no voids), oldest first."""
        return list(self.events.living().select_related("document").in_order())

    def groups(self) -> set[str]:
        """Return the land groups (gpmb.reference) of the parts of its living takings."""
        return set(
            TakingPart.objects.filter(taking__case=self, taking__withdrawn_on__isnull=True)
            .values_list("land_class__group", flat=True)
            .distinct()
        )

    def standing_acts(self) -> list[Act]:
        """Return the acts that were not taken back, oldest first; none for an unsaved case."""
        return list(self.acts.standing()) if self.pk else []

    def facts(
        self,
        log: Sequence[CaseEvent | Logged] | None = None,
        groups: Collection[str] | None = None,
        acts: Iterable[Act] | None = None,
    ) -> Facts:
        """Return what gpmb.law asks about this case, from its log, acts, takings and parts.

        `groups` (the land groups of its parts) and `acts` are given where the caller knows them.
        """
        log = self.log() if log is None else log
        first = {event.step: event for event in reversed(log)}
        groups = self.groups() if groups is None else groups

        def on(step: str) -> dt.date | None:
            return first[step].on if step in first else None

        def effective(step: str) -> dt.date | None:
            return first[step].in_force_on if step in first else None

        approved = effective("approval")
        told = facts_of(self.standing_acts() if acts is None else acts)
        return Facts(
            notice_on=on("notice"),
            approval_on=on("approval"),
            recovery_on=on("recovery"),
            agri="agri" in groups or not groups,
            non_agri="non_agri" in groups,
            resettlement_needed=self.resettlement_need
            not in (self.Resettlement.NONE, self.Resettlement.UNKNOWN),
            approval_effective_on=approved,
            recovery_effective_on=effective("recovery"),
            ready_on=on("resettlement"),
            all_agree=told.all_agree,
            disagreement=told.disagreement,
            recovery_before_resettlement=told.recovery_before_resettlement,
            other=told.other,
            pauses=told.pauses,
            notice_served_on=self.notice_served_on,
            override=Regime(self.regime_override) if self.regime_override else None,
        )

    def regime(self, *, on: dt.date) -> Regime:
        return regime_of(self.facts(), on)

    def allowed_steps(self, *, on: dt.date) -> tuple[steps.Step, ...]:
        """Return the steps that may be recorded next, in the law's order."""
        log = self.log()
        facts = self.facts(log)
        return steps.next_steps(regime_of(facts, on), as_law(log), facts=facts)

    # Moves

    @transaction.atomic
    def advance(
        self,
        to: str,
        *,
        on: dt.date,
        by: User | None,
        document: Document | None = None,
        takings: Iterable[Taking] | None = None,
        reason: str = "",
        version: int | None = None,
        law: Law | None = None,
    ) -> CaseEvent:
        """Record that step `to` happened on `on`: lock, check, log, save.

        `version` is the version the form was opened with. A handover is of takings: all living
        ones, or those given; the case is handed over with its last taking.

        Raises:
            StaleCase: the case changed since `version`; nothing is written.
            steps.MoveRefused: the law doesn't allow it; `.reason` and `.first` say why.
        """
        self.lock(version)
        law = law or Law.read()
        move = Move(to, on, by, document, reason)
        events = self.decide(move, self._standing(move), law, takings)
        for event in events:
            if event.taking is not None:
                event.taking.save(update_fields=HANDOVER_FIELDS)
            event.save(force_insert=True)
        self._save_state()
        return events[-1]

    def decide(
        self,
        move: Move,
        standing: Standing,
        law: Law,
        takings: Iterable[Taking] | None = None,
    ) -> list[CaseEvent]:
        """Judge a move by the law and take the state after it; write nothing.

        The one home of what a move is: `advance` saves its answer for one case, and
        gpmb.clearance.moves for many. Returns the events to insert, the case's own last; those
        with a taking carry it with its handover filled in. A refused move leaves the case as it
        was.

        Raises:
            steps.MoveRefused: the law doesn't allow it.
        """
        facts = self.facts(standing.log, standing.groups, standing.acts)
        regime = regime_of(facts, move.on)
        done = as_law([event for event in standing.log if event.taking_id is None])
        refusal = law.refusal(regime, done, move.to, move.on, facts)
        if refusal is not None:
            raise steps.MoveRefused(*refusal)
        if move.to != "handover":
            events = [self._event(move)]
        else:
            events = self._hand_over(move, standing.waiting, takings)
        # What is recorded last is last on its day, as `in_order` has it.
        log = sorted([*standing.log, *events], key=attrgetter("on"))
        self.refresh_state(law, log, standing.groups, standing.acts)
        return events

    @transaction.atomic
    def void(
        self,
        event: CaseEvent,
        *,
        on: dt.date,
        by: User | None,
        reason: str,
        version: int | None = None,
        law: Law | None = None,
    ) -> CaseEvent:
        """Take back a wrongly recorded event: a new event says so, the old one stays."""
        self.lock(version)
        if not reason.strip():
            raise steps.MoveRefused("Hủy một bước phải ghi lý do.")
        if not self.events.living().filter(pk=event.pk).exists():
            raise steps.MoveRefused("Bước này đã được hủy trước đó.")
        self.takings.of_handovers([event]).update(**dict.fromkeys(HANDOVER_FIELDS))
        void = event.voiding(on=on, by=by, reason=reason)
        void.save(force_insert=True)
        self.refresh_state(law or Law.read())
        self._save_state()
        return void

    @transaction.atomic
    def note_act(
        self,
        kind: str,
        *,
        on: dt.date,
        by: User | None,
        document: Document | None = None,
        note: str = "",
        version: int | None = None,
    ) -> Act:
        """Record an act that starts, stops or waives a clock; the stored deadlines follow.

        Raises:
            StaleCase: the case changed since `version`; nothing is written.
            ValidationError: a constraint of Act says why.
        """
        self.lock(version)
        act = Act(case=self, kind=kind, on=on, by=by, document=document, note=note)
        act.full_clean()
        act.save()
        self.refresh_state(Law.read())
        self._save_state()
        return act

    @transaction.atomic
    def take_back_act(self, act: Act, *, on: dt.date, reason: str) -> None:
        """Take back an act recorded by mistake; the row stays with the reason.

        Raises:
            ValidationError: the act is another case's or was taken back, or no reason is given.
        """
        self.lock(None)
        standing = self.acts.standing().filter(pk=act.pk).first()
        if standing is None:
            raise ValidationError("Việc này đã được rút lại trước đó.")
        standing.taken_back_on, standing.taken_back_reason = on, reason.strip()
        standing.full_clean()
        standing.save()
        self.refresh_state(Law.read())
        self._save_state()

    @transaction.atomic
    def amend(self, *, law: Law | None = None, **values: Any) -> None:
        """Change what no step decides (officer, batch, resettlement need, note); see AMENDABLE.

        The row is to be locked by the caller. What the law asks next is derived anew: it depends
        on the resettlement need.
        """
        unknown = values.keys() - set(AMENDABLE)
        if unknown:
            raise TypeError(f"not amendable: {sorted(unknown)}")
        for name, value in values.items():
            setattr(self, name, value)
        self.refresh_state(law or Law.read())
        self.save(update_fields=[*values, *STATE_FIELDS])
        self.refresh_from_db(fields=["version"])

    def lock(self, version: int | None) -> None:
        """Lock the row and read it anew; `StaleCase` where `version` is no longer its own."""
        current = Case.objects.select_for_update().get(pk=self.pk)
        if version is not None and current.version != version:
            raise StaleCase
        self.refresh_from_db()

    def _standing(self, move: Move) -> Standing:
        land = self.takings.live(on=move.on).filter(handed_over_on__isnull=True)
        waiting = list(land) if move.to == "handover" else []
        return Standing(self.log(), self.groups(), self.standing_acts(), waiting)

    def _event(self, move: Move, *, kind: str = "move", taking: Taking | None = None) -> CaseEvent:
        return CaseEvent(
            case=self,
            taking=taking,
            kind=kind,
            step=move.to,
            on=move.on,
            by=move.by,
            document=move.document,
            reason=move.reason,
        )

    def _hand_over(
        self, move: Move, waiting: Sequence[Taking], takings: Iterable[Taking] | None
    ) -> list[CaseEvent]:
        chosen = waiting if takings is None else [t for t in takings if t in waiting]
        if waiting and not chosen:
            raise steps.MoveRefused("Các thửa được chọn đã bàn giao hoặc không thuộc hồ sơ.")
        events = []
        for taking in chosen:
            taking.handed_over_area_m2 = taking.recovered_area_m2
            taking.handed_over_on = move.on
            events.append(self._event(move, taking=taking))
        if len(chosen) == len(waiting):
            events.append(self._event(move))
        return events

    def _save_state(self) -> None:
        # Even where today stands as before: the log or an act changed, and past days with it.
        self.version += 1
        self.save(update_fields=[*STATE_FIELDS, "version"])
        self.refresh_from_db(fields=["version"])

    def refresh_state(
        self,
        law: Law,
        log: Sequence[CaseEvent | Logged] | None = None,
        groups: Collection[str] | None = None,
        acts: Iterable[Act] | None = None,
    ) -> None:
        """Derive the state columns from the log and the acts, without saving."""
        log = self.log() if log is None else log
        own = [event for event in log if event.taking_id is None]
        facts = self.facts(log, groups, acts)
        first = {event.step: event.on for event in reversed(own)}
        self.step = steps.current(as_law(own))
        self.stage = 0 if self.step == steps.PLANNED else steps.step(self.step).stage
        self.stepped_on = max((e.on for e in own if e.step == self.step), default=None)
        self.notice_on = max((e.on for e in own if e.step == "notice"), default=None)
        self.approval_on = first.get("approval")
        self.recovery_on = first.get("recovery")
        self.paid_on = first.get("payment") or first.get("deposit")
        self.deposited_on = first.get("deposit")
        self.resettled_on = first.get("resettlement")
        due, self.acted_early = law.standing(facts, as_law(own))
        self.next_step = due.step if due else ""
        self.due_on = due.due_on if due else None
        self.due_rule = due.rule_code if due else ""
        self.earliest_on = due.earliest_on if due else None
        self.lapses_on = due.lapses_on if due else None


# What an officer may change without a step of the law: the editing form, merged field by field.
AMENDABLE = ["officer", "batch", "resettlement_need", "entitled_plots", "note"]


# What `Case.facts` reads of the row itself, beside its log, its land and its acts: cases that are
# the same in all of these get the same answer of the law.
DECIDING_FIELDS = ["resettlement_need", "notice_served_on", "regime_override"]


STATE_FIELDS = [
    "step",
    "stage",
    "stepped_on",
    "notice_on",
    "approval_on",
    "recovery_on",
    "paid_on",
    "deposited_on",
    "resettled_on",
    "next_step",
    "due_on",
    "due_rule",
    "earliest_on",
    "lapses_on",
    "acted_early",
]


HANDOVER_FIELDS = ["handed_over_area_m2", "handed_over_on"]
