"""The tables that one engine fills, by kind of import."""

from __future__ import annotations

from gpmb.importing.tables.allocation import ALLOCATIONS
from gpmb.importing.tables.arrangement import ARRANGEMENTS
from gpmb.importing.tables.complaint import LETTERS
from gpmb.importing.tables.directive import DIRECTIVES
from gpmb.importing.tables.draw import DRAWS
from gpmb.importing.tables.funding import FUNDING
from gpmb.importing.tables.housing import HOUSING
from gpmb.importing.tables.inquiry import INQUIRIES
from gpmb.importing.tables.invitation import INVITATIONS
from gpmb.importing.tables.obstacle import OBSTACLES
from gpmb.importing.tables.outreach import TALKS
from gpmb.importing.tables.payment import PAYMENTS
from gpmb.importing.tables.plan_entry import PLAN_ENTRIES
from gpmb.importing.tables.plan_item import PLAN_ITEMS
from gpmb.importing.tables.plot import PLOTS
from gpmb.importing.tables.price import PRICES
from gpmb.importing.tables.progress import PROGRESS
from gpmb.importing.tables.project_list import PROJECTS
from gpmb.importing.tables.readiness import READINESS
from gpmb.importing.tables.service import SERVICES
from gpmb.importing.tables.table import Table
from gpmb.importing.tables.training import TRAININGS

TABLES: dict[str, Table] = {
    table.kind: table
    for table in (
        OBSTACLES,
        PAYMENTS,
        PLAN_ITEMS,
        TALKS,
        INQUIRIES,
        PLOTS,
        ARRANGEMENTS,
        ALLOCATIONS,
        HOUSING,
        INVITATIONS,
        PRICES,
        DRAWS,
        READINESS,
        TRAININGS,
        SERVICES,
        LETTERS,
        FUNDING,
        DIRECTIVES,
        PROGRESS,
        PROJECTS,
        PLAN_ENTRIES,
    )
}
"""Tables filled by one engine, of a project or of the whole city."""
