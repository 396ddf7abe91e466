"""Files: attached by those who work on a thing, served to those who may see it, never deleted."""

from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.complaints.models import Complaint
from gpmb.land.models import Service
from gpmb.papers.models import Attachment, RefusedFile, StoredFile
from gpmb.refs import encode
from tests.factories import (
    TODAY,
    CaseFactory,
    ObstacleFactory,
    ProjectFactory,
    UserFactory,
)
from tests.papers import samples
from tests.web.test_permissions import ROLES, WHOSE

pytestmark = pytest.mark.django_db
KINDS = {
    "case": "ho-so",
    "document": "van-ban",
    "obstacle": "vuong-mac",
    "complaint": "don-thu",
}


@pytest.fixture
def world(today) -> dict[str, Any]:
    """Users by role; what a file may hang on, the officer's own and a colleague's."""
    users = {role: UserFactory(role=role) for role in ROLES}
    rows: dict[str, dict[str, Any]] = {kind: {} for kind in (*KINDS, "place")}
    same = ProjectFactory(officers=[UserFactory()])
    for whose, project_row in (
        ("own", ProjectFactory(officers=[users["officer"]])),
        ("same_unit", same),
        ("other", ProjectFactory(officers=[UserFactory()])),
    ):
        case = CaseFactory(project=project_row, at="notice")
        rows["case"][whose] = case
        rows["document"][whose] = case.log()[0].document
        rows["obstacle"][whose] = ObstacleFactory(case=case)
        rows["place"][whose] = ObstacleFactory(case=None, project=project_row)
        rows["complaint"][whose] = Complaint.objects.create(
            kind="complaint", received_on=TODAY, serial=f"KN-{whose}", project=project_row
        )
    return {"users": users, **rows}


def login(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opens(client: Client, kept: Attachment) -> bool:
    """Whether a file can be downloaded; otherwise it doesn't exist."""
    answer = client.get(reverse("attachment", args=[kept.ref]))
    assert answer.status_code in (200, 404)
    return answer.status_code == 200


def upload(client: Client, kind: str, row: Any, content: bytes = samples.PDF, **data: Any) -> Any:
    url = reverse("attachment_add", args=[KINDS[kind], row.ref])
    file = SimpleUploadedFile("biên bản.pdf", content)
    return client.post(url, {"files": [file], "next": "/ho-so/", **data})


ALL, OWN, NONE = "ooo", "o--", "---"
# Who may attach to, and who may download from, what.
ATTACH = {
    "case": {"officer": OWN, "finance": ALL},
    "document": {"officer": OWN, "finance": ALL},
    "obstacle": {"officer": OWN},
    "place": {"officer": OWN},
    "complaint": {"petitions": ALL},
}
EVERY_FILE = {"officer": OWN, "finance": ALL, "administrator": ALL}
DOWNLOAD = {
    "case": EVERY_FILE,
    "document": EVERY_FILE,
    "obstacle": EVERY_FILE,
    "place": EVERY_FILE | {"leader": ALL},
    "complaint": {"officer": OWN, "petitions": ALL},
}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_attach_what(world, role):
    client = login(world["users"][role])
    told = {}
    for kind in ATTACH:
        told[kind] = ""
        for whose in WHOSE:
            row = world[kind][whose]
            answer = upload(client, "obstacle" if kind == "place" else kind, row)
            kept = Attachment.objects.of(row).exists()
            assert answer.status_code == (302 if kept else 404)
            told[kind] += "o" if kept else "-"
    assert told == {kind: row.get(role, NONE) for kind, row in ATTACH.items()}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_download_what(world, role):
    client = login(world["users"][role])
    told = {}
    for kind in DOWNLOAD:
        told[kind] = ""
        for whose in WHOSE:
            kept = Attachment.attach(samples.PDF, "a.pdf", to=world[kind][whose], by=None)
            told[kind] += "o" if opens(client, kept) else "-"
    assert told == {kind: row.get(role, NONE) for kind, row in DOWNLOAD.items()}


def test_a_restricted_project_hides_its_files_from_the_uncleared(today):
    case = CaseFactory(project=ProjectFactory(restricted=True))
    kept = Attachment.attach(samples.PDF, "a.pdf", to=case, by=None)
    for cleared in (False, True):
        assert opens(login(UserFactory(finance=True, cleared=cleared)), kept) is cleared


def test_a_document_delivered_to_a_household_opens_with_the_household(world):
    document = world["document"]["other"]
    party = world["case"]["own"].parties.get()
    kept = Attachment.attach(samples.PDF, "a.pdf", to=document, by=None)
    client = login(world["users"]["officer"])
    assert not opens(client, kept)
    Service.objects.create(document=document, party=party, on=TODAY, manner="signed")
    assert opens(client, kept)


def test_a_download_is_never_shown_as_a_page(world):
    kept = Attachment.attach(samples.PDF, "biên bản.pdf", to=world["case"]["own"], by=None)
    answer = login(world["users"]["officer"]).get(reverse("attachment", args=[kept.ref]))
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "bi%C3%AAn%20b%E1%BA%A3n.pdf" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content == samples.PDF


def test_no_address_of_the_folder_itself_is_served(world, client):
    kept = Attachment.attach(samples.PDF, "a.pdf", to=world["case"]["own"], by=None)
    inside = kept.file.path.relative_to(project.MEDIA_ROOT)
    client.force_login(world["users"]["administrator"])
    for start in ("/media/", "/static/", "/"):
        assert client.get(f"{start}{inside}").status_code == 404


def test_the_same_bytes_are_kept_once(world):
    case, obstacle = world["case"]["own"], world["obstacle"]["own"]
    first = Attachment.attach(samples.PDF, "a.pdf", to=case, by=None)
    second = Attachment.attach(samples.PDF, "b.pdf", to=obstacle, by=None)
    assert first.file == second.file
    assert StoredFile.objects.count() == 1
    with pytest.raises(RefusedFile, match="đã được đính kèm"):
        Attachment.attach(samples.PDF, "c.pdf", to=case, by=None)


def test_the_database_refuses_a_file_on_two_things_or_none(world):
    file = StoredFile.keep(samples.PDF)
    for targets in ({}, {"case": world["case"]["own"], "obstacle": world["obstacle"]["own"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.create(file=file, name="a.pdf", **targets)


def test_a_photo_is_kept_without_its_position(world):
    client = login(world["users"]["officer"])
    upload(client, "case", world["case"]["own"], samples.picture())
    kept = Attachment.objects.get()
    assert kept.name == "biên bản.jpg", "named after what it is"
    assert samples.picture() != kept.file.read()
    assert b"GPS" not in kept.file.read()


def test_a_refused_file_says_why_and_the_others_are_kept(world):
    client = login(world["users"]["officer"])
    case = world["case"]["own"]
    answer = client.post(
        reverse("attachment_add", args=["ho-so", case.ref]),
        {
            "files": [
                SimpleUploadedFile("thật.pdf", samples.PDF),
                SimpleUploadedFile("giả.pdf", b"<html>x</html>"),
            ],
            "next": reverse("case", args=[case.ref]),
        },
        follow=True,
    )
    page = answer.content.decode()
    assert "giả.pdf: Không nhận: trang web" in page
    assert "Đã đính kèm 1 tệp" in page
    assert "thật.pdf" in page


def test_a_file_above_the_cap_is_refused(world, settings):
    settings.UPLOAD_MAX_BYTES = 1024**2
    client = login(world["users"]["officer"])
    case = world["case"]["own"]
    content = samples.PDF[:-7] + bytes(1024**2) + b"\n%%EOF\n"
    answer = client.post(
        reverse("attachment_add", args=["ho-so", case.ref]),
        {
            "files": [SimpleUploadedFile("to.pdf", content)],
            "next": reverse("case", args=[case.ref]),
        },
        follow=True,
    )
    assert "1,0 MB, lớn hơn mức 1 MB" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_denunciation_takes_no_file(today):
    letter = Complaint.objects.create(kind="denunciation", received_on=TODAY, serial="TC-1")
    petitions = UserFactory(petitions=True)
    assert upload(login(petitions), "complaint", letter).status_code == 404
    with pytest.raises(RefusedFile, match="Tố cáo không lưu tệp"):
        Attachment.attach(samples.PDF, "a.pdf", to=letter, by=petitions)


def test_the_form_leads_back_to_pages_of_this_host_only(world):
    client = login(world["users"]["officer"])
    answer = upload(client, "case", world["case"]["own"], next="https://xa.example/")
    assert answer["Location"] == "/"


def test_taking_a_file_off_asks_why_and_keeps_it(world):
    officer = world["users"]["officer"]
    case = world["case"]["own"]
    kept = Attachment.attach(samples.PDF, "a.pdf", to=case, by=officer)
    client, url = login(officer), reverse("attachment_remove", args=[kept.ref])
    assert "Hãy ghi lý do" in client.post(url, {"reason": ""}).content.decode()
    client.post(url, {"reason": "đính nhầm hồ sơ"})
    kept.refresh_from_db()
    assert (kept.removed_by, kept.removed_reason) == (officer, "đính nhầm hồ sơ")
    assert kept.file.path.exists()
    assert not opens(client, kept)
    Attachment.attach(samples.PDF, "a.pdf", to=case, by=officer)


@pytest.mark.parametrize(("role", "status"), [("finance", 404), ("administrator", 200)])
def test_only_who_attached_it_or_an_administrator_takes_it_off(world, role, status):
    kept = Attachment.attach(
        samples.PDF, "a.pdf", to=world["case"]["own"], by=world["users"]["officer"]
    )
    client = login(world["users"][role])
    assert client.get(reverse("attachment_remove", args=[kept.ref])).status_code == status


def test_a_leader_sees_the_case_and_none_of_its_files(world):
    case = world["case"]["own"]
    kept = Attachment.attach(samples.PDF, "bí mật.pdf", to=case, by=None)
    seen = {
        role: login(world["users"][role]).get(reverse("case", args=[case.ref])).content.decode()
        for role in ("leader", "officer")
    }
    assert encode(kept.ref) not in seen["leader"]
    assert "bí mật.pdf" in seen["officer"]


def test_the_case_page_asks_the_same_for_1_and_10_files(world):
    case, client = world["case"]["own"], login(world["users"]["officer"])
    url = reverse("case", args=[case.ref])
    counts = []
    for number in (1, 9):
        for n in range(number):
            content = samples.PDF + f"%{number}-{n}\n%%EOF\n".encode()
            Attachment.attach(content, "a.pdf", to=case, by=world["users"]["officer"])
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("there", ["-1", "[[", "so-lieu", "javascript:x"])
def test_a_way_back_that_is_no_page_leads_home(client, there):
    officer = UserFactory()
    client.force_login(officer)
    case = CaseFactory(project=ProjectFactory(officers=[officer]))
    address = reverse("attachment_add", args=["ho-so", case.ref])
    assert client.post(address, {"next": there}).url == reverse("overview")
