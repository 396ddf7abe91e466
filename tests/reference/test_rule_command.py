"""`manage.py rule`: anyone checks a date."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from gpmb.reference.loading import load

pytestmark = pytest.mark.django_db
KEYS = {"code", "regime", "earliest_on", "due_on", "lapses_on", "article", "verified"}


@pytest.fixture(autouse=True)
def loaded(db: None) -> None:
    load()


def ask(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("rule", *arguments, "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert isinstance(answer, dict)
    assert set(answer) == KEYS
    return answer


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            "PAYMENT --from 2023-06-02",
            {"regime": "R1", "due_on": "2023-07-03", "earliest_on": None, "verified": True},
        ),
        ("PAYMENT --from 05/06/2023", {"due_on": "2023-07-05"}),
        (
            "NOTICE_WAIT --land-class LUC --from 2023-03-01",
            {"code": "NOTICE_WAIT_AGRI", "earliest_on": "2023-05-30", "due_on": None},
        ),
        (
            "NOTICE_WAIT --land-class ODT --from 2023-03-01",
            {"code": "NOTICE_WAIT_NONAGRI", "earliest_on": "2023-08-28"},
        ),
        (
            "NOTICE_WAIT_AGRI --from 2025-12-01 --as-of 2026-02-01",
            {"regime": "R4", "earliest_on": "2026-01-30"},
        ),
        ("NOTICE_WAIT_AGRI --from 2025-12-01", {"regime": "R3", "earliest_on": "2026-03-01"}),
        ("NOTICE_VALIDITY --from 2025-02-10", {"lapses_on": "2026-02-10", "due_on": None}),
        ("NOTICE_VALIDITY --from 2024-02-10", {"lapses_on": "2026-01-01", "regime": "R1"}),
        (
            "complaint_1 --remote --from 2023-06-05",
            {"code": "COMPLAINT_1_REMOTE", "due_on": "2023-07-20"},
        ),
        ("PAYMENT --remote --from 2023-06-05", {"code": "PAYMENT"}),
        ("PAYMENT --land-class LUC --from 2023-06-05", {"code": "PAYMENT"}),
        ("POSTING --from 2023-03-01", {"earliest_on": "2023-03-21", "verified": False}),
        ("AFTER_PERSUADE --from 2025-03-18", {"earliest_on": "2025-03-29"}),
    ],
)
def test_the_answer(arguments: str, expected: dict[str, object]) -> None:
    answer = ask(*arguments.split())
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("NOTHING --from 2023-06-02", 2, "Không có quy định NOTHING"),
        ("PAYMENT --from 2023-02-30", 2, "không phải ngày"),
        ("PAYMENT --from 2023-06-02 --as-of hôm", 2, "--as-of"),
        ("PAYMENT --from 2023-06-02 --land-class XXX", 2, "Không có mã loại đất XXX"),
        ("NOTICE_WAIT_AGRI --from 2023-06-02 --land-class ODT", 2, "không áp dụng cho đất ODT"),
        ("DIALOGUE --from 2023-06-02", 1, "không có phiên bản hiệu lực ngày 02/06/2023"),
    ],
)
def test_a_question_without_an_answer_says_why(arguments: str, code: int, message: str) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        call_command("rule", *arguments.split(), "--json", stdout=StringIO())
    assert caught.value.returncode == code


def test_without_json_it_answers_in_words() -> None:
    out = StringIO()
    call_command("rule", "POSTING", "--from", "01/03/2023", stdout=out)
    call_command("rule", "PAYMENT", "--from", "03/06/2025", stdout=out)
    call_command("rule", "NOTICE_VALIDITY", "--from", "03/06/2023", stdout=out)
    posting, payment, notice = out.getvalue().splitlines()
    assert posting.startswith("POSTING (R1): 20 ngày; sớm nhất 21/03/2023")
    assert posting.endswith("chưa đối chiếu văn bản")
    assert payment.endswith("lịch nghỉ năm 2025 chưa được xác nhận")
    assert notice.startswith("NOTICE_VALIDITY (R1): hết hiệu lực 01/01/2026")
