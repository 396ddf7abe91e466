"""What the city's officers ask of those who decide, and how far open conclusions have come."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from gpmb.clearance.models import Directive, DirectiveNote, Question, QuestionOption, Review
from gpmb.management.demo.load_base import Loading, day
from gpmb.management.demo.story import Life


@dataclass(frozen=True, slots=True)
class Form:
    """A question as offices put it; days count back from the data date, `answer` is an option."""

    title: str
    background: str
    level: str
    asked: int
    needed: int
    options: tuple[tuple[str, str], ...]
    proposed: int
    answer: int | None = None


FORMS = (
    Form(
        "Bố trí tạm cư cho các hộ trong khi chờ hạ tầng khu tái định cư",
        "Hạ tầng khu tái định cư chưa xong; các hộ đã nhận tiền nhưng chưa có nơi ở.",
        "city",
        20,
        -8,
        (
            ("Hỗ trợ tiền thuê nhà đến khi nhận lô", "Bàn giao sớm hơn; cần bố trí kinh phí"),
            ("Chờ xong hạ tầng rồi mới bàn giao", "Chậm bàn giao khoảng 3 tháng"),
            ("Hoán đổi lô ở khu tái định cư đã xong", "Cần hộ đồng ý đổi vị trí"),
        ),
        1,
    ),
    Form(
        "Áp dụng giá đất cụ thể điều chỉnh cho các thửa mặt đường",
        "Giá phê duyệt năm trước thấp hơn giá thửa liền kề của dự án khác.",
        "province",
        34,
        6,
        (
            ("Trình tỉnh phê duyệt lại giá đất cụ thể", "Thêm khoảng 45 ngày"),
            ("Giữ giá đã phê duyệt, vận động từng hộ", "Nguy cơ khiếu nại kéo dài"),
        ),
        1,
    ),
    Form(
        "Điều chỉnh ranh giới để tránh khu mộ",
        "Khu mộ nằm ở mép ranh giới; di chuyển hết mất nhiều thời gian.",
        "city",
        12,
        -20,
        (
            ("Điều chỉnh ranh giới, bỏ phần có mộ", "Giảm diện tích dự án; không phải di chuyển"),
            ("Giữ ranh giới, di chuyển mộ trong mùa khô", "Bàn giao chậm hơn kế hoạch"),
        ),
        1,
    ),
    Form(
        "Chuyển mục đích đất rừng vượt thẩm quyền của tỉnh",
        "Một phần diện tích là rừng; thủ tục phải trình cấp trên.",
        "centre",
        48,
        -30,
        (
            ("Trình Trung ương quyết định chuyển mục đích", "Thời gian phụ thuộc cấp trên"),
            ("Điều chỉnh tuyến tránh rừng", "Phải lập lại thiết kế"),
        ),
        1,
    ),
    Form(
        "Ứng trước kinh phí bồi thường khi chủ đầu tư chưa chuyển tiền",
        "Phương án đã phê duyệt; chủ đầu tư mới chuyển một phần kinh phí.",
        "city",
        9,
        -5,
        (
            ("Ứng từ Quỹ phát triển đất", "Chi trả đúng hạn; chủ đầu tư hoàn lại"),
            ("Yêu cầu chủ đầu tư chuyển đủ trong 15 ngày", "Rủi ro chậm chi trả"),
        ),
        2,
    ),
    Form(
        "Công nhận nguồn gốc đất khai hoang trước năm 1993",
        "Hồ sơ địa chính không còn; các hộ liền kề cùng xác nhận.",
        "city",
        75,
        45,
        (
            ("Công nhận theo xác nhận của khu dân cư", "Giải quyết dứt điểm trong tháng"),
            ("Đề nghị tỉnh hướng dẫn", "Chờ thêm khoảng 2 tháng"),
        ),
        1,
        answer=1,
    ),
    Form(
        "Giao thêm lô tái định cư cho hộ có nhiều cặp vợ chồng",
        "Nhiều hộ có từ hai cặp vợ chồng cùng sống trên một thửa đất ở.",
        "province",
        110,
        70,
        (
            ("Giao thêm một lô có thu tiền", "Tăng nhu cầu lô"),
            ("Chỉ giao một lô theo hạn mức", "Nguy cơ không nhận lô"),
        ),
        1,
        answer=1,
    ),
)
PROGRESS = "Đã làm việc với phường và các hộ; đang hoàn thiện hồ sơ."


def write(load: Loading) -> None:
    """Write the questions with their options, a review to come, and notes on open conclusions."""
    places = list(_projects(load))
    writer, today = load.writer, load.today
    ids = writer.ids(Question, len(places))
    meetings = list(Review.objects.order_by("on").values_list("pk", "on"))
    rows = []
    for row_id, (project, form) in zip(ids, places, strict=True):
        asked = today - timedelta(days=form.asked)
        households, area_m2 = _waiting(load, project, asked.toordinal())
        review = next(
            (meeting for meeting in meetings if meeting[1] > asked and form.answer), (None, None)
        )
        rows.append(
            [
                row_id,
                form.title,
                form.background,
                load.projects[project],
                form.level,
                asked,
                load.officer(project),
                load.organisations["centre"],
                today - timedelta(days=form.needed),
                households,
                area_m2,
                review[1],
                load.users["lanhdao"] if review[0] else None,
                review[0],
                f"Chọn phương án {form.answer}." if review[0] else "",
            ]
        )
    names = "title background project_id level asked_on asked_by_id owner_id needed_on"
    names += " households area_m2 decided_on decided_by_id review_id decision"
    writer.copy(Question, names.split(), rows)
    options = [
        [row_id, order, text, effect, order == form.proposed, order == form.answer]
        for row_id, (_, form) in zip(ids, places, strict=True)
        for order, (text, effect) in enumerate(form.options, 1)
    ]
    writer.copy(
        QuestionOption,
        ["question_id", "order", "text", "effect", "proposed", "chosen"],
        (
            [at, *row]
            for at, row in zip(writer.ids(QuestionOption, len(options)), options, strict=True)
        ),
    )
    _next_review(load)
    _notes(load)


def _projects(load: Loading) -> Iterator[tuple[int, Form]]:
    """Put the questions to the public projects with the most open obstacles, one each."""
    city, today = load.city, load.today.toordinal()
    stuck = Counter(
        row.project
        for row in city.obstacles
        if row.opened <= today and (row.closed is None or row.closed > today)
    )
    ranked = sorted(stuck, key=lambda project: (-stuck[project], project))
    public = [project for project in ranked if not city.projects[project].restricted]
    return zip(public, FORMS, strict=False)


def _waiting(load: Loading, project: int, on: int) -> tuple[int, float]:
    """Return the cases' households and the land (m²) of a project not handed over on a day."""
    held = load.city.held
    mine = [
        case
        for case, life in zip(held.cases, load.city.lives, strict=True)
        if case.project == project and not _handed_over(life, on)
    ]
    return len(mine), round(sum(case.area_m2 for case in mine), 2)


def _handed_over(life: Life, on: int) -> bool:
    done = life.day("handover")
    return done is not None and done <= on


def _next_review(load: Loading) -> None:
    """Call the review of the month after the data date: its agenda is being prepared."""
    on = (load.today.replace(day=28) + timedelta(days=30)).replace(day=27)
    title = f"Giao ban công tác giải phóng mặt bằng tháng {on:%m/%Y}"
    (row_id,) = load.writer.ids(Review, 1)
    load.writer.copy(Review, ["on", "kind", "title"], [[row_id, on, "periodic", title]])


def _notes(load: Loading) -> None:
    """Let every second unfinished conclusion say how far it has come."""
    waiting = list(
        Directive.objects.filter(done_on=None).order_by("review__on", "pk").values_list("pk")
    )[::2]
    ids = load.writer.ids(DirectiveNote, len(waiting))
    on = day(load.today.toordinal() - 14)
    load.writer.copy(
        DirectiveNote,
        ["directive_id", "on", "by_id", "text"],
        (
            [at, directive, on, load.users["canbo"], PROGRESS]
            for at, (directive,) in zip(ids, waiting, strict=True)
        ),
    )
