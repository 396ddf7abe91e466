"""Conclusions of a review from a table: a row is what is to be done, by whom, until when.

Until the notice is issued the leader may correct a conclusion by its row; from then on it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpmb.accounts.models import Role, User
from gpmb.cleaning import clean
from gpmb.clearance.models import Case, Directive, Project, Question, Review
from gpmb.clearance.models.review import ConclusionRefused
from gpmb.importing import cells
from gpmb.importing.models import ImportRow, ImportRun
from gpmb.importing.tables.places import REVIEW
from gpmb.importing.tables.table import Field, Outcome, Table
from gpmb.importing.tables.where import RowError, Where
from gpmb.importing.tables.words import choice_of, plain, same_words, shown
from gpmb.referred import referred

FIELDS: Mapping[str, Field] = {
    "text": Field(
        "kết luận", ("ketluan", "noidung", "noidungketluan", "nhiemvu", "noidungchidao", "viec")
    ),
    "owner": Field(
        "cơ quan thực hiện",
        ("coquanthuchien", "donvithuchien", "coquanchutri", "donvichutri", "chutri", "thuchien"),
    ),
    "owner_user": Field("người thực hiện", ("nguoithuchien", "canbothuchien", "canbo")),
    "due_on": Field("hạn", ("han", "thoihan", "hanhoanthanh", "thoigianhoanthanh"), cells.day),
    "project": Field("mã dự án", ("maduan", "mada", "duan", "tenduan")),
    "case": Field("mã hồ sơ", ("mahoso", "mahs", "hoso")),
    "question": Field("nội dung xin ý kiến", ("noidungxinykien", "theonoidungxinykien")),
}


def take_in(given: Mapping[str, Any], where: Where) -> Outcome | None:
    """Conclude, or correct the conclusion of these words about this project or case."""
    if given["due_on"] < where.review.on:
        raise RowError("due_on", "Hạn không được trước ngày họp.")
    project, case = _about(given, where)
    values = {"due_on": given["due_on"]} | _who(given, where)
    row = _known(given["text"], project, case, where)
    new = row is None
    if row is None:
        row = Directive(review=where.review, text=given["text"], project=project, case=case)
    old = {name: getattr(row, name) for name in values} if not new else None
    changed = {n: value for n, value in values.items() if old is None or old[n] != value}
    if not changed:
        return None
    if row.done_on is not None:
        raise RowError("text", "Kết luận này đã ghi hoàn thành: giữ nguyên như đang có.")
    try:
        where.review.check_open()
    except ConclusionRefused as refused:
        raise RowError("text", str(refused)) from refused
    for name, value in changed.items():
        setattr(row, name, value)
    clean(row, known=("review", "project", "case", "owner", "owner_user", "question"))
    row.save()
    row.refresh_from_db(fields=["version"])
    before = None if old is None else {name: plain(old[name]) for name in changed}
    about = {"project": project, "case": case} if new else {}
    fields = shown(FIELDS, old, changed | {n: v for n, v in about.items() if v})
    return Outcome(row.pk, str(row), before, fields, row.version, project)


def _about(given: Mapping[str, Any], where: Where) -> tuple[Project | None, Case | None]:
    """The project and case a row names; a case brings its project."""
    project = where.known_project(given["project"]) if "project" in given else None
    if "case" not in given:
        return project, None
    by, code = where.by, given["case"]
    cases = (Case.objects.counted_for(by) if by else Case.objects.all()).filter(code=code)
    found = list(
        (cases.filter(project=project) if project else cases).select_related("project")[:2]
    )
    if len(found) != 1:
        why = "có ở nhiều dự án: ghi mã dự án" if found else "không có: kiểm tra lại mã"
        raise RowError("case", f"Hồ sơ {code} {why}.")
    where.named.append(found[0].project)
    return found[0].project, found[0]


def _who(given: Mapping[str, Any], where: Where) -> dict[str, Any]:
    values: dict[str, Any] = {
        "owner": choice_of(given["owner"], where.organisations, "owner", "cơ quan, đơn vị")
    }
    if name := given.get("owner_user"):
        people = list(User.objects.filter(is_active=True, role__in=(Role.OFFICER, Role.LEADER)))
        known = [(user, str(user)) for user in people]
        known += [(user, user.username) for user in people]
        values["owner_user"] = choice_of(name, known, "owner_user", "người thực hiện")
    if title := given.get("question"):
        asked = Question.objects.filter(asked_on__lte=max(where.today, where.review.on))
        asked = asked.visible_to(where.by) if where.by else asked
        questions = [(question, question.title) for question in asked]
        values["question"] = choice_of(title, questions, "question", "nội dung xin ý kiến")
    return values


def _known(
    text: str, project: Project | None, case: Case | None, where: Where
) -> Directive | None:
    rows = Directive.objects.filter(review=where.review, project=project, case=case)
    rows = rows.select_related("owner", "owner_user", "question").order_by("pk")
    return next((row for row in rows if same_words(row.text, text)), None)


def put_back(row: ImportRow, by: User) -> str:
    """Take a conclusion away, or give it its values, while the notice isn't out."""
    found = Directive.objects.select_for_update().filter(pk=row.object_id).first()
    if found is None:
        return "không còn"
    review = Review.objects.select_for_update().get(pk=found.review_id)
    if review.document_id is not None:
        return "thông báo kết luận đã ban hành"
    if found.version != row.version_after:
        return "đã sửa sau khi nhập"
    if row.action != ImportRow.Action.CREATED:
        row.give_back(found)
        return ""
    if others := referred(Directive, [found.pk], ()):
        return f"đã có {others[found.pk]}"
    found.delete()
    return ""


DIRECTIVES = Table(
    kind=ImportRun.Kind.DIRECTIVES,
    title="Kết luận giao ban",
    hint="Cần cột Kết luận, Cơ quan thực hiện, Hạn; thêm Người thực hiện, Mã dự án (để trống là "
    "chung toàn thành phố), Mã hồ sơ, Nội dung xin ý kiến. Trùng nội dung và dự án thì sửa "
    "kết luận đã ghi, cho đến khi ban hành thông báo.",
    model="clearance.Directive",
    fields=FIELDS,
    needed=("text", "owner", "due_on"),
    take_in=take_in,
    put_back=put_back,
    place=REVIEW,
)
