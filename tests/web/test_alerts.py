"""Alerts add up, open their lists, hide restricted projects; the digest tells the same by mail."""

import datetime as dt
import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from gpmb.analysis import alerts
from gpmb.analysis.alerts import Alert, By
from gpmb.clearance.deadlines import refresh
from gpmb.clearance.models import Case, Responsibility
from gpmb.complaints.models import Complaint
from gpmb.reference.loading import load
from gpmb.reference.models import PriorityCategory
from tests.factories import (
    FIRST_DAY,
    TODAY,
    CaseFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
    walk,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def city() -> dict[str, Case]:
    """Cases that are late, due in 3 and in 20 days, waiting, behind plan, and one in order."""
    load()
    officer = UserFactory(username="can_bo", display_name="Cán bộ Một", email="mot@example.vn")
    group = PriorityCategory.objects.get(code="resettlement")
    behind = ProjectFactory(
        code="DA-CHAM", officers=[officer], category=group, planned_to=TODAY - DAY
    )
    other = ProjectFactory(code="DA-KHAC", category=PriorityCategory.objects.get(code="other"))
    Responsibility.objects.create(
        project=behind,
        role="leader",
        organisation=OrganisationFactory(name="UBND thử nghiệm"),
        user=UserFactory(display_name="Lãnh đạo Một"),
        valid_from=FIRST_DAY,
    )

    def approved(project, days_ago: int) -> Case:
        case = CaseFactory(project=project, officer=officer if project is behind else None)
        # PACE: approval comes 190 days after the notice.
        return walk(case, to="approval", start=TODAY - (190 + days_ago) * DAY)

    made = {
        "late": approved(behind, 45),
        "due_7": approved(behind, 27),
        "due_30": approved(other, 10),
        "waiting": CaseFactory(project=other),
        "done": CaseFactory(project=behind, at="handover"),
    }
    walk(made["waiting"], to="notice", start=TODAY - 10 * DAY)
    refresh(Case.objects.all())
    # The wait shows once the decision is the next step.
    for step in ("inventory", "posting", "appraisal"):
        made["waiting"].advance(step, on=TODAY - 5 * DAY, by=None)
    return made


def test_the_totals_count_every_alert_once(city: dict[str, Case]) -> None:
    totals = alerts.totals(UserFactory(leader=True), TODAY)
    assert totals == {
        "overdue": 1,
        "due_7": 1,
        "due_30": 1,
        "lapsed": 0,
        "lapsing": 0,
        "waiting": 1,
        "early": 1,
        "plan_late": 2,
    }


def test_a_notice_about_to_lapse_and_one_that_has(city: dict[str, Case]) -> None:
    """Notices of 2022-2023 without a recovery decision lapse on 1/1/2026."""
    viewer = UserFactory(leader=True)
    assert alerts.totals(viewer, dt.date(2025, 12, 15))["lapsing"] == 1
    assert alerts.totals(viewer, dt.date(2026, 1, 1))["lapsed"] == 1
    assert alerts.totals(viewer, dt.date(2026, 1, 1))["lapsing"] == 0


@pytest.mark.parametrize("by", By)
def test_the_rows_of_every_layout_sum_to_the_totals(city: dict[str, Case], by: By) -> None:
    viewer = UserFactory(leader=True)
    rows = alerts.counts(viewer, TODAY, by)
    totals = alerts.totals(viewer, TODAY)
    for alert in Alert:
        assert sum(row.counts[alert] for row in rows) == totals[alert]


def test_rows_name_people_groups_and_agencies(city: dict[str, Case]) -> None:
    viewer = UserFactory(leader=True)

    def labels(by: By) -> set[str]:
        return {row.label for row in alerts.counts(viewer, TODAY, by)}

    assert labels(By.LEADER) == {"Lãnh đạo Một", "Chưa phân công"}
    assert labels(By.AGENCY) == {"Chưa phân công"}
    assert labels(By.OFFICER) == {"Cán bộ Một", "Chưa giao cán bộ"}
    assert labels(By.CATEGORY) == {"Tái định cư đi đầu", "Dự án khác"}


def test_every_figure_of_the_page_opens_a_list_of_that_length(
    city: dict[str, Case], client: Client
) -> None:
    client.force_login(UserFactory(leader=True))
    for by in ("project", "category", "officer"):
        page = client.get(reverse("alerts"), {"by": by}).content.decode()
        links = re.findall(r'href="(/ho-so/\?[^"]+)"[^>]*>(\d+)</a>', page)
        assert links
        for address, count in links:
            listed = client.get(address.replace("&amp;", "&"))
            assert listed.context["page"].paginator.count == int(count), address


def test_an_unknown_layout_shows_projects(city: dict[str, Case], client: Client) -> None:
    client.force_login(UserFactory(leader=True))
    page = client.get(reverse("alerts"), {"by": "nonsense"})
    assert page.context["by"] == "project"
    assert "không cộng với nhau" in page.content.decode()


def test_a_restricted_project_raises_no_alert_for_those_not_cleared(
    city: dict[str, Case],
) -> None:
    city["late"].project.restricted = True
    city["late"].project.save()
    assert alerts.totals(UserFactory(leader=True), TODAY)["overdue"] == 0
    assert alerts.totals(UserFactory(leader=True, cleared=True), TODAY)["overdue"] == 1


# The digest


def digest(*arguments: str) -> str:
    out = StringIO()
    call_command("digest", *arguments, stdout=out)
    return out.getvalue()


def test_an_officer_reads_about_their_own_projects_and_no_name(city: dict[str, Case]) -> None:
    text = digest("--to-stdout", "--user", "can_bo")
    late = city["late"]
    late.refresh_from_db()
    assert "Số liệu đến ngày 30/06/2023" in text
    assert "Quá hạn theo luật: 1 hồ sơ" in text
    assert f"{late.code} · DA-CHAM · Chi trả, hạn {late.due_on:%d/%m/%Y}, quá" in text
    assert "Chậm so với kế hoạch: 2 hồ sơ (tính riêng" in text
    assert city["due_30"].code not in text
    for party in late.parties.all():
        assert party.name not in text


def test_an_officer_with_nothing_to_do_is_told_so(city: dict[str, Case]) -> None:
    UserFactory(username="ranh")
    assert "Không có hồ sơ nào đến hạn" in digest("--to-stdout", "--user", "ranh")


def test_a_long_list_is_cut_and_says_how_many_more(
    city: dict[str, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpmb.analysis.digest.SHOWN", 0)
    assert "… và 1 hồ sơ khác" in digest("--to-stdout", "--user", "can_bo")


def test_a_notice_that_lapses_is_in_the_digest(city: dict[str, Case]) -> None:
    officer = city["late"].officer
    city["waiting"].project.assignment_set.create(user=officer, valid_from=FIRST_DAY)
    text = digest("--to-stdout", "--user", "can_bo", "--as-of", "2025-12-15")
    assert "Thông báo hết hiệu lực trong 30 ngày: 1 hồ sơ" in text
    assert "thông báo hết hiệu lực 01/01/2026" in text


def test_a_leader_reads_counts_by_group_and_leader_in_charge(city: dict[str, Case]) -> None:
    UserFactory(leader=True, username="lanh_dao")
    text = digest("--to-stdout", "--user", "lanh_dao")
    assert "Quá hạn theo luật: 1 hồ sơ" in text
    assert "Tái định cư đi đầu: quá hạn 1, đến hạn trong 7 ngày 1, chậm kế hoạch 2" in text
    assert "Lãnh đạo Một: quá hạn 1" in text


def test_a_petition_officer_reads_letters_due_and_no_denunciation() -> None:
    UserFactory(petitions=True, username="don_thu")
    for serial, kind, days in (("KN-1", "complaint", -3), ("KN-2", "complaint", 3)):
        Complaint.objects.create(
            serial=serial, kind=kind, received_on=FIRST_DAY, due_on=TODAY + days * DAY
        )
    Complaint.objects.create(
        serial="TC-1", kind="denunciation", received_on=FIRST_DAY, due_on=TODAY - DAY
    )
    text = digest("--to-stdout", "--user", "don_thu")
    assert "Đơn quá hạn giải quyết: 1" in text
    assert "KN-1 · Khiếu nại · hạn 27/06/2023" in text
    assert "TC-1" not in text


def test_the_digest_goes_by_mail_when_a_server_is_configured(
    city: dict[str, Case], settings
) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(CommandError, match="GPMB_SMTP_HOST"):
        digest()
    settings.EMAIL_HOST = "mail.example.vn"
    assert "Đã gửi 1 thư" in digest()
    assert mail.outbox[0].to == ["mot@example.vn"]
    assert "Quá hạn theo luật: 1" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--user", "khong_co"], "khong_co"), (["--as-of", "hôm nay"], "không phải ngày")],
)
def test_a_wrong_question_says_why(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        digest("--to-stdout", *arguments)
    assert caught.value.returncode == 2
