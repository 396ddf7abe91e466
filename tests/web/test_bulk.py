"""Many cases at once in the browser's pages: who may, what is included, said, written, undone."""

import json
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb import access
from gpmb.clearance import bulk
from gpmb.clearance.models import Batch, BulkRun, Case
from gpmb.refs import encode
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")
STEP = {"kind": "step", "step": "inventory", "on": "20/06/2023", "number": "12/BB-KĐ"}
REASON = {"reason": "theo kế hoạch tháng 6"}


@pytest.fixture
def officer(today, client):
    user = UserFactory(username="canbo")
    client.force_login(user)
    return user


@pytest.fixture
def project(officer):
    return ProjectFactory(officers=[officer])


def by_paper():
    return {"regime_document": DocumentFactory(), "regime_reason": "chuyển tiếp theo quy định"}


def choose(client, **data):
    return client.post(reverse("bulk_choose"), data, follow=True)


def tick(client, *cases):
    return choose(client, how="ticked", case=[encode(case.ref) for case in cases])


def run_through(client, *cases):
    tick(client, *cases)
    run = BulkRun.objects.latest("pk")
    client.post(reverse("bulk_preview", args=[run.ref]), STEP)
    client.post(reverse("bulk_write", args=[run.ref]), REASON)
    run.refresh_from_db()
    return run


def test_a_filter_over_several_pages_becomes_one_change_a_receipt_and_an_undo(client, project):
    cases = [CaseFactory(project=project, at="notice") for _ in range(60)]
    CaseFactory(project=project, at="inventory")
    page = choose(client, how="filter", query=urlencode({"project": project.code, "stage": "1"}))
    text = page.content.decode()
    assert "Gồm 60 hồ sơ" in text
    assert f"Bộ lọc: Dự án: {project}; Giai đoạn: Thông báo thu hồi đất" in text
    run = BulkRun.objects.get()
    page = client.post(reverse("bulk_preview", args=[run.ref]), STEP, follow=True)
    assert "Ghi 60 hồ sơ" in page.content.decode()
    assert Case.objects.filter(step="inventory").count() == 1
    page = client.post(reverse("bulk_write", args=[run.ref]), REASON, follow=True)
    assert page.context["counts"]["written"] == 60
    assert Case.objects.filter(step="inventory").count() == 61
    page = client.post(reverse("bulk_undo", args=[run.ref]), REASON, follow=True)
    assert page.context["counts"]["undone"] == 60
    assert cases[0].events.count() == 3


def test_ticked_cases_of_others_are_left_out_and_said(client, project):
    mine = CaseFactory(project=project)
    page = tick(client, mine, CaseFactory())
    assert "Gồm 1 hồ sơ" in page.content.decode()
    assert "1 hồ sơ bạn không phụ trách" in page.content.decode()


def test_choosing_nothing_says_what_to_do(client, project):
    for data in ({"how": "ticked"}, {}, {"how": "ticked", "case": ["khong-co"]}):
        assert "Chưa chọn hồ sơ nào" in choose(client, **data).content.decode()
    page = tick(client, CaseFactory())
    assert "Không có hồ sơ nào bạn được cập nhật" in page.content.decode()
    assert not BulkRun.objects.exists()


def test_a_wrong_date_is_said_and_nothing_typed_is_lost(client, project):
    tick(client, CaseFactory(project=project))
    run = BulkRun.objects.get()
    for on, why in (("20/06/2024", "sau ngày số liệu"), ("31/02/2023", "dd/mm/yyyy")):
        page = client.post(reverse("bulk_preview", args=[run.ref]), STEP | {"on": on})
        assert why in page.content.decode()
        assert 'value="12/BB-KĐ"' in page.content.decode()


def test_the_steps_offered_are_those_of_the_cases_law_in_its_words(client, project):
    tick(client, CaseFactory(project=project, at="notice"))  # 2023: the law of 2013
    page = client.get(reverse("bulk_run", args=[BulkRun.objects.get().ref]))
    offered = dict(page.context["form"].fields["step"].choices)
    assert offered["approval"] == "QĐ thu hồi, phê duyệt"
    assert "consultation" not in offered
    tick(client, CaseFactory(project=project, at="notice", regime_override="R2", **by_paper()))
    page = client.get(reverse("bulk_run", args=[BulkRun.objects.latest("pk").ref]))
    offered = dict(page.context["form"].fields["step"].choices)
    assert offered["approval"] == "Phê duyệt phương án"
    assert "consultation" in offered


def test_a_change_that_nothing_takes_says_so_and_offers_another(client, project):
    tick(client, CaseFactory(project=project, at="inventory"))
    run = BulkRun.objects.get()
    page = client.post(reverse("bulk_preview", args=[run.ref]), STEP, follow=True)
    text = page.content.decode()
    assert "Không có gì để ghi" in text
    assert '<details class="card mb-2 no-print" open>' in text


def test_the_preview_tells_why_cases_are_refused_and_counts_add_up(client, project):
    tick(client, CaseFactory(project=project, at="notice"), CaseFactory(project=project))
    run = BulkRun.objects.get()
    page = client.post(reverse("bulk_preview", args=[run.ref]), STEP, follow=True)
    text = page.content.decode()
    assert "Trước hết phải xong bước “Thông báo thu hồi đất”" in text
    counts = page.context["counts"]
    assert (counts["changes"], counts["refused"], sum(counts.values())) == (1, 1, run.total)
    refused = client.get(reverse("bulk_run", args=[run.ref]), {"ket-qua": "refused"})
    assert len(refused.context["rows"]) == 1


def test_without_a_reason_nothing_is_written(client, project):
    case = CaseFactory(project=project, at="notice")
    tick(client, case)
    run = BulkRun.objects.get()
    client.post(reverse("bulk_preview", args=[run.ref]), STEP)
    page = client.post(reverse("bulk_write", args=[run.ref]), {"reason": " "})
    assert "Hãy ghi lý do" in page.content.decode()
    assert case.events.count() == 1


def test_a_double_click_writes_once(client, project):
    case = CaseFactory(project=project, at="notice")
    run = run_through(client, case)
    client.post(reverse("bulk_write", args=[run.ref]), REASON)
    client.post(reverse("bulk_preview", args=[run.ref]), STEP | {"step": "posting"})
    assert case.events.count() == 2
    run.refresh_from_db()
    assert run.state == "written"


def test_a_busy_run_shows_progress_and_then_the_page_anew(client, project, monkeypatch):
    monkeypatch.setattr(bulk, "begin", lambda *args, **kwargs: None)
    run = run_through(client, CaseFactory(project=project, at="notice"))
    assert run.busy
    BulkRun.objects.update(done=1)
    address = reverse("bulk_progress", args=[run.ref])
    assert "1 trên 1 hồ sơ" in client.get(address).content.decode()
    assert "Đang ghi" in client.get(reverse("bulk_run", args=[run.ref])).content.decode()
    BulkRun.objects.update(state="written")
    assert client.get(address)["HX-Refresh"] == "true"


@pytest.mark.parametrize("role", ROLES)
def test_who_may_begin_read_and_move_on_a_run(client, project, officer, role):
    """role × {own, another's}: officers begin and own their runs; administrators read all."""
    other = run_through(client, CaseFactory(project=project, at="notice"))
    user = UserFactory(role=role)
    client.force_login(user)
    begins = client.post(reverse("bulk_choose"), {"how": "ticked"}).status_code == 302
    area = client.post(reverse("bulk_area"), {"area": "[]"}).status_code == 400
    lists = client.get(reverse("bulk_runs")).status_code == 200
    reads = client.get(reverse("bulk_run", args=[other.ref])).status_code == 200
    polls = client.get(reverse("bulk_progress", args=[other.ref])).status_code == 200
    moves = [
        client.post(reverse(name, args=[other.ref]), REASON).status_code != 404
        for name in ("bulk_preview", "bulk_write", "bulk_undo")
    ]
    administers = role == "administrator"
    assert begins == area == (role == "officer") == access.can_change_many(user)
    assert lists == (role in ("officer", "administrator"))
    assert reads == polls == administers
    assert moves == [False, False, False]
    other.refresh_from_db()
    assert other.state == "written"


def test_an_officer_without_the_project_chooses_none_of_its_cases(client, project):
    case = CaseFactory(project=project, at="notice")
    client.force_login(UserFactory())
    tick(client, case)
    assert not BulkRun.objects.exists()


def test_the_list_offers_ticks_to_the_officer_alone(client, project, officer):
    CaseFactory(project=project)
    CaseFactory()
    for address in (reverse("cases"), reverse("project", args=[project.ref])):
        text = client.get(address).content.decode()
        assert text.count("data-tick ") + text.count("data-tick\n") == 1
        assert "Cập nhật cả 1 hồ sơ" in text
    client.force_login(UserFactory(leader=True))
    assert "data-tick" not in client.get(reverse("cases")).content.decode()


def ring(*tiles):
    """A box in degrees around the middles of tiles, and no wider."""
    shapes = [taking.boundary.transform(4326, clone=True) for taking in tiles]
    west = min(s.centroid.x for s in shapes) - 1e-5
    east = max(s.centroid.x for s in shapes) + 1e-5
    south = min(s.centroid.y for s in shapes) - 1e-5
    north = max(s.centroid.y for s in shapes) + 1e-5
    return json.dumps([[west, south], [east, south], [east, north], [west, north]])


def test_an_area_of_the_map_counts_by_the_middle_of_each_parcel_and_chooses(client, project):
    ParcelFactory.reset_sequence(500)  # neighbours, whatever was made before: no row of tiles ends
    inside = CaseFactory(project=project, takings=0)
    first = TakingFactory(project=project, case=inside)
    second = TakingFactory(project=project, case=inside)
    theirs = CaseFactory(takings=0)
    TakingFactory(project=theirs.project, case=theirs)
    loose = TakingFactory(project=project)
    beside = CaseFactory(project=project)
    area = ring(first, second, loose)
    told = client.post(reverse("bulk_area"), {"area": area, "query": ""}).json()
    assert told["marked"] == [first.ref, second.ref]
    assert (told["takings"], told["without_case"]) == (4, 1)
    assert (told["cases"], told["editable"]) == (2, 1)
    choose(client, how="area", area=area, query="")
    run = BulkRun.objects.get()
    assert [row.case for row in run.rows.all()] == [inside]
    assert run.selected_by == "Vùng chọn trên bản đồ: 4 thửa"
    assert beside not in Case.objects.filter(bulk_rows__run=run)


def test_an_area_follows_the_filters_of_the_map(client, project):
    notified = CaseFactory(project=project, takings=0, at="notice")
    taking = TakingFactory(project=project, case=notified)
    TakingFactory(project=project, case=CaseFactory(project=project, takings=0))
    area = ring(*project.takings.all())
    told = client.post(reverse("bulk_area"), {"area": area, "query": "stage=1&on=2020-01-01"})
    assert told.json()["marked"] == [taking.ref]


@pytest.mark.parametrize("area", ["", "[]", "[[1,2],[3,4]]", "x", "[[500,1],[2,3],[4,5]]", "{}"])
def test_an_area_that_is_none_is_refused_with_what_to_do(client, project, area):
    answer = client.post(reverse("bulk_area"), {"area": area})
    assert answer.status_code == 400
    assert "vẽ lại" in answer.json()["message"]


def test_a_line_that_crosses_itself_still_chooses(client, project):
    taking = TakingFactory(project=project, case=CaseFactory(project=project, takings=0))
    (w, s), (e, _), (_, n), _ = json.loads(ring(taking))
    bow = json.dumps([[w, s], [e, n], [e, s], [w, n]])
    assert client.post(reverse("bulk_area"), {"area": bow}).status_code == 200


def test_a_restricted_parcel_is_not_counted_for_the_uncleared(client, project):
    taking = TakingFactory(
        project=project,
        case=CaseFactory(project=project, takings=0),
        parcel=ParcelFactory(restricted=True),
    )
    told = client.post(reverse("bulk_area"), {"area": ring(taking)}).json()
    assert (told["takings"], told["cases"], told["marked"]) == (0, 0, [])


@pytest.mark.parametrize("state", ["previewed", "written"])
def test_a_run_asks_as_often_for_30_cases_as_for_3(client, project, state):
    def queries(count):
        cases = [CaseFactory(project=project, at="notice") for _ in range(count)]
        tick(client, *cases)
        run = BulkRun.objects.latest("pk")
        client.post(reverse("bulk_preview", args=[run.ref]), STEP)
        if state == "written":
            client.post(reverse("bulk_write", args=[run.ref]), REASON)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("bulk_run", args=[run.ref])).status_code == 200
        return len(caught)

    queries(1)
    assert queries(3) == queries(30) <= 25


def test_the_same_cases_may_be_edited_one_by_one_and_many_at_once(client, project, officer):
    other = ProjectFactory(officers=[UserFactory()])
    hidden = ProjectFactory(officers=[officer], restricted=True)
    for place in (project, other, hidden):
        CaseFactory(project=place)
    for user in (officer, *(UserFactory(role=role) for role in ROLES)):
        many = set(Case.objects.editable_by(user, on=TODAY))
        one = {case for case in Case.objects.all() if access.can_edit_case(user, case, on=TODAY)}
        assert many == one


def test_a_condition_nobody_knows_chooses_nothing_rather_than_everything(client, project):
    CaseFactory(project=project, at="notice")
    text = choose(client, how="filter", query="state=typo").content.decode()
    assert not BulkRun.objects.exists()
    assert "Không có hồ sơ nào bạn được cập nhật" in text


@pytest.mark.parametrize("area", ["[" * 100_000, "[[NaN,1],[2,3],[4,5]]", "{}", "[[1,2,3]]"])
def test_an_area_that_is_none_is_answered_with_what_to_do(client, project, area):
    said = client.post(reverse("bulk_area"), {"area": area})
    assert said.status_code == 400
    assert "vẽ lại" in said.json()["message"]
    assert choose(client, how="area", area=area).status_code == 200


def test_a_nul_in_the_question_sent_on_is_no_fault(client, project):
    area = json.dumps([[107.9, 21.4], [108.0, 21.4], [108.0, 21.6]])
    for data in ({"how": "filter"}, {"how": "area", "area": area}):
        assert choose(client, query="project=%00&q=%00", **data).status_code == 200


@pytest.mark.parametrize("kind", ["officer", "batch"])
def test_to_take_an_officer_or_batch_away_must_be_chosen(client, project, officer, kind):
    batch = Batch.objects.create(project=project, number=2)
    tick(client, CaseFactory(project=project, officer=officer, batch=batch))
    run = BulkRun.objects.get()
    preview = reverse("bulk_preview", args=[run.ref])
    page = client.post(preview, {"kind": kind, f"{kind}_id": ""})
    assert "Hãy chọn" in page.content.decode()
    run.refresh_from_db()
    assert run.state == BulkRun.State.CHOSEN
    page = client.post(preview, {"kind": kind, f"{kind}_id": "0"}, follow=True)
    assert page.context["counts"]["changes"] == 1
    assert '<option value="0" selected>' in page.content.decode()
    client.post(reverse("bulk_write", args=[run.ref]), REASON)
    assert getattr(Case.objects.get(), f"{kind}_id") is None
