"""The case page says what the law wants next, why, and who decides."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from gpmb.clearance.models import Case
from gpmb.reference.loading import load
from tests.factories import TODAY, CaseFactory, ProjectFactory, UserFactory, walk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def page_of(case: Case, client: Client) -> str:
    return client.get(reverse("case", args=[case.ref])).content.decode()


@pytest.fixture
def officer(client: Client) -> Client:
    user = UserFactory()
    client.force_login(user)
    client.project = ProjectFactory(officers=[user])  # type: ignore[attr-defined]
    return client


def test_an_overdue_payment_shows_its_article_its_days_and_the_authority(officer: Client) -> None:
    load()
    case = CaseFactory(project=officer.project)  # type: ignore[attr-defined]
    walk(case, to="approval", start=TODAY - dt.timedelta(days=190 + 60))
    page = page_of(case, officer)
    case.refresh_from_db()
    late = (TODAY - case.due_on).days
    assert f"hạn ngày {case.due_on:%d/%m/%Y} (khoản 1 Điều 93 Luật Đất đai 2013)" in page
    assert f"đã quá hạn {late} ngày" in page
    assert "UBND cấp huyện (khoản 2 Điều 66 Luật Đất đai 2013)" in page


def test_an_unverified_wait_is_marked(officer: Client) -> None:
    load()
    case = CaseFactory(project=officer.project)  # type: ignore[attr-defined]
    walk(case, to="posting", start=TODAY - dt.timedelta(days=85))
    page = page_of(case, officer)
    assert "Thẩm định phương án: sớm nhất, đủ 20 ngày" in page
    assert "chưa đối chiếu văn bản" in page


def test_without_reference_rows_the_page_says_what_is_missing(officer: Client) -> None:
    case = CaseFactory(project=officer.project)  # type: ignore[attr-defined]
    page = page_of(case, officer)
    assert "Bước tiếp theo: Thông báo thu hồi đất." in page
    assert "Chưa có quy định về thẩm quyền" in page
