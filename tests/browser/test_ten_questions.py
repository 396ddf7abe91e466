"""The ten questions of docs/huong-dan/muoi-cau-hoi.md: each answered in at most three clicks."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from gpmb.clearance.models import Directive, Question, QuestionOption, Responsibility, Review
from gpmb.reference.loading import load
from tests.factories import (
    FIRST_DAY,
    TODAY,
    CaseFactory,
    ObstacleFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
    deployment,
    walk,
)

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 3
GUIDE = Path(__file__).parents[2] / "docs/huong-dan/muoi-cau-hoi.md"
DAY = dt.timedelta(days=1)


class Leader:
    """Begins each question on the overview and counts the clicks to its answer."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.answered = page, 0, 0

    def asks(self) -> None:
        self.page.goto(reverse("overview"))
        self.clicks = 0

    def clicks_on(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def reads(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("main")).to_contain_text(words)
        assert self.clicks <= MOST, f"{self.clicks} clicks to {words!r}"
        self.answered += 1

    def link(self, name: str, where: str = "main") -> Locator:
        return self.page.locator(where).get_by_role("link", name=name).first


@pytest.fixture
def city():
    """A project behind its plan with a late case, an obstacle, a question and a conclusion."""
    deployment()
    load()
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa", planned_to=TODAY - DAY)
    walk(CaseFactory(project=project, takings=2), to="handover", start=FIRST_DAY)
    walk(CaseFactory(project=project, code="HS-CHAM"), to="approval", start=TODAY - 235 * DAY)
    ObstacleFactory(case=CaseFactory(project=project))
    Responsibility.objects.create(
        project=project,
        role="leader",
        organisation=OrganisationFactory(name="UBND thành phố"),
        user=UserFactory(leader=True, display_name="Phó Chủ tịch phụ trách"),
        valid_from=FIRST_DAY,
    )
    review = Review.objects.create(on=TODAY - 30 * DAY, title="Giao ban tháng 5")
    Directive.objects.create(
        review=review,
        project=project,
        text="Hoàn thành kiểm đếm",
        owner=OrganisationFactory(),
        due_on=TODAY - 5 * DAY,
    )
    question = Question.objects.create(
        title="Bố trí tạm cư cho các hộ",
        project=project,
        asked_on=TODAY - 9 * DAY,
        asked_by=UserFactory(),
        owner=OrganisationFactory(),
        needed_on=TODAY + 9 * DAY,
        households=12,
        area_m2=34_500,
    )
    for order in (1, 2):
        QuestionOption.objects.create(question=question, order=order, text=f"Cách {order}")
    return project


def test_each_question_is_answered_in_at_most_three_clicks(new_page, city):
    page = new_page(UserFactory(leader=True))
    leader = Leader(page)
    bar = "nav.topbar"

    leader.asks()  # 1 where do we stand
    leader.reads("Theo nhóm ưu tiên")

    leader.asks()  # 2 what changed since the last review
    leader.clicks_on(page.locator(f"{bar} .as-of .since"))
    leader.reads("Từ giao ban 31/05/2023 đến 30/06/2023")

    leader.asks()  # 3 what do you need from us
    leader.clicks_on(leader.link("Giao ban", f"{bar} ul.navbar-nav"))
    leader.clicks_on(leader.link("Bố trí tạm cư cho các hộ"))
    expect(page.get_by_role("button", name="Ghi ý kiến")).to_be_visible()
    leader.reads("12 hộ · 3,5 ha")

    leader.asks()  # 4 how far have the conclusions come
    leader.clicks_on(leader.link("Giao ban", f"{bar} ul.navbar-nav"))
    leader.reads("30 ngày")

    leader.asks()  # 5 which cases are late by law
    late = page.locator(".figure", has_text="Quá hạn theo luật").locator("a.value")
    expect(late).to_have_text("1")
    leader.clicks_on(late)
    leader.reads("HS-CHAM")

    def to_the_project() -> None:
        leader.asks()
        leader.clicks_on(leader.link("Dự án", f"{bar} ul.navbar-nav"))
        leader.clicks_on(leader.link("Cụm công nghiệp Hải Hòa"))

    to_the_project()  # 6 who owns it
    leader.reads("Phó Chủ tịch phụ trách")

    to_the_project()  # 7 when is it done
    leader.clicks_on(leader.link("Đất cản trở, dự báo"))
    leader.reads(re.compile("P80|[Cc]hưa đủ"))

    to_the_project()  # 8 what blocks, and what to settle first
    leader.clicks_on(leader.link("Đất cản trở, dự báo"))
    leader.reads("khối liền lớn nhất")

    leader.asks()  # 9 where do complaints gather
    leader.clicks_on(leader.link("Điểm nóng", f"{bar} ul.navbar-nav"))
    leader.reads(re.compile("không đủ dữ liệu|tập trung đơn thư"))

    leader.asks()  # 10 how effective is the work, and on what grounds
    leader.clicks_on(leader.link("Giao ban", f"{bar} ul.navbar-nav"))
    leader.clicks_on(leader.link("Tiêu chí đánh giá"))
    leader.reads("Bước thực hiện đúng hạn")

    asked = re.findall(r"^\| \d+ \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert leader.answered == len(asked) == 10
