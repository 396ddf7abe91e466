"""Plans and payments on their pages: who may do what, what is said, how much is asked."""

import datetime as dt
from io import BytesIO

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from gpmb.compensation.models import Invitation, Payment, Plan, PlanItem
from gpmb.reference.loading import load
from gpmb.reports.models import ExportLog
from tests.factories import (
    TODAY,
    CaseFactory,
    PaymentFactory,
    PlanFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")
ALL, OWN, NONE = "oo", "o-", "--"


@pytest.fixture
def users(today):
    return {role: UserFactory(role=role) for role in ROLES}


@pytest.fixture
def projects(users):
    """`own` is the officer's, `other` a colleague's."""
    return {
        "own": ProjectFactory(officers=[users["officer"]]),
        "other": ProjectFactory(officers=[UserFactory()]),
    }


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def lines(plan, **changed):
    """What the form of lines posts for a plan as it stands, with changes of the first line."""
    item = plan.items.get()
    data = {
        "seen": plan.computed_digest(),
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "1",
        "items-0-id": item.pk,
        "items-0-block": "land",
        "items-0-description": item.description,
        "items-0-quantity": "120,5",
        "items-0-unit": "m²",
        "items-0-unit_price_vnd": "20.000",
        "items-0-percent": "",
        "items-0-amount_vnd": "",
        "items-0-basis": "QĐ 1",
    }
    return data | changed


def read_plan(client, made):
    return client.get(reverse("plan", args=[made["draft"].ref])).status_code == 200


def edit_plan(client, made):
    plan = made["draft"]
    client.post(reverse("plan_edit", args=[plan.ref]), lines(plan))
    plan.refresh_from_db()
    return plan.total_vnd == 2_410_000


def add_plan(client, made):
    client.post(reverse("plan_add", args=[made["bare"].ref]))
    return made["bare"].plans.exists()


def post_plan(client, made):
    plan, case = made["draft"], made["draft"].case
    day = case.events.get(step="posting").on
    client.post(reverse("plan_move", args=[plan.ref]), {"to": "posted", "on": f"{day:%d/%m/%Y}"})
    plan.refresh_from_db()
    return plan.status == "posted"


def amend_plan(client, made):
    plan = made["proposal"].plan
    client.post(reverse("plan_amend", args=[plan.ref]), {"reason": "đo lại diện tích"})
    return plan.case.plans.count() == 2


def propose(client, made):
    case = made["proposal"].case
    data = {"kind": "payment", "amount_vnd": "1.000", "on": f"{TODAY:%d/%m/%Y}"}
    client.post(reverse("payment_propose", args=[case.ref]), data)
    return case.payments.count() == 2


def invite(client, made):
    case = made["proposal"].case
    data = {"on": "01/06/2023", "pay_on": "05/06/2023", "place": "UBND phường"}
    client.post(reverse("payment_invite", args=[case.ref]), data)
    return case.invitations.exists()


def say_result(client, made):
    case, plan = made["proposal"].case, made["proposal"].plan
    row = Invitation.objects.create(
        case=case, plan=plan, number=9, on=TODAY, pay_on=TODAY, place="UBND"
    )
    client.post(reverse("invitation_result", args=[row.ref]), {"result": "refused"})
    row.refresh_from_db()
    return row.result == "refused"


def approve(client, made):
    client.post(reverse("payment_approve", args=[made["proposal"].ref]))
    return Payment.objects.get(pk=made["proposal"].pk).approved_by_id is not None


def give_back(client, made):
    client.post(reverse("payment_return", args=[made["proposal"].ref]), {"reason": "sai số"})
    return Payment.objects.get(pk=made["proposal"].pk).returned_by_id is not None


def listed(client, made):
    answer = client.get(reverse("payments"))
    return made["proposal"].case.code in answer.content.decode()


def day_listed(client, made):
    day = made["paid"].on
    page = client.get(reverse("payments_day"), {"ngay": f"{day:%d/%m/%Y}"})
    book = client.get(reverse("payments_day_export"), {"ngay": f"{day:%d/%m/%Y}"})
    told = {made["paid"].case.code in page.content.decode(), _in_book(book, made["paid"].case)}
    assert len(told) == 1, "the page and the workbook disagree"
    return told.pop()


def _in_book(answer, case):
    if answer.status_code != 200:
        return False
    sheet = load_workbook(BytesIO(answer.content)).active
    return case.code in {row[2].value for row in sheet.iter_rows(min_row=3)}


EVERYWHERE = {"officer": OWN, "finance": ALL, "administrator": ALL}
MATRIX = {
    read_plan: EVERYWHERE,
    listed: EVERYWHERE,
    day_listed: EVERYWHERE,
    edit_plan: {"officer": OWN},
    add_plan: {"officer": OWN},
    post_plan: {"officer": OWN},
    amend_plan: {"officer": OWN},
    propose: {"officer": OWN},
    invite: {"officer": OWN},
    say_result: {"officer": OWN},
    approve: {"finance": ALL},
    give_back: {"finance": ALL},
}


@pytest.fixture
def world(users, projects):
    made = {}
    for whose, project in projects.items():
        proposal = PaymentFactory(plan__case__project=project, amount_vnd=400_000)
        made[whose] = {
            "draft": PlanFactory(case=CaseFactory(project=project, at="posting")),
            "bare": CaseFactory(project=project),
            "proposal": proposal,
            "paid": PaymentFactory(plan__case__project=project, approved=True),
        }
    return made


@pytest.mark.parametrize("role", ROLES)
def test_matrix(users, world, role):
    """role × action × {own, other's}: a project's rights don't depend on the ward."""
    client, told = signed_in(users[role]), {}
    for action in MATRIX:
        before = transaction.savepoint()
        told[action] = "".join("o" if action(client, made) else "-" for made in world.values())
        transaction.savepoint_rollback(before)
        for made in world.values():
            for row in made.values():
                row.refresh_from_db()
    assert told == {action: row.get(role, NONE) for action, row in MATRIX.items()}


@pytest.fixture
def officer(users, projects):
    client = signed_in(users["officer"])
    client.project = projects["own"]
    return client


def test_numbers_are_typed_the_vietnamese_way_and_the_amount_is_computed(officer):
    plan = PlanFactory(case__project=officer.project)
    officer.post(reverse("plan_edit", args=[plan.ref]), lines(plan))
    item = plan.items.get()
    assert (item.unit_price_vnd, item.amount_vnd) == (20_000, 2_410_000)


def test_an_unclear_quantity_is_asked_about_and_nothing_typed_is_lost(officer):
    plan = PlanFactory(case__project=officer.project)
    data = lines(plan, **{"items-0-quantity": "20.000", "items-0-basis": "QĐ của tôi"})
    page = officer.post(reverse("plan_edit", args=[plan.ref]), data).content.decode()
    assert "có thể là hai số: gõ 20000 hoặc 20,0" in page
    assert "QĐ của tôi" in page


def test_who_saves_second_is_told_and_may_insist(officer):
    plan = PlanFactory(case__project=officer.project)
    opened = lines(plan)
    PlanItem.objects.filter(plan=plan).update(description="người khác sửa")
    page = officer.post(reverse("plan_edit", args=[plan.ref]), opened)
    assert "Người khác vừa lưu" in page.content.decode()
    again = opened | {"seen": plan.computed_digest()}
    officer.post(reverse("plan_edit", args=[plan.ref]), again)
    plan.refresh_from_db()
    assert plan.total_vnd == 2_410_000


def test_a_frozen_plan_opens_no_form(officer):
    plan = PlanFactory(case__project=officer.project, at="posted")
    answer = officer.get(reverse("plan_edit", args=[plan.ref]), follow=True)
    assert "đã chốt không sửa được" in answer.content.decode()


def test_the_first_version_comes_from_the_land_at_the_list_s_price(officer):
    case = CaseFactory(project=officer.project, takings=2)
    officer.post(reverse("plan_add", args=[case.ref]))
    item = Plan.objects.get(case=case).items.get()
    assert (item.description, item.quantity) == ("Bồi thường về đất LUC", 1000)


def test_the_page_shows_what_changed_what_to_check_and_the_seal(officer):
    first = PlanFactory(case__project=officer.project, at="posted")
    second = first.amend(by=None, reason="sót cây")
    PlanItem.objects.create(
        plan=second, order=2, block="crops", description="Cây na", amount_vnd=50_000
    )
    second.total_vnd += 50_000
    second.save()
    page = officer.get(reverse("plan", args=[second.ref])).content.decode()
    assert "Khác gì lần 1" in page
    assert "+50.000" in page
    assert "“Cây na” chưa có căn cứ" in page
    sealed = officer.get(reverse("plan", args=[first.ref])).content.decode()
    assert first.computed_digest() in sealed
    assert "Nội dung khớp mã chốt" in sealed


def test_a_late_payment_shows_its_interest_with_the_article(officer):
    load()
    plan = PlanFactory(case__project=officer.project, at="approved", amount=10_000_000)
    PaymentFactory(plan=plan, on=plan.approved_on + dt.timedelta(days=61), approved=True)
    page = officer.get(reverse("case", args=[plan.case.ref])).content.decode()
    # The 30th day after the decision is a Sunday; from the Monday 30 days late at 0,03 % a day.
    assert "chậm 30 ngày" in page
    assert "90.000 đồng" in page
    assert "Luật Quản lý thuế 38/2019/QH14" in page


def test_the_day_s_workbook_leaves_a_note_of_who_took_it(users, world):
    day = world["own"]["paid"].on
    signed_in(users["finance"]).get(reverse("payments_day_export"), {"ngay": f"{day:%d/%m/%Y}"})
    log = ExportLog.objects.get()
    assert (log.by, log.source, log.rows, log.personal) == (users["finance"], "bang-ke", 2, True)
    assert log.on == day


def test_sums_of_the_day_and_the_plan_agree_to_the_dong(users, world):
    paid = world["own"]["paid"]
    assert paid.case.payments.settled().total_vnd() == paid.plan.total_vnd
    client = signed_in(users["finance"])
    page = client.get(reverse("payments_day"), {"ngay": f"{paid.on:%d/%m/%Y}"}).content.decode()
    assert "2.000.000" in page  # both projects' payment of that day


@pytest.mark.parametrize("tab", ["cho-duyet", "den-han", "tu-choi", "dang-gui"])
def test_the_desk_asks_as_much_for_30_rows_as_for_3(users, projects, tab):
    client = signed_in(users["finance"])

    def grow(count):
        for _ in range(count):
            plan = PlanFactory(case__project=projects["own"], at="approved")
            if tab == "cho-duyet":
                PaymentFactory(plan=plan)
            elif tab == "dang-gui":
                PaymentFactory(plan=plan, kind="deposit", account="Kho bạc", approved=True)
            elif tab == "tu-choi":
                Invitation.objects.create(
                    case=plan.case,
                    plan=plan,
                    number=1,
                    on=TODAY,
                    pay_on=TODAY,
                    place="UBND",
                    result="refused",
                )

    def asked():
        with CaptureQueriesContext(connection) as caught:
            page = client.get(reverse("payments"), {"muc": tab}).content.decode()
        return len(caught), page.count('#chi-tra">HS-')

    grow(3)
    few, rows = asked()
    assert rows >= 3
    grow(9)
    assert asked() == (few, rows + 9)


def test_an_approval_needs_a_document_on_the_page_too(officer):
    plan = PlanFactory(case__project=officer.project, at="appraised")
    url = reverse("plan_move", args=[plan.ref])
    page = officer.post(url, {"to": "approved", "on": "10/06/2023", "number": ""})
    assert "phải có số, ngày quyết định" in page.content.decode()
    officer.post(url, {"to": "approved", "on": "10/06/2023", "number": "77/QĐ-UBND"})
    plan.refresh_from_db()
    plan.case.refresh_from_db()
    assert plan.document.number == "77/QĐ-UBND"
    assert plan.case.approval_on == dt.date(2023, 6, 10)


def test_what_is_not_yours_does_not_exist(officer, world):
    other = world["other"]
    for name, row in (
        ("plan", other["draft"]),
        ("plan_edit", other["draft"]),
        ("payment_propose", other["bare"]),
        ("payment_return", other["proposal"]),
    ):
        assert officer.get(reverse(name, args=[row.ref])).status_code == 404, name
