"""Every table keeps its history, or says here why it needs none."""

from django.apps import apps
from django.db.models import Model

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
# Pairs alone. Their rows tell who stands with whom today, not since when.
PAIRS = {
    "clearance.Project_units",
    "clearance.SiteHandover_takings",
    "clearance.Reshaping_parents",
    "resettlement.Site_projects",
    "resettlement.Draw_plots",
}


def test_every_table_keeps_its_history_or_says_why_not() -> None:
    ours: set[type[Model]] = {
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("gpmb.") and not model._meta.proxy
    }
    kept = {model.pgh_tracked_model for model in ours if hasattr(model, "pgh_tracked_model")}
    histories = {model for model in ours if hasattr(model, "pgh_tracked_model")}
    without = {model._meta.label for model in ours - histories - kept}
    assert without == LOGS | RUNS | DERIVED | MACHINERY | PAIRS


def test_what_is_its_own_history_can_only_grow() -> None:
    for label in LOGS:
        names = {trigger.name for trigger in apps.get_model(label)._meta.triggers}
        assert names & {"append_only", "kept"}, label
