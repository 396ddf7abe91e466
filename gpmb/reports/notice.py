"""The draft of a conclusion notice (thông báo kết luận) of a review, as a Word file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gpmb.clearance.models import Deployment
from gpmb.reports.administrative import DOCX, DOTS, Paper
from gpmb.vn import day, grouped

if TYPE_CHECKING:
    from gpmb.analysis.agenda import Completion
    from gpmb.clearance.models import Directive, Question, Review

__all__ = ["DOCX", "build"]


def build(
    review: Review,
    *,
    directives: Iterable[Directive],
    questions: Iterable[Question],
    completion: Completion,
) -> bytes:
    """Return the notice of a review's conclusions; only what is passed in stands in it.

    The number and the signer are written by hand: a draft invents neither.
    """
    row = Deployment.objects.filter(pk=1).first()
    city = row.city if row else ""
    paper = Paper()
    paper.head(
        above=f"UBND thành phố {city}".strip(),
        issuer="Văn phòng",
        mark="TB-VP",
        place=city or DOTS,
        on=None,
    )
    paper.title("Thông báo", f"Kết luận tại {_small(review.title)}, ngày {day(review.on)}")
    paper.text(
        f"Ngày {day(review.on)}, Ủy ban nhân dân thành phố {city} họp {_small(review.title)}. "
        f"Sau khi nghe báo cáo và ý kiến các thành viên dự họp, {DOTS} kết luận như sau:"
    )
    paper.heading("1. Việc thực hiện các kết luận trước")
    paper.text(_followed(completion))
    answered = [q for q in questions if q.decided_on]
    number = 2
    if answered:
        paper.heading(f"{number}. Về các nội dung xin ý kiến")
        number += 1
        for q in answered:
            place = f" ({q.project})" if q.project else ""
            paper.text(f"- {q.title}{place}: {q.decision}")
    paper.heading(f"{number}. Nhiệm vụ giao các cơ quan, đơn vị")
    rows = [
        [str(n), d.text, d.owner.name, day(d.due_on)] for n, d in enumerate(directives, start=1)
    ]
    if rows:
        paper.table(
            ["TT", "Nội dung", "Cơ quan thực hiện", "Hạn"], rows, widths_mm=(12, 84, 40, 26)
        )
    else:
        paper.text("Chưa ghi kết luận nào.")
    paper.text(
        "Các cơ quan, đơn vị báo cáo kết quả tại kỳ giao ban sau; làm đến đâu dứt điểm đến đó."
    )
    owners = dict.fromkeys(d.owner.name for d in directives)
    paper.end(
        recipients=["Thường trực Thành ủy", "Chủ tịch, các PCT UBND", *owners, "Lưu: VT"],
        signer=["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"],
    )
    return paper.save()


def _small(title: str) -> str:
    """A title inside a sentence begins small."""
    return title[:1].lower() + title[1:]


def _followed(completion: Completion) -> str:
    if not completion.given:
        return "Chưa có kết luận nào của các kỳ giao ban trước."
    share = grouped(100 * completion.done / completion.given)
    words = (
        f"Đến nay đã hoàn thành {completion.done}/{completion.given} kết luận ({share}%), "
        f"{completion.in_time} đúng hạn; còn {completion.given - completion.done} việc chưa xong, "
        f"trong đó {completion.late} việc quá hạn."
    )
    if oldest := completion.oldest:
        words += (
            f" Việc lâu nhất chưa xong giao ngày {day(oldest.review.on)} cho "
            f"{oldest.owner.name}: {oldest.text.rstrip('.')}."
        )
    return words
