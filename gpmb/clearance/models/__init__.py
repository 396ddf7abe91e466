"""Projects, cases, takings, the event log, obstacles, plans and reviews."""

from gpmb.clearance.models.act import Act
from gpmb.clearance.models.boundary import BoundaryRow, ClearanceBoundary
from gpmb.clearance.models.bulk import BulkReceipt, BulkRow, BulkRun
from gpmb.clearance.models.case import (
    AMENDABLE,
    DECIDING_FIELDS,
    HANDOVER_FIELDS,
    STATE_FIELDS,
    Case,
)
from gpmb.clearance.models.case_party import CaseParty
from gpmb.clearance.models.decision import Law, Move, StaleCase, Standing
from gpmb.clearance.models.desk import FieldNote, Inquiry, Reassignment, ReassignmentItem
from gpmb.clearance.models.disclosure import Disclosure
from gpmb.clearance.models.event import CaseEvent, Logged, as_law
from gpmb.clearance.models.outreach import (
    KIND_OF_STEP,
    Outreach,
    OutreachHousehold,
    Training,
    never_met,
)
from gpmb.clearance.models.plan import (
    TARGET_LINE,
    TARGET_LINES,
    NotCumulative,
    PlanEntry,
    PlanFrozen,
    PlanVersion,
    Target,
    TargetLine,
    TargetMeasure,
    falling,
)
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
from gpmb.clearance.models.reshaping import Reshaping
from gpmb.clearance.models.review import (
    Directive,
    DirectiveNote,
    Question,
    QuestionOption,
    Review,
)
from gpmb.clearance.models.taking import SiteHandover, Taking, TakingPart
from gpmb.clearance.models.work import Obstacle

__all__ = [
    "AMENDABLE",
    "DECIDING_FIELDS",
    "HANDOVER_FIELDS",
    "KIND_OF_STEP",
    "STATE_FIELDS",
    "TARGET_LINE",
    "TARGET_LINES",
    "Act",
    "Batch",
    "BoundaryRow",
    "BulkReceipt",
    "BulkRow",
    "BulkRun",
    "Case",
    "CaseEvent",
    "CaseParty",
    "ClearanceBoundary",
    "Deployment",
    "Directive",
    "DirectiveNote",
    "Disclosure",
    "FieldNote",
    "Funding",
    "Inquiry",
    "Law",
    "Logged",
    "Move",
    "NotCumulative",
    "Obstacle",
    "Outreach",
    "OutreachHousehold",
    "PlanEntry",
    "PlanFrozen",
    "PlanVersion",
    "Project",
    "ProjectCategory",
    "ProjectMark",
    "ProjectVersion",
    "Question",
    "QuestionOption",
    "Readiness",
    "ReadinessItem",
    "Reassignment",
    "ReassignmentItem",
    "Reshaping",
    "Responsibility",
    "Review",
    "SiteHandover",
    "StaleCase",
    "Standing",
    "Taking",
    "TakingPart",
    "Target",
    "TargetLine",
    "TargetMeasure",
    "Training",
    "as_law",
    "falling",
    "never_met",
    "with_readiness",
]
