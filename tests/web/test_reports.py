"""The page of reports: for leaders, officers and administrators; what leaves is logged."""

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gpmb.accounts.models import Role
from gpmb.reports import background, conference
from gpmb.reports.models import ExportLog, PackRun
from tests.factories import TODAY, CaseFactory, ProjectFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
READERS = {"leader", "officer", "administrator"}


def as_(role: str, **fields) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role, **fields))
    return client


@pytest.mark.parametrize("role", Role.values)
def test_matrix(role):
    CaseFactory(at="inventory")
    client = as_(role)
    asked = {"scope": "city", "on": "30/06/2023", "form": "xlsx"}
    told = [
        client.get(reverse("reports")).status_code,
        client.post(reverse("report_file"), asked).status_code,
        client.post(reverse("briefing_file"), {"on": "30/06/2023"}).status_code,
    ]
    assert told == ([200] * 3 if role in READERS else [404] * 3)
    kinds = list(ExportLog.objects.order_by("pk").values_list("format", flat=True))
    assert kinds == (["xlsx-bc", "html"] if role in READERS else [])


# The papers of a conference


@pytest.fixture
def written_at_once(settings, tmp_path, monkeypatch):
    """The process of a run is this one, and ends before the answer."""
    settings.LETTERS_ROOT = tmp_path / "papers"
    monkeypatch.setattr(conference, "start", lambda run: conference.write(run, today=TODAY))


@pytest.mark.usefixtures("written_at_once")
@pytest.mark.parametrize("role", Role.values)
def test_the_papers_of_a_conference_are_written_beside_the_server_and_logged(
    role, django_capture_on_commit_callbacks
):
    CaseFactory(at="inventory")
    client = as_(role)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("conference_order"))
    if role not in READERS:
        assert answer.status_code == 404
        assert not PackRun.objects.exists()
        return
    run = PackRun.objects.get()
    assert (run.state, run.done, run.total, run.problem) == ("done", 2, 2, "")
    address = reverse("conference_file", args=[run.ref])
    assert address in client.get(answer["Location"]).content.decode()
    assert not ExportLog.objects.exists()
    archive = zipfile.ZipFile(io.BytesIO(client.get(address).content))
    assert set(archive.namelist()) == {"tai-lieu.pdf", "ban-do.html"}
    assert ExportLog.objects.get().format == "zip"
    # Somebody else's order is not there, whoever asks.
    other = as_("administrator")
    for name in ("conference", "conference_file"):
        assert other.get(reverse(name, args=[run.ref])).status_code == 404
    run.path.unlink()
    assert "chỉ giữ 7 ngày" in client.get(reverse("conference", args=[run.ref])).content.decode()
    assert client.get(address, follow=True).redirect_chain


def test_an_order_that_is_waited_for_is_not_made_twice(
    monkeypatch, django_capture_on_commit_callbacks
):
    started = []
    monkeypatch.setattr(conference, "start", started.append)
    client = as_("leader")
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("conference_order"))
        second = client.post(reverse("conference_order"))
    assert first["Location"] == second["Location"]
    assert len(started) == 1
    page = client.get(first["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "Đang chờ… 0/1 trang" in page
    PackRun.objects.update(moved_at=timezone.now() - background.SILENT * 2)
    assert "bị gián đoạn" in client.get(first["Location"]).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("conference_order"))
    assert len(started) == 2


@pytest.mark.usefixtures("written_at_once")
def test_a_failure_is_said_on_the_row(monkeypatch, django_capture_on_commit_callbacks):
    def broken(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr(conference, "build", broken)
    with django_capture_on_commit_callbacks(execute=True):
        page = as_("leader").post(reverse("conference_order"), follow=True)
    assert PackRun.objects.get().state == "failed"
    address = page.redirect_chain[-1][0]
    assert "Lỗi khi soạn tài liệu" in page.client.get(address).content.decode()


@pytest.mark.usefixtures("written_at_once")
def test_papers_with_a_restricted_project_close_with_the_clearance(
    django_capture_on_commit_callbacks,
):
    ProjectFactory(restricted=True)
    user = UserFactory(role="leader", cleared=True)
    run, _ = conference.order(user, on=TODAY)
    assert run.restricted
    client = Client()
    client.force_login(user)
    address = reverse("conference", args=[run.ref])
    assert client.get(address).status_code == 200
    user.cleared = False
    user.save()
    assert client.get(address).status_code == 404


def test_the_briefing_button_gives_the_file_and_logs_it():
    CaseFactory(at="inventory", takings=2)
    answer = as_("leader").post(reverse("briefing_file"), {"on": "30/06/2023"})
    assert "ban-do-2023-06-30.html" in answer["Content-Disposition"]
    assert "const briefing = " in answer.content.decode()
    log = ExportLog.objects.get()
    assert (log.format, log.rows, log.filters) == ("html", 2, "Mọi nhóm")


def test_even_a_cleared_leader_takes_no_restricted_project_away_on_the_map():
    CaseFactory(at="inventory")
    secret = ProjectFactory(restricted=True, name="Công trình kín")
    CaseFactory(project=secret)
    client = as_("leader", cleared=True)
    text = client.post(reverse("briefing_file"), {"on": "30/06/2023"}).content.decode()
    assert "Công trình kín" not in text
    assert "1 dự án hạn chế" in text


def test_a_restricted_project_is_no_choice_for_those_not_cleared():
    secret = ProjectFactory(restricted=True, name="Công trình kín")
    client = as_("leader")
    assert "Công trình kín" not in client.get(reverse("reports")).content.decode()
    asked = {"scope": f"project:{secret.code}", "on": "30/06/2023", "form": "pdf"}
    answer = client.post(reverse("report_file"), asked)
    assert answer["Content-Type"].startswith("text/html")
    assert not ExportLog.objects.exists()


def test_a_wrong_day_is_said_and_nothing_typed_is_lost():
    asked = {"scope": "city", "on": "31/12/2023", "form": "pdf"}
    text = as_("leader").post(reverse("report_file"), asked).content.decode()
    assert "sau ngày số liệu" in text
    assert "31/12/2023" in text


def test_an_empty_city_has_no_map_to_take_along():
    answer = as_("leader").post(reverse("briefing_file"), {"on": "30/06/2023"}, follow=True)
    assert "Không có thửa công khai nào" in answer.content.decode()
