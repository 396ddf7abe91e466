"""Projects, cases, takings, the event log, obstacles, plans and reviews."""

from gpmb.clearance.models.case import (
    STATE_FIELDS,
    Case,
    CaseEvent,
    CaseParty,
    Law,
    SiteHandover,
    StaleCase,
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
from gpmb.clearance.models.work import Directive, Obstacle, Review

__all__ = [
    "STATE_FIELDS",
    "Batch",
    "Case",
    "CaseEvent",
    "CaseParty",
    "Deployment",
    "Directive",
    "Disclosure",
    "Funding",
    "Law",
    "Obstacle",
    "PlanEntry",
    "PlanVersion",
    "Project",
    "ProjectCategory",
    "ProjectMark",
    "ProjectVersion",
    "Readiness",
    "ReadinessItem",
    "Responsibility",
    "Review",
    "SiteHandover",
    "StaleCase",
    "Taking",
    "TakingPart",
    "Target",
    "as_law",
    "with_readiness",
]
