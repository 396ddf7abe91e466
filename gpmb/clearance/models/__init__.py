"""Projects, cases, takings, the event log, obstacles, plans and reviews."""

from gpmb.clearance.models.act import Act
from gpmb.clearance.models.bulk import BulkRow, BulkRun
from gpmb.clearance.models.case import (
    HANDOVER_FIELDS,
    STATE_FIELDS,
    Case,
    CaseEvent,
    CaseParty,
    Law,
    Logged,
    Move,
    SiteHandover,
    StaleCase,
    Standing,
    Taking,
    TakingPart,
    as_law,
)
from gpmb.clearance.models.disclosure import Disclosure
from gpmb.clearance.models.plan import PlanEntry, PlanVersion, Target
from gpmb.clearance.models.project import (
    Batch,
    Deployment,
    Funding,
    Project,
    ProjectCategory,
    ProjectMark,
    ProjectVersion,
    Readiness,
    ReadinessItem,
    Responsibility,
    with_readiness,
)
from gpmb.clearance.models.review import (
    Directive,
    DirectiveNote,
    Question,
    QuestionOption,
    Review,
)
from gpmb.clearance.models.work import Obstacle

__all__ = [
    "HANDOVER_FIELDS",
    "STATE_FIELDS",
    "Act",
    "Batch",
    "BulkRow",
    "BulkRun",
    "Case",
    "CaseEvent",
    "CaseParty",
    "Deployment",
    "Directive",
    "DirectiveNote",
    "Disclosure",
    "Funding",
    "Law",
    "Logged",
    "Move",
    "Obstacle",
    "PlanEntry",
    "PlanVersion",
    "Project",
    "ProjectCategory",
    "ProjectMark",
    "ProjectVersion",
    "Question",
    "QuestionOption",
    "Readiness",
    "ReadinessItem",
    "Responsibility",
    "Review",
    "SiteHandover",
    "StaleCase",
    "Standing",
    "Taking",
    "TakingPart",
    "Target",
    "as_law",
    "with_readiness",
]
