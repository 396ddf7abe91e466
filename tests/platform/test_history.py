"""Every table keeps its history, or says here why it needs none."""

import pghistory
import pytest
from django.apps import apps
from django.db.models import Model

from gpmb.clearance.models.project import ProjectUnit
from tests.factories import AdministrativeUnitFactory, ProjectFactory

# Rows are only added, and a trigger holds that: the table is its own history.
LOGS = {
    "clearance.CaseEvent",
    "clearance.DirectiveNote",
    "clearance.Disclosure",
    "clearance.FieldNote",
    "clearance.Reassignment",
    "clearance.ReassignmentItem",
    "compensation.PlanEvent",
    "complaints.ComplaintEvent",
    "resettlement.ArrangementEvent",
    "resettlement.DrawSwap",
    "analysis.Freeze",
    "reports.ExportLog",
}
# What a run read and wrote, row by row with its before: kept as long as the run.
RUNS = {
    "clearance.BoundaryRow",
    "clearance.BulkRow",
    "clearance.BulkReceipt",
    "importing.ImportRow",
    "importing.CreatedRows",
    "importing.Upload",
    "papers.LetterRun",
    "papers.LetterRun_cases",
    "reports.PackRun",
}
# Computed from other tables, and computed anew.
DERIVED = {
    "clearance.ProjectVersion",
    "analysis.Adjacency",
    "analysis.AdjacencyState",
    "analysis.Backtest",
    "analysis.HotspotRun",
    "analysis.HotspotArea",
    "analysis.DailyDelta",
    "analysis.DayState",
    "analysis.DeltaState",
    "analysis.DueSpan",
    "analysis.DueState",
    "analysis.TakingCell",
    "analysis.Piece",
    "analysis.PieceState",
    "analysis.PieceVersion",
}
# Of the machinery of forms and accounts, no fact about land or people.
MACHINERY = {
    "accounts.Submission",
    "accounts.User_groups",
    "accounts.User_user_permissions",
    "importing.SavedMapping",
}


def test_every_table_keeps_its_history_or_says_why_not() -> None:
    ours: set[type[Model]] = {
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("gpmb.") and not model._meta.proxy
    }
    kept = {
        # Pairs of a many-to-many field are tracked by a proxy of their table.
        model.pgh_tracked_model._meta.concrete_model
        for model in ours
        if hasattr(model, "pgh_tracked_model")
    }
    histories = {model for model in ours if hasattr(model, "pgh_tracked_model")}
    without = {model._meta.label for model in ours - histories - kept}
    assert without == LOGS | RUNS | DERIVED | MACHINERY


def test_what_is_its_own_history_can_only_grow() -> None:
    for label in LOGS:
        names = {trigger.name for trigger in apps.get_model(label)._meta.triggers}
        assert names & {"append_only", "kept"}, label


@pytest.mark.django_db
def test_pairs_tell_since_when_they_stand_and_until_when() -> None:
    project = ProjectFactory()
    unit = AdministrativeUnitFactory()
    with pghistory.context(reason="Mở rộng sang xã bên"):
        project.units.add(unit)
    project.units.remove(unit)
    told = ProjectUnit.pgh_event_model.objects.filter(
        project=project, administrativeunit=unit
    ).order_by("pgh_id")
    assert [row.pgh_label for row in told] == ["insert", "delete"]
    assert told[0].pgh_context.metadata["reason"] == "Mở rộng sang xã bên"
