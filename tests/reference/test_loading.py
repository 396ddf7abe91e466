"""Reference rows come in once; what an administrator edited stays."""

import datetime as dt
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from gpmb.law.rules import RuleBook
from gpmb.reference.loading import TABLES, load
from gpmb.reference.models import (
    DecidingAuthority,
    Holiday,
    LandClass,
    ObstacleCause,
    PriorityCategory,
    RemoteUnit,
    Rule,
)
from tests.law.conftest import read_calendar, read_rules

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def loaded() -> None:
    load()


def test_every_row_of_every_file_comes_in_and_a_second_load_changes_nothing() -> None:
    first = load()
    assert [row.file for row in first] == [table.file for table in TABLES]
    assert all(row.inserted == row.read > 0 for row in first)
    assert all(row.inserted == 0 for row in load())


def test_an_edited_row_is_never_overwritten(loaded: None) -> None:
    Rule.objects.filter(code="PAYMENT", valid_to=None).update(value=45, article="văn bản mới")
    load()
    assert Rule.objects.get(code="PAYMENT", valid_to=None).value == 45


def test_a_seeded_version_that_an_edited_one_covers_stays_out() -> None:
    Rule.objects.create(
        code="PAYMENT",
        value=20,
        unit="day",
        type="MAX",
        valid_from=D(2024, 9, 1),
        article="văn bản mới",
        source="quản trị",
    )
    load()
    versions = Rule.objects.filter(code="PAYMENT").values_list("valid_from", "value")
    assert list(versions) == [(D(2014, 7, 1), 30), (D(2024, 9, 1), 20)]


def test_the_database_gives_the_engine_the_same_rules_and_days_as_the_files(loaded: None) -> None:
    assert sorted(Rule.objects.as_law(), key=str) == sorted(read_rules(), key=str)
    assert isinstance(Rule.objects.as_law(), RuleBook)
    stored, read = Holiday.objects.as_law(), read_calendar()
    day = D(2014, 1, 1)
    while day < D(2027, 1, 1):
        assert stored.is_off(day) == read.is_off(day)
        day += dt.timedelta(days=1)
    assert stored.is_confirmed(2023)


def test_every_row_names_its_source(loaded: None) -> None:
    for table in TABLES:
        assert not table.model._default_manager.filter(source="").exists(), table.file


def test_a_rule_is_verified_only_if_its_source_was_read(loaded: None) -> None:
    guessed = Rule.objects.filter(source__in=["Kiến thức chung", "Giữ mức cũ"])
    assert guessed.exists()
    assert not guessed.filter(verified=True).exists()


def test_the_four_priority_categories_are_in_order(loaded: None) -> None:
    assert list(PriorityCategory.objects.values_list("name", flat=True)) == [
        "Tái định cư đi đầu",
        "Trọng điểm, động lực",
        "Hạ tầng, an sinh",
        "Dự án khác",
    ]


def test_a_land_class_has_one_version_on_a_day(loaded: None) -> None:
    before, after = D(2023, 6, 30), D(2025, 6, 30)
    assert LandClass.objects.valid(before).get(code="BHK").group == "agri"
    assert not LandClass.objects.valid(after).filter(code="BHK").exists()
    assert LandClass.objects.valid(after).get(code="HNK").circular.startswith("TT 08/2024")
    assert LandClass.objects.valid(before).get(code="ODT").residential


def test_mortgage_and_dispute_do_not_block_handover(loaded: None) -> None:
    free = ObstacleCause.objects.filter(blocks_handover=False).values_list("code", flat=True)
    assert set(free) == {"mortgaged", "disputed"}


def test_the_deciding_authority_is_looked_up_by_day(loaded: None) -> None:
    found = DecidingAuthority.objects.deciding(D(2023, 6, 30), "household")
    assert found is not None
    assert found.body == "district_committee"
    utility = DecidingAuthority.objects.deciding(D(2023, 6, 30), "household", public_utility=True)
    assert utility is not None
    assert utility.body == "province_committee"


def test_versions_of_a_rule_may_not_overlap(loaded: None) -> None:
    second = Rule(
        code="PAYMENT",
        value=20,
        unit="day",
        type="MAX",
        valid_from=D(2025, 1, 1),
        article="a",
        source="b",
    )
    with pytest.raises(ValidationError, match="kết thúc phiên bản cũ trước"):
        second.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"value": 0}, "lớn hơn 0"),
        ({"regime": "R5"}, "R1 đến R4"),
        ({"valid_to": D(2013, 1, 1)}, "Ngày kết thúc"),
    ],
)
def test_a_wrong_rule_is_refused_in_vietnamese(fields: dict[str, object], message: str) -> None:
    rule = Rule(
        **{
            "code": "X",
            "value": 5,
            "unit": "day",
            "type": "MAX",
            "valid_from": D(2014, 1, 1),
            "article": "a",
            "source": "b",
            **fields,
        }
    )
    with pytest.raises(ValidationError, match=message):
        rule.full_clean()


def test_every_change_of_a_rule_is_in_its_history(loaded: None) -> None:
    rule = Rule.objects.get(code="APPRAISAL")
    rule.value = 25
    rule.save()
    rule.delete()
    events = Rule.pgh_event_model.objects.filter(code="APPRAISAL").order_by("pgh_id")
    assert [(event.pgh_label, event.value) for event in events] == [
        ("insert", 30),
        ("update", 25),
        ("delete", 25),
    ]


def test_rows_say_what_they_are(loaded: None) -> None:
    assert str(Rule.objects.get(code="APPRAISAL")) == "APPRAISAL từ 01/08/2024"
    assert str(Holiday.objects.get(on=D(2023, 9, 2))) == "02/09/2023 Quốc khánh 2/9"
    assert str(LandClass.objects.filter(code="LUC").first()) == "LUC – Đất chuyên trồng lúa"
    authority = DecidingAuthority.objects.get(valid_from=D(2025, 7, 1))
    assert str(authority) == "Chủ tịch UBND cấp xã từ 01/07/2025"
    remote = RemoteUnit(unit_code="06757", name="Vĩnh Thực")
    assert str(remote) == "Vĩnh Thực (06757)"
    named = {str(row) for row in PriorityCategory.objects.all()}
    assert "Dự án khác" in named


def test_the_command_says_what_it_added() -> None:
    out = StringIO()
    call_command("load_reference", stdout=out)
    call_command("load_reference", stdout=out)
    lines = out.getvalue().splitlines()
    assert "rules.json: thêm 67, giữ nguyên 0" in lines
    assert "rules.json: thêm 0, giữ nguyên 67" in lines
