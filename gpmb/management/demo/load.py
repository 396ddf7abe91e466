"""Write the whole city into the database in one transaction; every trigger and constraint runs."""

import numpy as np
import pghistory
from django.db import connection, models, transaction

from gpmb.accounts.models import Assignment
from gpmb.analysis import progress
from gpmb.analysis.progress_models import Freeze
from gpmb.clearance.models import (
    Batch,
    Case,
    CaseEvent,
    CaseParty,
    Deployment,
    Directive,
    DirectiveNote,
    Funding,
    Obstacle,
    PlanEntry,
    PlanVersion,
    Project,
    Question,
    QuestionOption,
    Review,
    Taking,
    TakingPart,
    Target,
    Training,
)
from gpmb.compensation.models import Invitation, Payment, Plan, PlanEvent, PlanItem, UnitPrice
from gpmb.complaints.models import Complaint, ComplaintCase, ComplaintEvent, ComplaintParcel
from gpmb.land.models import Document, Parcel, ParcelNumber, Party
from gpmb.management.demo import (
    desk,
    load_base,
    load_cases,
    load_money,
    load_resettlement,
    load_work,
    outreach,
    questions,
)
from gpmb.management.demo.city import City
from gpmb.management.demo.writer import Papers, Writer
from gpmb.resettlement.models import Allocation, Plot, Site

# Truncating these takes along, by CASCADE, whatever else refers to them.
OF_THE_CITY: tuple[type[models.Model], ...] = (
    Project,
    Batch,
    Case,
    CaseEvent,
    CaseParty,
    Taking,
    TakingPart,
    Obstacle,
    Training,
    PlanVersion,
    PlanEntry,
    Target,
    Review,
    Directive,
    DirectiveNote,
    Question,
    QuestionOption,
    Funding,
    Plan,
    PlanItem,
    PlanEvent,
    Payment,
    Invitation,
    UnitPrice,
    Site,
    Plot,
    Allocation,
    *load_resettlement.OF_RESETTLEMENT,
    Complaint,
    ComplaintCase,
    ComplaintParcel,
    ComplaintEvent,
    Parcel,
    ParcelNumber,
    Party,
    Document,
    Assignment,
    Freeze,
)


def city(made: City, *, seed: int, password: str, replace: bool) -> None:
    """Write `made` into an empty database; with `replace`, the demo data there goes first."""
    with transaction.atomic(), pghistory.context(reason="Dựng thành phố minh họa (make_demo)"):
        if replace:
            clear()
        owners = load_base.organisations()
        users = load_base.users(owners, password)
        writer = Writer(np.random.default_rng([seed, 2]))
        load = load_base.Loading(made, writer, Papers(writer, owners), owners, users)
        load_base.units(load)
        load_base.projects(load)
        load_cases.parcels(load)
        load_cases.parties(load)
        load_cases.cases(load)
        load_cases.site_handovers(load)
        load_money.money(load)
        load_work.resettlement(load)
        load_work.obstacles(load)
        desk.inquiries(load)
        desk.saved_filters(load)
        load_work.complaints(load)
        load_work.plans_of_the_city(load)
        load_work.reviews(load)
        questions.write(load)
        outreach.write(load)
        load_base.funding(load)
        load_base.minimum_plots()
        writer.close()
        Deployment.objects.update_or_create(
            pk=1,
            defaults={"city": "Móng Cái", "data_date": made.as_of, "illustrative": True},
        )
        # Deferred checks and the deltas read these tables row by row: without fresh statistics
        # the planner takes them for empty and scans them whole each time.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        progress.rebuild_deltas()


def clear() -> None:
    """Empty the tables of the city; accounts, units and reference rows stay."""
    quote = connection.ops.quote_name
    tables = ", ".join(quote(model._meta.db_table) for model in OF_THE_CITY)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
