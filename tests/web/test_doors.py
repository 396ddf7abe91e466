"""The walk: every address of the program has a row here that says who may knock."""

from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from gpmb.accounts.models import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

# Without login.
OPEN = {"healthz", "favicon", "account_login", "account_inactive"}
# Half-way through a login: the second factor.
SIGNING_IN = {"mfa_authenticate"}
# Leads a stranger home, and so to the login.
SIGNED_OUT = {"account_logout"}
# Behind the login, for every role; what each role finds there is in test_permissions and beside
# the tests of the page.
LOGIN = {
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    # the overview and the lists behind its figures: test_overview
    "overview",
    "behind",
    "group",
    "sketch_map",
    # plan, money, resettlement: test_plan
    "city_plan",
    "city_plan_new",
    "city_plan_projects",
    "city_plan_decide",
    "targets",
    "targets_sheet",
    "targets_import",
    "funding",
    "project_money",
    "resettlement",
    # alerts: test_alerts
    "alerts",
    "search",
    # clearance boundary: test_boundary
    "boundary",
    "boundary_around",
    "boundary_preview",
    "boundary_shapes",
    "boundary_apply",
    "boundary_undo",
    # parcels, their lineage, change of holder: test_parcels
    "parcel_map",
    "parcel_split",
    "parcel_merge",
    "parcel_undo",
    "holder_change",
    "holder_undo",
    # data out: test_exports
    "export",
    "export_file",
    # the desk: test_desk
    "desk",
    "inquiries",
    "inquiry_add",
    "inquiry",
    "inquiry_withdraw",
    "reassign",
    "hand_back",
    "filter_save",
    "filter_drop",
    # in the field: test_field
    "field",
    "field_near",
    "field_number",
    "field_taking",
    "field_step",
    "field_note",
    "field_photo",
    # drafts: test_drafts
    "draft_saved",
    # projects and cases: test_permissions
    "projects",
    "project",
    # legal procedures: test_readiness
    "readiness",
    "project_readiness",
    "cases",
    "case",
    "case_advance",
    "case_void",
    "act_note",
    "act_take_back",
    "reveal",
    "obstacle_add",
    "obstacle_close",
    # households × steps: test_matrix
    "matrix",
    "matrix_export",
    "matrix_step",
    # editing together: test_merge
    "case_edit",
    # many cases at once: test_bulk
    "bulk_runs",
    "bulk_choose",
    "bulk_area",
    "bulk_run",
    "bulk_preview",
    "bulk_write",
    "bulk_undo",
    "bulk_progress",
    # resettlement: test_resettlement_pages
    "resettlement_site",
    "plots_move",
    "draw_add",
    "draw",
    "draw_record",
    "arrange",
    "temporary_housing",
    "plot_allocate",
    "allocation_act",
    # plans and payments: test_money_pages
    "plan_add",
    "plan",
    "plan_edit",
    "plan_move",
    "plan_amend",
    "payments",
    "payments_day",
    "payments_day_export",
    "payment_approve",
    "payment_return",
    "payment_propose",
    "payment_invite",
    "invitation_result",
    # map: test_permissions (panel), test_map
    "panel",
    "advance",
    "parcel",
    "map",
    "map_legend",
    "map_search",
    "map_place",
    "map_tile",
    "map_outlines",
    "map_hexagons",
    "map_plain",
    # obstacles, outreach, delivered papers: test_obstacles, test_outreach, test_services
    "obstacles",
    "obstacle_new",
    "obstacle",
    "obstacle_edit",
    "outreach",
    "outreach_new",
    "outreach_page",
    "outreach_answers",
    "outreach_cancel",
    "never_met",
    "trainings",
    "services",
    "serve",
    "service_void",
    "serve_in_case",
    "document_dates",
    # letters and their templates: test_letters
    "letter_runs",
    "letters_compose",
    "letter_run",
    "letter_run_file",
    "letter_templates",
    "letter_template_file",
    "letter_template",
    # attached files: test_attachments
    "attachment_add",
    "attachment",
    "attachment_remove",
    # blocking land: test_blocking
    "blocking",
    "blocking_geojson",
    # concentrations of complaints: test_hotspots
    "hotspots",
    "hotspot_cells",
    "hotspot_cell",
    "hotspot_open",
    "hotspot_open_at",
    "hotspot",
    "hotspot_close",
    "hotspot_measure",
    "measure_done",
    # the price list: test_pasting_prices
    "prices",
    # bringing data in: test_imports
    "imports",
    "import_sample",
    "import_paste",
    "import_run",
    "import_undo",
    "import_step",
    "import_progress",
    "import_answer",
    "import_write",
    "import_drop",
    "import_errors",
    # complaints: test_complaints
    "complaints",
    "complaints_export",
    "reception_book",
    "complaints_monthly",
    "complaints_monthly_export",
    "complaint_intake",
    "complaint",
    "complaint_move",
    "complaint_handle",
    "complaint_concern",
    "complaint_join",
    "complaint_letter",
    # reviews: test_reviews
    "reviews",
    "review_add",
    "since_review",
    "directives",
    "directive_report",
    "questions",
    "question_ask",
    "question",
    "review",
    "review_conclude",
    "review_issue",
    "review_notice",
    # reports and the scorecard: test_reports, test_scorecard
    "reports",
    "report_file",
    "briefing_file",
    "conference_order",
    "conference",
    "conference_file",
    "scorecard",
    "scorecard_cases",
}
# A value for each kind of argument an address may take.
SAMPLES = {
    "ref": 12345,
    "int": 3,
    "slug": "x",
    "str": "x",
    "path": "x",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def walk(patterns: Any, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in patterns:
        if isinstance(entry, URLResolver):
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            found += walk(entry.url_patterns, space)
        else:
            found.append((f"{prefix}{entry.name}", entry))
    return found


ADDRESSES = walk(get_resolver().url_patterns)


def test_every_address_has_a_row():
    names = {name for name, _ in ADDRESSES if not name.startswith("admin:")}
    rows = OPEN | SIGNING_IN | SIGNED_OUT | LOGIN
    assert names - rows == set(), "new addresses: say in this file who may knock"
    assert rows - names == set(), "rows without an address"


def address_of(name: str, entry: URLPattern) -> str:
    if name == "admin:app_list":  # the one address with a group of a regular expression
        return reverse(name, kwargs={"app_label": "accounts"})
    kinds = {
        key: next(kind for kind in SAMPLES if kind in type(converter).__name__.lower())
        for key, converter in entry.pattern.converters.items()
    }
    return reverse(name, kwargs={key: SAMPLES[kind] for key, kind in kinds.items()})


@pytest.mark.parametrize(
    ("name", "entry"), [row for row in ADDRESSES if row[1].name], ids=lambda v: str(v)[:60]
)
def test_nothing_opens_without_login(client, today, name, entry):
    answer = client.get(address_of(name, entry), follow=name not in OPEN)
    if name == "favicon":
        assert answer["Location"].startswith("/static/")
        return
    assert answer.status_code == 200
    if name not in OPEN:
        last, _ = answer.redirect_chain[-1]
        assert last.startswith("/dang-nhap/")


@pytest.mark.parametrize("role", [role for role in Role.values if role != "administrator"])
def test_the_administration_exists_for_administrators_alone(client, today, role):
    client.force_login(UserFactory(role=role, is_staff=True))
    for name, entry in ADDRESSES:
        if name.startswith("admin:") and entry.name not in (None, "login"):
            assert client.get(address_of(name, entry)).status_code == 404, name


def test_the_administrator_opens_the_administration(client, today):
    client.force_login(UserFactory(administrator=True))
    assert client.get("/quan-tri/").status_code == 200
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 200


@pytest.mark.parametrize("path", ["dang-ky/", "signup/", "password/reset/", "tai-khoan/email/"])
def test_nobody_signs_up_or_resets_a_password_by_themselves(client, today, path):
    assert client.get(f"/{path}").status_code == 404
