"""Plan versions and targets, a project's money, plots against needs, group and project pages."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.accounts.models import Role
from gpmb.analysis import freeze, progress
from gpmb.clearance.models import (
    TARGET_LINE,
    Case,
    Funding,
    NotCumulative,
    Obstacle,
    PlanEntry,
    PlanFrozen,
    PlanVersion,
    Target,
)
from gpmb.compensation import funds
from gpmb.importing.findings import Report
from gpmb.importing.models import ImportRun
from gpmb.reference.models import ObstacleCause
from gpmb.reports.models import ExportLog
from gpmb.resettlement.models import Allocation, Plot, Site
from tests.factories import (
    FIRST_DAY,
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    DocumentFactory,
    PlanFactory,
    PlanVersionFactory,
    ProjectFactory,
    UserFactory,
    deployment,
)

pytestmark = pytest.mark.django_db
JUNE = dt.date(2023, 6, 1)
HANDED_OVER = TARGET_LINE["6-ha"]


@pytest.fixture
def login(today, client):
    def as_role(**fields):
        user = UserFactory(**fields)
        client.force_login(user)
        return user

    return as_role


def version(project, kind="draft", on=dt.date(2023, 2, 6), area=400):
    return PlanVersionFactory(
        name=f"Kế hoạch {kind}",
        on=on,
        targets={project: {"6-ha": {JUNE: area}}},
        decided=kind,
    )


def test_the_plan_page_adds_up_and_says_what_on_schedule_means(client, login):
    login(leader=True)
    project = ProjectFactory()
    CaseFactory(project=project, at="handover")
    version(project, "issued")
    page = client.get(reverse("city_plan"))
    assert (page.context["planned"], page.context["done"]) == (400, 500)
    assert page.context["lines"][0]["verdict"].words == "vượt 20 điểm"
    assert "Thế nào là đúng tiến độ" in page.content.decode()
    assert "Lập dự thảo" not in page.content.decode()


def test_a_version_past_the_draft_is_changed_by_a_new_one(client, login):
    login(administrator=True)
    project = ProjectFactory()
    issued = version(project, "issued")
    with pytest.raises(PlanFrozen):
        issued.entries.get().set_targets({HANDED_OVER: {JUNE: Decimal(1)}})
    address = reverse("targets", args=[project.ref])
    assert client.get(address).status_code == 404
    client.post(reverse("city_plan_new"), {"name": "Kế hoạch điều chỉnh", "on": "01/06/2023"})
    draft = PlanVersion.objects.get(name="Kế hoạch điều chỉnh")
    assert draft.editable
    assert draft.entries.get().targets.get().area_m2 == 400
    answer = client.post(f"{address}?ban=2023-06-01", {"6-ha-6": "0,05", "6-ha-7": "0,2"})
    assert answer.status_code == 302
    assert dict(draft.entries.get().targets.values_list("month", "area_m2")) == {
        JUNE: 500,
        dt.date(2023, 7, 1): 2000,
    }
    assert issued.entries.get().targets.get().area_m2 == 400
    # A draft is not the plan; decided, it is.
    assert client.get(reverse("city_plan")).context["version"] == issued
    said = {"kind": "issued", "on": "15/06/2023", "paper": "12/KH-UBND"}
    client.post(reverse("city_plan_decide") + "?ban=2023-06-01", said)
    now = client.get(reverse("city_plan")).context["version"]
    assert (now.name, now.document.number) == ("Kế hoạch điều chỉnh", "12/KH-UBND")


def test_targets_that_fall_or_read_two_ways_are_refused_and_kept_on_the_page(client, login):
    login(administrator=True)
    project = ProjectFactory()
    version(project)
    address = reverse("targets", args=[project.ref])
    answer = client.post(address, {"6-ha-6": "2", "6-ha-7": "1,5", "5-ho-so-7": "ba"})
    wrong = {row["line"].key: dict(row["wrong"]) for row in answer.context["rows"] if row["wrong"]}
    assert wrong == {
        "6-ha": {"07/2023": "nhỏ hơn tháng trước: chỉ tiêu là số lũy kế từ đầu năm."},
        "5-ho-so": {"07/2023": "Gõ số, ví dụ 1.234,5."},
    }
    assert 'value="1,5"' in answer.content.decode()
    answer = client.post(address, {"6-ha-6": "20.000"})
    assert "gõ 20000 hoặc 20,0" in answer.content.decode()
    assert Target.objects.get().area_m2 == 400


def test_targets_of_every_step_are_typed_in_cases_land_and_money(client, login):
    login(administrator=True)
    project = ProjectFactory()
    CaseFactory(project=project, at="payment")
    CaseFactory(project=project, at="inventory")
    draft = version(project)
    address = reverse("targets", args=[project.ref])
    typed = {"6-ha-6": "0,04", "2-ho-so-6": "3", "5-ha-6": "0,1", "5-tien-6": "1.500,25"}
    assert client.post(address, typed).status_code == 302
    assert draft.entries.get().values() == {
        TARGET_LINE["6-ha"]: {JUNE: 400},
        TARGET_LINE["2-ho-so"]: {JUNE: 3},
        TARGET_LINE["5-ha"]: {JUNE: 1000},
        TARGET_LINE["5-tien"]: {JUNE: 1_500_250_000},
    }
    page = client.get(reverse("city_plan"), {"muc": "2-ho-so"})
    assert (page.context["planned"], page.context["done"]) == (3, 2)
    assert "đạt 67% chỉ tiêu" in page.content.decode()
    page = client.get(reverse("city_plan"), {"muc": "5-tien"})
    assert "1.500" in page.content.decode()
    # A cell emptied takes its target out, and leaves the others of the month.
    assert client.post(address, {**typed, "5-ha-6": ""}).status_code == 302
    assert TARGET_LINE["5-ha"] not in draft.entries.get().values()


def test_a_form_sent_back_as_it_came_changes_nothing(client, login):
    login(administrator=True)
    project = ProjectFactory()
    area = Decimal("12345.67")  # 1,234567 ha
    version(project, area=area)
    address = reverse("targets", args=[project.ref])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    assert sent["6-ha-6"] == "1,234567"
    answer = client.post(address, {k: v for k, v in sent.items() if v is not None}, follow=True)
    assert "Đã ghi 0 ô" in answer.content.decode()
    assert Target.objects.get().area_m2 == area


@pytest.mark.django_db(transaction=True)
def test_every_cell_that_was_changed_has_its_history(client, login):
    user = login(administrator=True)
    project = ProjectFactory()
    first = version(project, "issued")
    first.copy(name="Điều chỉnh", on=dt.date(2023, 6, 1))
    address = reverse("targets", args=[project.ref]) + "?ban=2023-06-01"
    assert client.get(address).context["history"] == []
    client.post(address, {"6-ha-6": "0,05", "5-ho-so-7": "3"})
    client.post(address, {"6-ha-6": "0,05", "5-ho-so-7": ""})
    told = [(h.who, h.label, h.before, h.after) for h in client.get(address).context["history"]]
    assert told[0] == (str(user), "Chi trả, hồ sơ, 07/2023", "3 hồ sơ", "không đặt")
    assert set(told[1:]) == {
        (str(user), "Chi trả, hồ sơ, 07/2023", "không đặt", "3 hồ sơ"),
        (str(user), "Bàn giao mặt bằng, ha, 06/2023", "0,04 ha", "0,05 ha"),
    }


def test_two_people_in_one_sheet_never_overwrite_each_other_unasked(client, login):
    login(administrator=True)
    project = ProjectFactory()
    entry = version(project).entries.get()
    address = reverse("targets", args=[project.ref])
    form = client.get(address).context["form"]
    mine = {name: form[name].value() or "" for name in form.fields} | {"seen": form.seen}
    july = dt.date(2023, 7, 1)
    entry.set_targets(
        {HANDED_OVER: {july: Decimal(600)}, TARGET_LINE["5-ha"]: {july: Decimal(700)}}
    )
    # Different cells: both stay.
    assert client.post(address, {**mine, "5-ho-so-7": "3"}).status_code == 302
    now = entry.values
    assert (now()[HANDED_OVER][july], now()[TARGET_LINE["5-ho-so"]][july]) == (600, 3)
    # The same cell: nothing is written, and what the other wrote is said.
    answer = client.post(address, {**mine, "6-ha-7": "0,08", "5-ho-so-8": "4"})
    wrong = {row["line"].key: dict(row["wrong"]) for row in answer.context["rows"] if row["wrong"]}
    assert "có người đã ghi ô này là 0,06" in wrong["6-ha"]["07/2023"]
    assert now()[HANDED_OVER][july] == 600
    form = answer.context["form"]
    again = {name: form[name].value() or "" for name in form.fields} | {"seen": form.seen}
    assert (again["6-ha-7"], again["5-ha-7"], again["5-ho-so-8"]) == ("0,08", "0,07", "4")
    assert client.post(address, again).status_code == 302
    assert (now()[HANDED_OVER][july], now()[TARGET_LINE["5-ha"]][july]) == (800, 700)


def test_an_address_of_a_version_that_is_gone_leads_to_the_plan(client, login):
    login(administrator=True)
    version(ProjectFactory(), "issued")
    answer = client.get(reverse("city_plan"), {"ban": "2023-01-05"}, follow=True)
    assert answer.context["version"].kind == "issued"


def test_months_that_are_not_named_still_bind_the_others():
    project = ProjectFactory()
    entry = version(project).entries.get()
    with pytest.raises(NotCumulative) as refused:
        entry.set_targets({HANDED_OVER: {dt.date(2023, 7, 1): Decimal(399)}})
    assert refused.value.cells == ((HANDED_OVER, dt.date(2023, 7, 1)),)


@pytest.mark.parametrize("kind", ["after_meeting", "issued"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clearance_target SET area_m2 = 1",
        "DELETE FROM clearance_target",
        "INSERT INTO clearance_target (entry_id, stage, month, cases) "
        "SELECT id, 5, '2023-06-01', 1 FROM clearance_planentry",
        "UPDATE clearance_planentry SET note = 'sửa'",
        "INSERT INTO clearance_planentry (version_id, project_id, note) "
        "SELECT v.id, p.id, '' FROM clearance_planversion v, clearance_project p "
        "WHERE p.id NOT IN (SELECT project_id FROM clearance_planentry)",
        "UPDATE clearance_planversion SET kind = 'draft'",
        "UPDATE clearance_planversion SET name = 'khác'",
        "DELETE FROM clearance_planversion",
    ],
)
def test_the_database_refuses_to_change_a_version_past_the_draft(kind, statement):
    made = version(ProjectFactory(), kind)
    ProjectFactory()
    with (
        pytest.raises(IntegrityError, match="đã qua dự thảo"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    made.refresh_from_db()
    assert made.entries.get().targets.get().area_m2 == 400


def test_rows_of_a_decided_version_cannot_be_moved_into_a_draft_nor_back():
    project = ProjectFactory()
    issued = version(project, "issued")
    draft = PlanVersionFactory(on=dt.date(2023, 3, 1))
    for entry, to in (
        (issued.entries.get(), draft),
        (PlanEntry.objects.create(version=draft, project=project), issued),
    ):
        with pytest.raises(IntegrityError, match="đã qua dự thảo"), transaction.atomic():
            PlanEntry.objects.filter(pk=entry.pk).update(version=to)


def test_a_draft_can_still_be_thrown_away():
    draft = version(ProjectFactory())
    draft.delete()
    assert not Target.objects.exists()


def test_the_first_draft_is_begun_on_the_page_with_every_project(client, login):
    login(administrator=True)
    ProjectFactory(restricted=True)
    project = ProjectFactory()
    assert "Lập dự thảo đầu tiên" in client.get(reverse("city_plan")).content.decode()
    client.post(reverse("city_plan_new"), {"name": "Dự thảo", "on": "01/06/2023"})
    draft = PlanVersion.objects.get()
    assert (draft.year, draft.kind) == (2023, "draft")
    assert [entry.project for entry in draft.entries.all()] == [project]


def test_next_years_draft_keeps_the_projects_and_no_target_of_this_year(client, login):
    login(administrator=True)
    version(ProjectFactory(), "issued")
    deployment(dt.date(2024, 1, 20))
    client.post(reverse("city_plan_new"), {"name": "Năm 2024", "on": "15/01/2024"})
    draft = PlanVersion.objects.get(name="Năm 2024")
    assert draft.year == 2024
    assert draft.entries.get().values() == {}


@pytest.mark.parametrize("role", Role.values)
def test_projects_are_put_into_a_draft_and_taken_out_by_who_keeps_the_plan(client, login, role):
    user = login(role=role)
    old, new = ProjectFactory(), ProjectFactory(officers=[user] if role == "officer" else [])
    secret = ProjectFactory(restricted=True)
    draft = version(old)
    address = reverse("city_plan_projects")
    told = [
        client.post(address, {"add": new.code}).status_code,
        client.post(address, {"remove": old.code}).status_code,
        client.post(address, {"add": secret.code}).status_code,
    ]
    keeps = role == "administrator"
    assert told == ([302, 302, 404] if keeps else [404] * 3)
    assert [entry.project for entry in draft.entries.all()] == [new if keeps else old]
    assert ("Đưa dự án vào" in client.get(reverse("city_plan")).content.decode()) == keeps
    draft.decide("issued", on=draft.on, document=DocumentFactory())
    assert client.post(address, {"add": old.code}).status_code == 404
    with pytest.raises(PlanFrozen):
        draft.put_in([old])


def test_two_versions_never_share_a_day(client, login):
    login(administrator=True)
    project = ProjectFactory()
    version(project, "after_meeting", on=dt.date(2023, 2, 6))
    draft = version(project, on=dt.date(2023, 2, 20))
    said = {"kind": "issued", "on": "06/02/2023", "paper": "12/KH-UBND"}
    answer = client.post(f"{reverse('city_plan_decide')}?ban=2023-02-20", said, follow=True)
    assert "Ngày này đã có một phiên bản" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.kind == "draft"


def test_the_curve_keeps_its_baseline_however_often_the_plan_is_revised(client, login):
    login(leader=True)
    project = ProjectFactory()
    CaseFactory(project=project, at="handover")
    first = version(project, "after_meeting", on=dt.date(2023, 2, 6), area=500)

    def june():
        page = client.get(reverse("project", args=[project.ref]))
        row = next(r for r in page.context["curve_table"] if r["on"] == TODAY)
        return row["plan"], row["baseline"]

    assert june() == (500, None)
    for day, area in ((20, 300), (25, 200)):
        draft = first.copy(name=f"Điều chỉnh {day}", on=dt.date(2023, 2, day))
        draft.entries.get().set_targets({HANDED_OVER: {JUNE: Decimal(area)}})
        assert june()[0] != area  # a draft is not the plan
        draft.decide("issued", on=draft.on, document=DocumentFactory())
        assert june() == (area, 500)


def test_a_project_taken_out_of_the_plan_has_no_plan_and_keeps_its_baseline(client, login):
    login(leader=True)
    project, other = ProjectFactory(), ProjectFactory()
    CaseFactory(project=project, at="handover")
    version(project, "after_meeting", on=dt.date(2023, 2, 6), area=500)
    version(other, "issued", on=dt.date(2023, 2, 20))
    page = client.get(reverse("project", args=[project.ref]))
    row = next(r for r in page.context["curve_table"] if r["on"] == TODAY)
    assert (row["plan"], row["baseline"]) == (None, 500)


@pytest.mark.parametrize("role", Role.values)
def test_targets_are_typed_by_the_administrator_and_the_projects_officers(client, login, role):
    user = login(role=role)
    mine, other = ProjectFactory(officers=[user]), ProjectFactory()
    version(mine)
    PlanEntry.objects.create(version=PlanVersion.objects.get(), project=other)
    opens = {p: client.get(reverse("targets", args=[p.ref])).status_code for p in (mine, other)}
    expected = {
        "administrator": (200, 200),
        "officer": (200, 404),
    }.get(role, (404, 404))
    assert (opens[mine], opens[other]) == expected
    made = client.post(reverse("city_plan_new"), {"name": "Mới", "on": "01/06/2023"})
    decided = client.post(
        reverse("city_plan_decide"), {"kind": "after_meeting", "on": "01/06/2023"}
    )
    expected = 302 if role == "administrator" else 404
    assert (made.status_code, decided.status_code) == (expected, expected)


# By Excel


def through_the_wizard(client, answer, *, follow=True):
    """Answer the questions as they are understood; return the preview's page."""
    page = client.get(answer["Location"])
    columns = page.context["u"]["columns"]
    said = {f"c{at}": column["field"] for at, column in enumerate(columns)}
    ref = page.context["upload"].ref
    return client.post(reverse("import_answer", args=[ref]), said, follow=follow)


def test_a_pasted_block_is_previewed_cell_by_cell_written_and_undone(client, login):
    login(administrator=True)
    project = ProjectFactory(code="D-01")
    draft = version(project)
    address = reverse("targets_import") + "?muc=6-ha"
    block = "Mã dự án\tTháng 6\tTháng 7\nD-01\t0,05\t0,2\nX-09\t1\t2\n"
    preview = through_the_wizard(client, client.post(address, {"block": block}))
    assert "Không có dự án “X-09”" in preview.content.decode()
    changes = client.get(preview.request["PATH_INFO"], {"xem": "changed"}).content.decode()
    assert "0,04 ha" in changes
    assert "0,05 ha" in changes
    upload = preview.context["upload"]
    written = client.post(
        reverse("import_write", args=[upload.ref]), {"partial": "1"}, follow=True
    )
    run = written.context["run"]
    assert draft.entries.get().values() == {HANDED_OVER: {JUNE: 500, dt.date(2023, 7, 1): 2000}}
    plan = client.get(reverse("city_plan"))
    assert reverse("import_run", args=[run.ref]) in plan.content.decode()
    client.post(reverse("import_undo", args=[run.ref]))
    assert draft.entries.get().values() == {HANDED_OVER: {JUNE: 400}}


def test_the_sheet_of_the_page_comes_back_unchanged_by_the_page(client, login):
    login(administrator=True)
    version(ProjectFactory())
    sheet = client.get(reverse("targets_sheet"))
    assert ExportLog.objects.get().source == "ke-hoach"
    file = SimpleUploadedFile("chi-tieu.xlsx", sheet.content)
    preview = through_the_wizard(client, client.post(reverse("targets_import"), {"file": file}))
    assert "Mọi dòng giống hệt số liệu đang có" in preview.content.decode()


def test_a_file_that_is_no_table_is_told_on_the_page(client, login):
    login(administrator=True)
    version(ProjectFactory())
    assert "Hãy chọn tệp" in client.post(reverse("targets_import"), {}).content.decode()
    file = SimpleUploadedFile("thu.xlsx", b"khong phai bang tinh")
    answer = client.post(reverse("targets_import"), {"file": file}, follow=True)
    assert "không phải là bảng tính" in answer.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_targets_come_in_by_excel_from_those_who_type_them(client, login, role):
    user = login(role=role)
    version(ProjectFactory(code="D-01", officers=[user] if role == "officer" else []))
    other = UserFactory(administrator=True)
    run = ImportRun.objects.create(
        kind="targets",
        file_name="của người khác",
        by=other,
        applied=True,
        report=Report().as_json(),
        options={
            "version": PlanVersion.objects.get().pk,
            "ban": "2023-02-06",
            "restricted": False,
        },
    )
    may = role in ("administrator", "officer")
    assert client.get(reverse("targets_sheet")).status_code == (200 if may else 404)
    assert client.get(reverse("targets_import")).status_code == (200 if may else 404)
    answer = client.post(
        reverse("targets_import"), {"block": "Mã dự án\tT6\nD-01\t0,05"}, follow=True
    )
    assert answer.status_code == (200 if may else 404)
    page = client.get(reverse("city_plan")).content.decode()
    assert ("Sửa chỉ tiêu bằng Excel" in page) == may
    # Another's receipt: the keeper of the plan reads it, an officer doesn't.
    keeps = role == "administrator"
    receipt = client.get(reverse("import_run", args=[run.ref])).status_code
    assert receipt == (200 if keeps else 404)


def test_a_decided_version_has_no_sheet_and_takes_no_table(client, login):
    login(administrator=True)
    version(ProjectFactory(), "issued")
    assert client.get(reverse("targets_sheet")).status_code == 404
    assert client.post(reverse("targets_import"), {"block": "a\tb"}).status_code == 404
    assert "Sửa chỉ tiêu bằng Excel" not in client.get(reverse("city_plan")).content.decode()


def test_the_plan_page_asks_as_often_for_nine_projects_as_for_three(client, login):
    login(administrator=True)
    projects = [ProjectFactory() for _ in range(9)]
    few = PlanVersionFactory(
        on=dt.date(2023, 3, 1), targets={p: {"6-ha": {JUNE: 400}} for p in projects[:3]}
    )
    PlanVersionFactory(
        on=dt.date(2023, 3, 2), targets={p: {"6-ha": {JUNE: 400}} for p in projects}
    )

    def asked(day):
        client.get(reverse("city_plan"), {"ban": day})
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("city_plan"), {"ban": day})
        return len(caught)

    assert asked(few.on.isoformat()) == asked("2023-03-02") < 25


# Money


def approve(case, amount):
    """The approved plan of a case that walked its steps already."""
    plan = PlanFactory(case=case, amount=amount)
    for status, step in (("posted", "posting"), ("appraised", "appraisal")):
        plan.move(status, on=case.events.get(step=step).on, by=None)
    plan.move("approved", on=case.approval_on, by=None, document=DocumentFactory())


@pytest.fixture
def cause(db):
    return ObstacleCause.objects.create(code="no_funding", name="Chưa bố trí vốn", source="thử")


def test_a_project_without_money_is_blocked_from_the_day_it_ran_short(client, login, cause):
    login(leader=True)
    case = CaseFactory(at="approval")
    project, day = case.project, case.approval_on
    Funding.record(project, "needed", on=FIRST_DAY, amount_vnd=Decimal(900))
    Funding.record(project, "allocated", on=FIRST_DAY, amount_vnd=Decimal(500))
    approve(case, 800)
    assert funds.settle_obstacles(on=TODAY) == 1
    assert funds.settle_obstacles(on=TODAY) == 0
    money = funds.by_project([project.pk], on=TODAY)[project.pk]
    assert (money.missing, money.short) == (400, 300)
    stuck = Obstacle.objects.get()
    assert (stuck.cause, stuck.opened_on, stuck.case) == (cause, day, None)
    # Everywhere the blocked are counted.
    assert client.get("/").context["everything"].figures.obstacles == 1
    behind = client.get(reverse("behind", args=["vuong-mac"]), {"cause": "no_funding"})
    assert behind.context["page"].paginator.count == 1
    page = client.get(reverse("funding"))
    assert [row["project"] for row in page.context["short"]] == [project]
    # Money comes: closed on that day, and still open on the days before.
    Funding.record(project, "allocated", on=dt.date(2023, 6, 1), amount_vnd=Decimal(300))
    assert funds.settle_obstacles(on=TODAY) == 1
    assert Obstacle.objects.get().closed_on == dt.date(2023, 6, 1)
    assert client.get("/").context["everything"].figures.obstacles == 0
    assert client.get("/", {"on": "31/05/2023"}).context["everything"].figures.obstacles == 1


def test_a_project_whose_money_nobody_told_is_unknown_not_blocked(client, login, cause):
    login(leader=True)
    case = CaseFactory(at="approval")
    approve(case, 800)
    assert funds.settle_obstacles(on=TODAY) == 0
    page = client.get(reverse("funding"))
    assert page.context["unknown"] == 1
    assert "chưa có dữ liệu" in page.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_money_is_recorded_by_finance_and_administrators(client, login, cause, role):
    login(role=role)
    project = ProjectFactory()
    said = {"kind": "needed", "on": "01/06/2023", "amount_trieu": "1,5", "paper": "5/QĐ"}
    answer = client.post(reverse("project_money", args=[project.ref]), said)
    allowed = role in ("finance", "administrator")
    assert answer.status_code == (302 if allowed else 404)
    assert list(Funding.objects.values_list("amount_vnd", flat=True)) == [1_500_000] * allowed


# Resettlement


def test_a_site_counts_its_plots_against_those_who_wait(client, login):
    login(leader=True)
    project = ProjectFactory()
    for number in range(3):
        CaseFactory(
            project=project,
            at="approval" if number else "inventory",
            resettlement_need="plot",
            entitled_plots=1,
        )
    site = Site.objects.create(
        code="K1", name="Khu một", unit=AdministrativeUnitFactory(), status="ready"
    )
    site.projects.add(project)
    plots = [
        Plot.objects.create(site=site, number=f"L{n}", area_m2=100, status="available")
        for n in range(2)
    ]
    placed = Case.objects.filter(stage=4).order_by("pk").first()
    Allocation.objects.create(case=placed, plot=plots[0], allocated_on=dt.date(2023, 6, 1))
    found = client.get(reverse("resettlement")).context["balance"]
    stock = found.sites[0]
    assert (stock.total, stock.given, stock.free, stock.wanted, stock.missing) == (2, 1, 1, 2, 1)
    assert (found.plots, found.given, found.short) == (3, 1, 2)
    # Approved under the 2013 law, so recovered, and waiting: told, not a violation.
    need = found.needs[0]
    assert (need.recovered_waiting, need.violations) == (1, 0)
    assert "không phải vi phạm" in client.get(reverse("resettlement")).content.decode()
    before = client.get(reverse("resettlement"), {"on": "31/05/2023"}).context["balance"]
    assert before.given == 0


# Groups, projects, days


def test_group_and_project_pages_draw_the_curve_with_its_numbers(client, login):
    login(leader=True)
    project = ProjectFactory()
    CaseFactory(project=project, at="handover")
    version(project, "after_meeting", on=dt.date(2023, 2, 6), area=500)
    version(project, "issued", on=dt.date(2023, 2, 20), area=300)
    category = project.categories.get().category
    for address in (
        reverse("group", args=[category.code]),
        reverse("project", args=[project.ref]),
    ):
        page = client.get(address)
        text = page.content.decode()
        assert page.status_code == 200
        assert "Kế hoạch gốc" in text
        assert 'role="img"' in text
        june = next(row for row in page.context["curve_table"] if row["on"] == TODAY)
        assert (june["plan"], june["baseline"], june["actual"]) == (300, 500, 500)
        wards = page.context["wards"]
        assert sum(row["figures"].cases for row in wards) == 1
    assert client.get(reverse("group", args=["khong-co"])).status_code == 404


def test_a_group_asks_as_often_for_nine_projects_as_for_three(client, login):
    login(leader=True)
    category = ProjectFactory().categories.get().category
    address = reverse("group", args=[category.code])

    def asked():
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        return len(caught)

    for _ in range(2):
        CaseFactory(at="notice")
    few = asked()
    for _ in range(6):
        CaseFactory(at="notice")
    assert asked() == few < 40


def test_the_command_freezes_a_day_once(login, capsys):
    CaseFactory(at="handover")
    call_command("freeze", "--as-of", "2023-05-31")
    first = freeze.Freeze.objects.get()
    assert first.sha256 in capsys.readouterr().out
    call_command("freeze", "--as-of", "2023-05-31")
    assert "Tính lại hôm nay vẫn ra đúng" in capsys.readouterr().out
    assert freeze.Freeze.objects.count() == 1


def test_the_same_day_rebuilt_later_gives_the_same_figures(login):
    CaseFactory(at="handover")
    project = CaseFactory(at="posting").project
    days = [FIRST_DAY + dt.timedelta(days=7 * week) for week in range(44)]
    first = {day: freeze.digest(freeze.build(day)) for day in days}
    assert len(set(first.values())) == 6
    # Later work on the same projects changes no earlier day.
    Case.objects.get(project=project).advance("appraisal", on=TODAY, by=None)
    progress.rebuild_deltas()
    assert {day: freeze.digest(freeze.build(day)) for day in days} == first
