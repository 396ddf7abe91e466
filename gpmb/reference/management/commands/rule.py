"""`manage.py rule CODE --from DATE`: let anyone check a date that the program shows."""

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.law.calendar import Calendar
from gpmb.law.clocks import TRANSITION_ARTICLE
from gpmb.law.regimes import regime_on, transition_lapse_on
from gpmb.law.rules import Rule as LawRule
from gpmb.law.rules import RuleBook, due_on, earliest_on, lapses_on, pick
from gpmb.law.steps import period_words
from gpmb.reference.models import Holiday, LandClass, Rule


class Command(BaseCommand):
    help = "Tính ngày theo một quy định: sớm nhất, hạn cuối, hết hiệu lực."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="mã quy định, ví dụ PAYMENT")
        parser.add_argument("--from", dest="start", required=True, help="ngày bắt đầu tính")
        parser.add_argument("--land-class", help="mã loại đất, ví dụ LUC")
        parser.add_argument("--remote", action="store_true", help="vùng sâu, vùng xa")
        parser.add_argument("--as-of", help="ngày chọn phiên bản quy định; mặc định là --from")
        parser.add_argument("--json", action="store_true", help="in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        start = _date(options["start"], "--from")
        as_of = _date(options["as_of"], "--as-of") if options["as_of"] else start
        book = Rule.objects.as_law()
        code = _code(
            book, options["code"].upper(), options["land_class"], options["remote"], as_of
        )
        calendar = Holiday.objects.as_law()
        answer = _answer(book, calendar, code, start, as_of)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(_words(answer, pick(book, code, as_of), calendar))


def _answer(
    book: RuleBook, calendar: Calendar, code: str, start: dt.date, as_of: dt.date
) -> dict[str, Any]:
    rule = pick(book, code, as_of)
    old = transition_lapse_on(start, None) if code == "NOTICE_VALIDITY" else None
    if rule is None and old is None:
        raise CommandError(
            f"Quy định {code} không có phiên bản hiệu lực ngày {as_of:%d/%m/%Y}: "
            "thử --as-of với ngày khác.",
            returncode=1,
        )
    dates: dict[str, dt.date | None] = {"earliest_on": None, "due_on": None, "lapses_on": None}
    if old is not None:
        # A notice from before 1/8/2024 has no term of its own: it lapses by transition.
        dates["lapses_on"] = old
    elif rule is not None:
        dates = {
            "earliest_on": earliest_on(rule, start, calendar),
            "due_on": due_on(rule, start, calendar),
            "lapses_on": lapses_on(rule, start, calendar),
        }
    return {
        "code": code,
        "regime": regime_on(as_of).value,
        **{name: on.isoformat() if on else None for name, on in dates.items()},
        "article": TRANSITION_ARTICLE if old is not None or rule is None else rule.article,
        "verified": True if old is not None or rule is None else rule.verified,
    }


def _code(book: RuleBook, code: str, land_class: str | None, remote: bool, as_of: dt.date) -> str:
    """Return the code for the land and the place: NOTICE_WAIT + LUC is NOTICE_WAIT_AGRI."""
    if land_class:
        found = LandClass.objects.valid(as_of).filter(code=land_class.upper()).first()
        if found is None:
            raise CommandError(
                f"Không có mã loại đất {land_class} ngày {as_of:%d/%m/%Y}.", returncode=2
            )
        suffix = {"agri": "_AGRI", "non_agri": "_NONAGRI"}.get(found.group, "")
        if f"{code}{suffix}" in book.by_code:
            code = f"{code}{suffix}"
        groups = {rule.land_group for rule in book.by_code.get(code, ())} - {""}
        if groups and found.group not in groups:
            raise CommandError(
                f"Quy định {code} không áp dụng cho đất {found.code} "
                f"({found.get_group_display()}).",
                returncode=2,
            )
    if remote and f"{code}_REMOTE" in book.by_code:
        code = f"{code}_REMOTE"
    if code not in book.by_code:
        known = ", ".join(book.by_code) or "chưa có: chạy load_reference trước"
        raise CommandError(f"Không có quy định {code}. Các mã: {known}", returncode=2)
    return code


def _date(text: str, option: str) -> dt.date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007  (a day, no zone)
        except ValueError:
            continue
    raise CommandError(f"{option}: “{text}” không phải ngày (31/01/2023).", returncode=2)


def _words(answer: dict[str, Any], rule: LawRule | None, calendar: Calendar) -> str:
    names = {"earliest_on": "sớm nhất", "due_on": "hạn cuối", "lapses_on": "hết hiệu lực"}
    parts = [
        f"{label} {dt.date.fromisoformat(answer[name]):%d/%m/%Y}"
        for name, label in names.items()
        if answer[name]
    ]
    if rule is not None:
        parts.insert(0, period_words(rule))
    parts.append(answer["article"])
    if not answer["verified"]:
        parts.append("chưa đối chiếu văn bản")
    due = answer["due_on"]
    if due and not calendar.is_confirmed(int(due[:4])):
        parts.append(f"lịch nghỉ năm {due[:4]} chưa được xác nhận")
    return f"{answer['code']} ({answer['regime']}): " + "; ".join(parts)
