"""The tables that one engine fills, by kind of import."""

from __future__ import annotations

from gpmb.importing import tables
from gpmb.importing.allocation_table import ALLOCATIONS
from gpmb.importing.arrangement_table import ARRANGEMENTS
from gpmb.importing.complaint_table import LETTERS
from gpmb.importing.directive_table import DIRECTIVES
from gpmb.importing.draw_table import DRAWS
from gpmb.importing.funding_table import FUNDING
from gpmb.importing.housing_table import HOUSING
from gpmb.importing.inquiry_table import INQUIRIES
from gpmb.importing.invitation_table import INVITATIONS
from gpmb.importing.obstacle_table import OBSTACLES
from gpmb.importing.outreach_table import TALKS
from gpmb.importing.payment_table import PAYMENTS
from gpmb.importing.plan_entry_table import PLAN_ENTRIES
from gpmb.importing.plan_item_table import PLAN_ITEMS
from gpmb.importing.plot_table import PLOTS
from gpmb.importing.price_table import PRICES
from gpmb.importing.progress_table import PROGRESS
from gpmb.importing.project_list_table import PROJECTS
from gpmb.importing.readiness_table import READINESS
from gpmb.importing.service_table import SERVICES
from gpmb.importing.training_table import TRAININGS

TABLES: dict[str, tables.Table] = {
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
