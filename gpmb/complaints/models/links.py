"""Who signed a letter, and the cases and parcels it is about: each as many as the letter names."""

from __future__ import annotations

import pgtrigger
from django.db import models

from gpmb.clearance.models import Case, Project
from gpmb.land.models import Parcel, Party
from gpmb.tracking import tracked
from gpmb.triggers import touch_projects


def not_of_a_denunciation(what: str) -> pgtrigger.Trigger:
    """A denunciation is a number, dates and status: a row of `what` can't belong to one."""
    return pgtrigger.Trigger(
        name="not_of_a_denunciation",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
            IF EXISTS (SELECT FROM complaints_complaint
                        WHERE id = NEW.complaint_id AND kind = 'denunciation') THEN
                RAISE EXCEPTION 'a denunciation has no {what} on record'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


@tracked()
class ComplaintParty(models.Model):
    """Who signed a letter, and who speaks for the others. Never of a denunciation (by trigger)."""

    complaint = models.ForeignKey(
        "complaints.Complaint", models.CASCADE, related_name="complaint_parties"
    )
    party = models.ForeignKey(Party, models.PROTECT, related_name="complaint_parties")
    representative = models.BooleanField("người đại diện", default=False)

    class Meta:
        verbose_name = "người đứng đơn"
        verbose_name_plural = "người đứng đơn"
        constraints = [
            models.UniqueConstraint(fields=["complaint", "party"], name="complaintparty_once")
        ]
        triggers = [not_of_a_denunciation("petitioner")]

    def __str__(self) -> str:
        return f"{self.complaint_id}:{self.party_id}"


@tracked()
class ComplaintCase(models.Model):
    """A case that a letter is about; the first one named stands first.

    `project` is the letter's and the case's: two composite keys in the migration say so. A
    denunciation has no project, so it can't have a case either.
    """

    complaint = models.ForeignKey(
        "complaints.Complaint", models.CASCADE, related_name="complaint_cases"
    )
    case = models.ForeignKey(Case, models.PROTECT, related_name="complaint_cases")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "hồ sơ của đơn"
        verbose_name_plural = "hồ sơ của đơn"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "case"],
                name="complaintcase_once",
                violation_error_message="Đơn đã ghi hồ sơ này.",
            )
        ]
        triggers = [*touch_projects("SELECT project_id FROM {rows}")]

    def __str__(self) -> str:
        return f"{self.complaint_id}:{self.case_id}"


@tracked()
class ComplaintParcel(models.Model):
    """A parcel that a letter is about; the first one named stands first."""

    complaint = models.ForeignKey(
        "complaints.Complaint", models.CASCADE, related_name="complaint_parcels"
    )
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="complaint_parcels")

    class Meta:
        verbose_name = "thửa đất của đơn"
        verbose_name_plural = "thửa đất của đơn"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "parcel"],
                name="complaintparcel_once",
                violation_error_message="Đơn đã ghi thửa đất này.",
            )
        ]
        triggers = [
            not_of_a_denunciation("land"),
            *touch_projects(
                "SELECT c.project_id FROM {rows} r JOIN complaints_complaint c "
                "ON c.id = r.complaint_id WHERE c.project_id IS NOT NULL"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}:{self.parcel_id}"

    @property
    def number(self) -> str:
        """Current sheet and number, "5/85", or "" where the parcel has none."""
        rows = (n for n in self.parcel.numbers.all() if n.kind == "current" and not n.valid_to)
        return next((f"{n.sheet}/{n.number}" for n in rows), "")
