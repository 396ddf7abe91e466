"""The templates a new installation begins with, in the administrative layout, made here.

They are ours and plain; the administrator downloads one, edits it in Word and puts it back.
"""

from __future__ import annotations

from collections.abc import Callable

from gpmb.papers.models import LetterKind, LetterTemplate
from gpmb.reports.administrative import Paper

RECIPIENTS = ("Như trên", "UBND phường, xã", "Lưu: VT, HS")


def _paper(mark: str) -> Paper:
    paper = Paper()
    paper.head(
        above="Ủy ban nhân dân\nthành phố {{ dia_danh }}",
        issuer="{{ co_quan }}",
        mark=mark,
        place="{{ dia_danh }}",
        on=None,
    )
    return paper


def _signed(paper: Paper, *signer: str, recipients: tuple[str, ...] = RECIPIENTS) -> bytes:
    paper.end(recipients=recipients, signer=signer or ("GIÁM ĐỐC",))
    return paper.save()


def _parcels(paper: Paper) -> None:
    paper.table(
        ("STT", "Tờ bản đồ", "Số thửa", "Loại đất", "Xã, phường", "Diện tích (m²)"),
        [
            ("{%tr for t in cac_thua %}", "", "", "", "", ""),
            (
                "{{ t.stt }}",
                "{{ t.to_ban_do }}",
                "{{ t.so_thua }}",
                "{{ t.loai_dat }}",
                "{{ t.xa_phuong }}",
                "{{ t.dien_tich }}",
            ),
            ("{%tr endfor %}", "", "", "", "", ""),
            ("", "Cộng", "", "", "", "{{ tong_dien_tich }}"),
        ],
        widths_mm=(12, 24, 22, 24, 48, 32),
        right=(5,),
        last_is_total=True,
    )


def _items(paper: Paper) -> None:
    paper.table(
        ("STT", "Khoản mục", "Nội dung", "Khối lượng", "Đơn giá (đồng)", "Thành tiền (đồng)"),
        [
            ("{%tr for k in cac_khoan %}", "", "", "", "", ""),
            (
                "{{ k.stt }}",
                "{{ k.khoan_muc }}",
                "{{ k.noi_dung }}",
                "{{ k.khoi_luong }} {{ k.don_vi }}",
                "{{ k.don_gia }}",
                "{{ k.thanh_tien }}",
            ),
            ("{%tr endfor %}", "", "", "", "", ""),
            ("", "Tổng cộng", "", "", "", "{{ tong_tien }}"),
        ],
        widths_mm=(12, 28, 45, 24, 24, 29),
        right=(3, 4, 5),
        last_is_total=True,
    )


def _households(paper: Paper, *, money: bool) -> None:
    heads = ["STT", "Mã hồ sơ", "Người sử dụng đất", "Địa chỉ", "Tờ/thửa", "Diện tích (m²)"]
    row = ["{{ h.stt }}", "{{ h.ma_ho_so }}", "{{ h.ten_ho }}", "{{ h.dia_chi }}"]
    row += ["{{ h.thua_dat }}", "{{ h.dien_tich }}"]
    total = ["", "Cộng", "{{ so_ho }} hồ sơ", "", "{{ so_thua_dat }} thửa", "{{ tong_dien_tich }}"]
    widths = [12, 26, 38, 38, 24, 24]
    if money:
        heads.append("Số tiền (đồng)")
        row.append("{{ h.tong_tien }}")
        total.append("{{ tong_tien }}")
        widths = [12, 23, 28, 27, 22, 20, 30]
    blank = [""] * (len(heads) - 1)
    paper.table(
        heads,
        [["{%tr for h in cac_ho %}", *blank], row, ["{%tr endfor %}", *blank], total],
        widths_mm=widths,
        last_is_total=True,
        size=10,
        right=range(5, len(heads)),
    )


def notice() -> bytes:
    paper = _paper("TB-UBND")
    paper.title("Thông báo", "Thu hồi đất để thực hiện dự án {{ ten_du_an }}")
    paper.text("Kính gửi: {{ ten_ho }}, địa chỉ: {{ dia_chi }}.")
    paper.text(
        "Để thực hiện dự án {{ ten_du_an }} do {{ chu_dau_tu }} làm chủ đầu tư, cơ quan có thẩm "
        "quyền thông báo thu hồi {{ tong_dien_tich }} m² đất đang sử dụng tại {{ xa_phuong }} "
        "(hồ sơ {{ ma_ho_so }}), gồm:"
    )
    _parcels(paper)
    paper.text(
        "Người sử dụng đất có trách nhiệm phối hợp điều tra, khảo sát, đo đạc, kiểm đếm; không "
        "xây dựng, trồng cây mới trên phần đất nằm trong phạm vi thu hồi kể từ ngày nhận thông "
        "báo. Cán bộ liên hệ: {{ can_bo }}."
    )
    return _signed(paper, "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")


def invitation() -> bytes:
    paper = _paper("GM-TTPTQĐ")
    paper.title("Giấy mời", "Về việc {{ noi_dung }}")
    paper.text("Kính mời: {{ ten_ho }}, địa chỉ: {{ dia_chi }}.")
    paper.text("Thời gian: {{ thoi_gian }}. Địa điểm: {{ dia_diem }}.")
    paper.text("Nội dung: {{ noi_dung }}, thuộc dự án {{ ten_du_an }} (hồ sơ {{ ma_ho_so }}).")
    paper.text(
        "Khi đến, đề nghị mang theo giấy tờ tùy thân, giấy tờ về quyền sử dụng đất. Vắng mặt thì "
        "ủy quyền bằng văn bản cho người đến thay."
    )
    return _signed(paper)


def inventory() -> bytes:
    paper = _paper("BB-KĐ")
    paper.title("Biên bản", "Kiểm đếm đất và tài sản gắn liền với đất")
    paper.text(
        "Hôm nay, ngày {{ ngay }} tháng {{ thang }} năm {{ nam }}, tại {{ xa_phuong }}, tổ công "
        "tác và người sử dụng đất lập biên bản kiểm đếm phục vụ dự án {{ ten_du_an }}."
    )
    paper.text("Người sử dụng đất: {{ ten_ho }}; địa chỉ: {{ dia_chi }}; hồ sơ: {{ ma_ho_so }}.")
    paper.heading("1. Đất thu hồi")
    _parcels(paper)
    paper.heading("2. Nhà, công trình, cây trồng, vật nuôi")
    paper.table(
        ("STT", "Tên tài sản", "Quy cách, chất lượng còn lại", "Đơn vị", "Số lượng", "Ghi chú"),
        [(str(n), "", "", "", "", "") for n in range(1, 6)],
        widths_mm=(12, 40, 44, 20, 22, 24),
    )
    paper.heading("3. Ý kiến của người sử dụng đất")
    paper.text("…" * 110)
    paper.text(
        "Biên bản lập thành 03 bản, đã đọc lại cho mọi người cùng nghe, thống nhất và ký tên."
    )
    paper.signatures("NGƯỜI SỬ DỤNG ĐẤT", "TỔ CÔNG TÁC", "UBND PHƯỜNG, XÃ")
    return paper.save()


def posting() -> bytes:
    paper = _paper("DS-TTPTQĐ")
    paper.title(
        "Danh sách niêm yết", "Phương án bồi thường, hỗ trợ, tái định cư dự án {{ ten_du_an }}"
    )
    paper.text(
        "Niêm yết tại trụ sở UBND và điểm sinh hoạt chung ({{ xa_phuong }}), {{ thoi_gian }}. "
        "Ý kiến gửi về {{ co_quan }}."
    )
    _households(paper, money=True)
    return _signed(paper, recipients=("UBND phường, xã (niêm yết)", "Lưu: VT, HS"))


def submission() -> bytes:
    paper = _paper("TTr-TTPTQĐ")
    paper.title(
        "Tờ trình", "Về việc phê duyệt phương án bồi thường, hỗ trợ, tái định cư {{ ten_du_an }}"
    )
    paper.text("Kính gửi: {{ co_quan_tren }}.")
    paper.text(
        "{{ co_quan }} trình thẩm định, phê duyệt phương án bồi thường, hỗ trợ, tái định cư của "
        "{{ so_ho }} hồ sơ, {{ so_thua_dat }} thửa, diện tích {{ tong_dien_tich_ha }} ha tại "
        "{{ xa_phuong }}; chủ đầu tư: {{ chu_dau_tu }}."
    )
    paper.text("Tổng kinh phí: {{ tong_tien }} đồng ({{ tong_tien_chu }}). Cụ thể:")
    _households(paper, money=True)
    return _signed(paper, recipients=("Như trên", "Phòng Tài nguyên và Môi trường", "Lưu: VT, HS"))


def decision() -> bytes:
    paper = _paper("QĐ-UBND")
    paper.title("Quyết định", "Về việc phê duyệt phương án bồi thường, hỗ trợ, tái định cư")
    paper.text(
        "Căn cứ Luật Đất đai; căn cứ Thông báo thu hồi đất số {{ so_thong_bao }} ngày "
        "{{ ngay_thong_bao }}; xét đề nghị của {{ co_quan }},"
    )
    paper.heading("QUYẾT ĐỊNH:")
    paper.text(
        "Điều 1. Phê duyệt phương án bồi thường, hỗ trợ, tái định cư của {{ ten_ho }}, địa chỉ "
        "{{ dia_chi }} (hồ sơ {{ ma_ho_so }}), dự án {{ ten_du_an }}; diện tích thu hồi "
        "{{ tong_dien_tich }} m² tại {{ xa_phuong }}:"
    )
    _items(paper)
    paper.text("Bằng chữ: {{ tong_tien_chu }}.")
    paper.text(
        "Điều 2. {{ co_quan }} chi trả tiền, công khai và gửi quyết định này đến người có đất "
        "thu hồi; {{ chu_dau_tu }} bố trí đủ kinh phí."
    )
    paper.text(
        "Điều 3. Các cơ quan, đơn vị liên quan và {{ ten_ho }} chịu trách nhiệm thi hành quyết "
        "định này kể từ ngày ký."
    )
    return _signed(
        paper,
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        recipients=("Như Điều 3", "Chủ đầu tư", "Lưu: VT, HS"),
    )


def money() -> bytes:
    paper = _paper("GM-TTPTQĐ")
    paper.title("Giấy mời", "Nhận tiền bồi thường, hỗ trợ")
    paper.text("Kính mời: {{ ten_ho }}, địa chỉ: {{ dia_chi }} (hồ sơ {{ ma_ho_so }}).")
    paper.text(
        "Căn cứ Quyết định số {{ so_quyet_dinh }} ngày {{ ngay_quyet_dinh }} phê duyệt phương án "
        "bồi thường, hỗ trợ, tái định cư dự án {{ ten_du_an }}, đề nghị đến nhận tiền:"
    )
    paper.text("Số tiền: {{ con_nhan }} đồng. Bằng chữ: {{ con_nhan_chu }}.")
    paper.text("Thời gian: {{ thoi_gian }}. Địa điểm: {{ dia_diem }}.")
    paper.text(
        "Khi đến mang theo giấy tờ tùy thân, bản gốc giấy tờ về quyền sử dụng đất; người nhận "
        "thay phải có ủy quyền được chứng thực. Không đến nhận, số tiền được gửi vào tài khoản "
        "theo quy định của pháp luật."
    )
    return _signed(paper)


def handover() -> bytes:
    paper = _paper("BB-BGĐ")
    paper.title("Biên bản", "Bàn giao đất")
    paper.text(
        "Hôm nay, ngày {{ ngay }} tháng {{ thang }} năm {{ nam }}, tại {{ xa_phuong }}, chúng tôi "
        "lập biên bản bàn giao đất phục vụ dự án {{ ten_du_an }}."
    )
    paper.text("Bên giao: {{ ten_ho }}, địa chỉ: {{ dia_chi }} (hồ sơ {{ ma_ho_so }}).")
    paper.text("Bên nhận: {{ co_quan }}. Chứng kiến: đại diện UBND và tổ dân phố, thôn.")
    paper.text("Bên giao đã nhận đủ tiền và tự nguyện bàn giao toàn bộ phần đất sau:")
    _parcels(paper)
    paper.text("Hiện trạng khi bàn giao: đã thu hoạch, tháo dỡ, di chuyển tài sản.")
    paper.signatures("BÊN GIAO", "BÊN NHẬN", "UBND PHƯỜNG, XÃ")
    return paper.save()


def site_handover() -> bytes:
    paper = _paper("BB-BGMB")
    paper.title("Biên bản", "Bàn giao mặt bằng cho chủ đầu tư")
    paper.text(
        "Hôm nay, ngày {{ ngay }} tháng {{ thang }} năm {{ nam }}, tại thực địa dự án "
        "{{ ten_du_an }}, {{ co_quan }} (bên giao) bàn giao mặt bằng cho {{ chu_dau_tu }} (bên "
        "nhận)."
    )
    paper.text(
        "Diện tích bàn giao: {{ tong_dien_tich }} m² ({{ tong_dien_tich_ha }} ha), {{ so_ho }} hồ "
        "sơ, {{ so_thua_dat }} thửa tại {{ xa_phuong }}, đã giải phóng xong:"
    )
    _households(paper, money=False)
    paper.text("Bên nhận quản lý mặt bằng, ranh giới, mốc giới từ thời điểm ký biên bản.")
    paper.signatures("BÊN GIAO", "BÊN NHẬN", "UBND PHƯỜNG, XÃ")
    return paper.save()


def _complaint(mark: str, kind: str, about: str, *lines: str) -> bytes:
    paper = _paper(mark)
    paper.title(kind, about)
    paper.text("Kính gửi: {{ nguoi_gui }}.")
    paper.text(
        "Ngày {{ ngay_nhan }}, {{ co_quan }} nhận được đơn ({{ loai_don }}), số tiếp nhận "
        "{{ so_tiep_nhan }}, về: {{ ve_viec }}."
    )
    for line in lines:
        paper.text(line)
    return _signed(paper, recipients=("Như trên", "Lưu: VT, HS"))


def receipt() -> bytes:
    return _complaint(
        "GBN-TTPTQĐ",
        "Giấy biên nhận",
        "Tiếp nhận đơn",
        "Số người đứng đơn: {{ so_nguoi }}. Tài liệu kèm theo: …………",
        "Hồ sơ: {{ ma_ho_so }}. Thửa đất (tờ/thửa): {{ thua_dat }}.",
    )


def acceptance() -> bytes:
    return _complaint(
        "TB-TTPTQĐ",
        "Thông báo",
        "Về việc thụ lý giải quyết khiếu nại",
        "Đơn đủ điều kiện thụ lý và được thụ lý từ ngày {{ ngay_thu_ly }}.",
        "Thời hạn giải quyết: đến ngày {{ han_giai_quyet }} ({{ can_cu_han }}).",
    )


def forwarding() -> bytes:
    return _complaint(
        "PC-TTPTQĐ",
        "Phiếu chuyển đơn",
        "Chuyển đơn đến cơ quan có thẩm quyền",
        "Nội dung đơn không thuộc thẩm quyền giải quyết của cơ quan nhận đơn.",
        "Chuyển đơn đến: ………… để xem xét, giải quyết theo quy định.",
    )


def guidance() -> bytes:
    return _complaint(
        "HD-TTPTQĐ",
        "Phiếu hướng dẫn",
        "Hướng dẫn người gửi đơn",
        "Nội dung đơn không thuộc thẩm quyền hoặc không đủ điều kiện thụ lý, lý do: …………",
        "Đề nghị ông (bà) gửi đơn đến: ………… để được giải quyết theo quy định.",
    )


MAKERS: dict[LetterKind, Callable[[], bytes]] = {
    LetterKind.NOTICE: notice,
    LetterKind.INVITATION: invitation,
    LetterKind.INVENTORY: inventory,
    LetterKind.POSTING: posting,
    LetterKind.SUBMISSION: submission,
    LetterKind.DECISION: decision,
    LetterKind.MONEY: money,
    LetterKind.HANDOVER: handover,
    LetterKind.SITE_HANDOVER: site_handover,
    LetterKind.RECEIPT: receipt,
    LetterKind.ACCEPTANCE: acceptance,
    LetterKind.FORWARDING: forwarding,
    LetterKind.GUIDANCE: guidance,
}


def load() -> int:
    """Put in a sample of every kind that has no template yet; an edited one is left alone."""
    there = set(LetterTemplate.objects.values_list("kind", flat=True))
    for kind, make in MAKERS.items():
        if kind not in there:
            LetterTemplate.replace(kind, make(), by=None, note="mẫu của chương trình")
    return len(MAKERS) - len(there)
