"""/van-ban/: letters for the households one knows, logged; administrators replace templates."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from gpmb.clearance.models import Disclosure
from gpmb.compensation.models import Plan, PlanItem
from gpmb.complaints.models import Complaint, ComplaintParty
from gpmb.papers.models import LetterKind, LetterRun, LetterTemplate
from gpmb.reports.letters import batch, pdf, samples
from tests.factories import TODAY, CaseFactory, PartyFactory, ProjectFactory, UserFactory
from tests.papers.samples import PDF
from tests.reports.test_letter_templates import text_of, word
from tests.web.test_permissions import ROLES, WHOSE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def written_at_once(settings, tmp_path, monkeypatch, today):
    """Runs are written in this process: the process of their own is tested in a browser."""
    settings.LETTERS_ROOT = tmp_path / "letters"
    monkeypatch.setattr(batch, "start", batch.write)
    samples.load()


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def project(officer):
    return ProjectFactory(officers=[officer], name="Đường thử nghiệm")


def login(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def send(django_capture_on_commit_callbacks):
    """Order letters, and let what follows the commit happen."""

    def order(client: Client, kind: str, form="docx", typed=None, **asked):
        url = f"{reverse('letters_compose')}?mau={kind}"
        for name, value in asked.items():
            url += "".join(f"&{name}={v}" for v in ([value] if isinstance(value, str) else value))
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, {"format": form, **(typed or {})})

    return order


def priced(project, total=34_560_000, **fields):
    case = CaseFactory(project=project, at="notice", **fields)
    plan = Plan.objects.create(case=case, total_vnd=total)
    PlanItem.objects.create(plan=plan, block="land", description="đất lúa", amount_vnd=total)
    return case


@pytest.mark.parametrize("role", ROLES)
def test_who_may_write_letters_for_whose_households(role, send):
    users = {each: UserFactory(role=each) for each in ROLES}
    client = login(users[role])
    told = {"compose": "", "name": "", "run": ""}
    for whose in WHOSE:
        mine = [users["officer"]] if whose == "own" else [UserFactory()]
        project = ProjectFactory(officers=mine)
        case = CaseFactory(project=project, party__name=f"Bí Mật {whose}")
        url = reverse("letters_compose")
        page = client.get(url, {"mau": "giay-moi", "project": project.code})
        shown = page.status_code == 200 and "Xem trước" in page.content.decode()
        told["compose"] += "o" if shown else "-"
        told["name"] += "o" if f"Bí Mật {whose}" in page.content.decode() else "-"
        send(client, "giay-moi", project=project.code)
        told["run"] += "o" if LetterRun.objects.filter(cases=case).exists() else "-"
    rights = {"officer": "o--", "finance": "ooo"}.get(role, "---")
    assert told == dict.fromkeys(told, rights)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_fetch_a_run(officer, project, role, send):
    CaseFactory(project=project)
    send(login(officer), "giay-moi", project=project.code)
    run = LetterRun.objects.get()
    other = login(UserFactory(role=role))
    opens = other.get(reverse("letter_run_file", args=[run.ref])).status_code == 200
    assert opens is (role == "administrator"), "a run is its writer's; the log, administrators'"
    assert login(officer).get(reverse("letter_run_file", args=[run.ref])).status_code == 200


def test_a_run_closes_when_its_writer_leaves_the_project(officer, project, send):
    CaseFactory(project=project)
    send(login(officer), "giay-moi", project=project.code)
    project.assignment_set.all().delete()
    url = reverse("letter_run_file", args=[LetterRun.objects.get().ref])
    assert login(officer).get(url).status_code == 404


def test_one_household_in_one_word_file(officer, project, send):
    case = priced(project, party__name="Hộ Một", party__address="Khu 3")
    CaseFactory(project=project)
    typed = {"thoi_gian": "08 giờ ngày 15/06/2023", "dia_diem": "Nhà văn hóa"}
    client = login(officer)
    answer = send(client, "moi-nhan-tien", typed=typed, hoso=case.code)
    run = LetterRun.objects.get()
    assert answer["Location"] == reverse("letter_run", args=[run.ref])
    assert (run.total, run.done, run.state, run.by) == (1, 1, "done", officer)
    assert list(run.cases.all()) == [case]
    said = text_of(client.get(reverse("letter_run_file", args=[run.ref])).content)
    for words in ("Hộ Một", "Khu 3", "08 giờ ngày 15/06/2023", "Nhà văn hóa"):
        assert words in said


def test_many_households_one_file_each(officer, project, send):
    cases = [CaseFactory(project=project, code=f"HS/{n:02}") for n in range(7)]
    client = login(officer)
    send(client, "giay-moi", form="zip", project=project.code)
    run = LetterRun.objects.get()
    assert (run.total, run.done) == (7, 7)
    content = client.get(reverse("letter_run_file", args=[run.ref])).content
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        assert names[0] == "001-giay-moi-HS-00.docx"
        assert len(names) == len(cases)
        assert cases[6].parties.get().name in text_of(archive.read(names[6]))


def test_amounts_stand_in_figures_and_in_words(officer, project, send):
    case = priced(project, total=34_560_000)
    client = login(officer)
    send(client, "quyet-dinh", hoso=case.code)
    url = reverse("letter_run_file", args=[LetterRun.objects.get().ref])
    said = text_of(client.get(url).content)
    assert "34.560.000" in said
    assert "Ba mươi tư triệu năm trăm sáu mươi nghìn đồng" in said


def test_a_list_is_one_paper_of_one_project_that_adds_up(officer, project, send):
    for total in (1_000_000, 2_500_000):
        priced(project, total=total)
    other = ProjectFactory(officers=[officer])
    CaseFactory(project=other)
    client = login(officer)
    page = client.get(reverse("letters_compose"), {"mau": "to-trinh"}).content.decode()
    assert "lập cho một dự án" in page
    send(client, "to-trinh", project=project.code)
    run = LetterRun.objects.get()
    said = text_of(client.get(reverse("letter_run_file", args=[run.ref])).content)
    assert run.total == 1
    assert run.cases.count() == 2
    assert "3.500.000 đồng (Ba triệu năm trăm nghìn đồng)" in said


def test_what_is_missing_is_listed_before(officer, project):
    case = CaseFactory(project=project, party__address="")
    page = login(officer).get(
        reverse("letters_compose"), {"mau": "moi-nhan-tien", "hoso": case.code}
    )
    ((name, empty),) = page.context["missing"]
    assert name == case.code
    assert {"Địa chỉ", "Số QĐ phê duyệt", "Số tiền còn được nhận (đồng)"} <= set(empty)


def test_cases_of_others_are_left_out_and_said(officer, project):
    CaseFactory(project=project)
    CaseFactory()
    page = login(officer).get(reverse("letters_compose"), {"mau": "giay-moi"}).content.decode()
    assert "bỏ qua 1 hồ sơ bạn không phụ trách" in page


def test_a_template_with_id_numbers_logs_whose_were_shown(officer, project, send):
    case = CaseFactory(project=project)
    LetterTemplate.replace("giay-moi", word("{{ ten_ho }} {{ so_cccd }}"), by=None)
    send(login(officer), "giay-moi", hoso=case.code)
    assert Disclosure.objects.filter(case=case, by=officer).exists()


@pytest.mark.parametrize("role", ROLES)
def test_only_administrators_replace_templates(role):
    client = login(UserFactory(role=role))
    url = reverse("letter_template", args=["giay-moi"])
    file = SimpleUploadedFile("mẫu mới.docx", word("Mời {{ ten_ho }}"))
    client.post(url, {"file": file, "note": "câu chữ mới"})
    newest = LetterTemplate.objects.filter(kind="giay-moi").first()
    assert (newest.number == 2) is (role == "administrator")
    reads = role in ("officer", "finance", "petitions", "administrator")
    assert (client.get(url).status_code == 200) is reads
    row = LetterTemplate.objects.filter(kind="giay-moi").last()
    answer = client.get(reverse("letter_template_file", args=[row.ref]))
    assert (answer.status_code == 200) is reads


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (word("{{ ten_hoo }}"), "ten_hoo (có phải ten_ho?)"),
        (PDF, "Mẫu phải là tệp Word"),
        (b"<html>", "Không nhận"),
    ],
)
def test_a_wrong_template_is_refused_and_the_old_one_stays(content, said):
    client = login(UserFactory(administrator=True))
    url = reverse("letter_template", args=["giay-moi"])
    page = client.post(url, {"file": SimpleUploadedFile("a.docx", content)}).content.decode()
    assert said in page
    assert LetterTemplate.objects.filter(kind="giay-moi").count() == 1


def test_the_new_template_is_used_and_the_old_run_keeps_its_own(officer, project, send):
    case = CaseFactory(project=project)
    client = login(officer)
    send(client, "giay-moi", hoso=case.code)
    LetterTemplate.replace("giay-moi", word("BẢN MỚI {{ ten_ho }}"), by=None)
    send(client, "giay-moi", hoso=case.code)
    new, old = LetterRun.objects.all()
    assert "BẢN MỚI" in text_of(new.path.read_bytes())
    assert "BẢN MỚI" not in text_of(old.path.read_bytes())
    assert (old.template.number, new.template.number) == (1, 2)


def test_the_samples_never_replace_an_edited_template():
    LetterTemplate.replace("giay-moi", word("{{ ten_ho }} sửa"), by=None)
    assert samples.load() == 0
    assert LetterTemplate.objects.current().get(kind="giay-moi").number == 2


def test_a_failure_is_said_on_the_run(officer, project, send, monkeypatch):
    def broken(*_):
        raise pdf.NoPdf("Máy chủ chưa cài LibreOffice")

    monkeypatch.setattr(pdf, "convert", broken)
    case = CaseFactory(project=project)
    client = login(officer)
    send(client, "giay-moi", form="pdf", hoso=case.code)
    run = LetterRun.objects.get()
    assert run.state == "failed"
    page = client.get(reverse("letter_run", args=[run.ref])).content.decode()
    assert "chưa cài LibreOffice" in page


def test_composing_asks_the_same_for_3_and_30_households(officer, project):
    client, counts = login(officer), []
    for number in (3, 27):
        for _ in range(number):
            priced(project)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("letters_compose"), {"mau": "quyet-dinh"})
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_letter_of_complaint_comes_from_its_template():
    petitions = UserFactory(petitions=True)
    letter = Complaint.objects.create(
        kind="complaint", received_on=TODAY, serial="DT-9", people_count=1, topic="price"
    )
    ComplaintParty.objects.create(complaint=letter, party=PartyFactory(name="Người Gửi"))
    LetterTemplate.replace("bien-nhan", word("Nhận của {{ nguoi_gui }}: {{ ve_viec }}"), by=None)
    answer = login(petitions).get(reverse("complaint_letter", args=[letter.ref, "bien-nhan"]))
    assert text_of(answer.content) == "Nhận của Người Gửi: đơn giá bồi thường"


def test_every_kind_of_letter_has_a_sample():
    assert set(LetterTemplate.objects.values_list("kind", flat=True)) == set(LetterKind.values)
    for row in LetterTemplate.objects.select_related("file"):
        assert Document(BytesIO(row.file.read())).paragraphs
