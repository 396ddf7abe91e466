"""The briefing file holds public facts of unrestricted takings, and nothing else."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gpmb.clearance.models import Obstacle, Taking
from gpmb.law.steps import STAGE_LABELS
from gpmb.reports.briefing import build
from maps.briefing import payload
from tests.complaining import letter
from tests.factories import (
    TODAY,
    CaseFactory,
    ObstacleFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

SECRETS = ("Nguyễn Bí Mật", "090000000001", "0912345678", "Ngõ Kín 7", "Chuyện kín của hộ")


@pytest.fixture
def case(db: None) -> object:
    name, id_number, phone, address, _ = SECRETS
    case = CaseFactory(
        at="deposit",
        takings=2,
        party__name=name,
        party__id_number=id_number,
        party__phone=phone,
        party__address=address,
    )
    ObstacleFactory(case=case, description=SECRETS[-1])
    letter("KN-1", received_on=TODAY, cases=[case], content=SECRETS[-1])
    return case


def test_nothing_personal_is_in_the_file(case: object):
    html = build(on=TODAY, today=TODAY)
    found = [secret for secret in SECRETS if secret in html]
    assert found == []
    assert "KN-1" not in html
    assert str(Obstacle.objects.get().cause) not in html
    data = payload(html)
    assert set(data) == {
        "groups", "projects", "stages", "colours", "outline", "accent", "scale", "shapes", "of",
        "stage", "label", "area", "outlines",
    }  # fmt: skip


def test_restricted_projects_and_parcels_are_left_out_and_counted(case: object):
    ProjectFactory(restricted=True, name="Công trình kín")
    TakingFactory(project=ProjectFactory(restricted=True))
    TakingFactory(parcel=ParcelFactory(restricted=True))
    html = build(on=TODAY, today=TODAY)
    assert len(payload(html)["shapes"]) == 2
    assert "Công trình kín" not in html
    assert "2 dự án hạn chế" in html


def test_counts_by_stage_equal_the_database_as_of_a_past_day(case: object):
    CaseFactory(at="inventory")
    now = payload(build(on=TODAY, today=TODAY))
    assert sorted(now["stage"]) == [2, 5, 5]
    assert sum(now["area"]) == sum(Taking.objects.values_list("recovered_area_m2", flat=True))
    before = payload(build(on=TODAY.replace(year=2022, month=9, day=15), today=TODAY))
    assert sorted(before["stage"]) == [1, 1, 1]
    assert now["stages"] == [STAGE_LABELS[stage] for stage in range(7)]


def test_the_file_asks_nothing_of_any_network(case: object):
    html = build(on=TODAY, today=TODAY)
    without_scripts = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!data:)', without_scripts)
    assert not re.search(r"url\((?!data:|#)", without_scripts)
    assert "default-src 'none'" in html


def test_the_command_writes_the_file_and_names_wrong_categories(case: object, tmp_path: Path):
    target = tmp_path / "ban-do.html"
    call_command("briefing", out=target)
    assert len(payload(target.read_text())["shapes"]) == 2
    with pytest.raises(CommandError, match="khac"):
        call_command("briefing", out=target, category=["khong-co"])
