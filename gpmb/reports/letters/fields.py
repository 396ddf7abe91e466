"""The fields a template may use, each with its label and an example.

A field is written {{ ten_ho }}; in capitals, {{ TEN_HO }}, its value is in capitals too. A list
is a table whose rows repeat: {%tr for thua in cac_thua %} … {{ thua.so_thua }} … {%tr endfor %}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpmb.papers.models import Scope

DOTS = "…………"


@dataclass(frozen=True)
class Field:
    """A field: its label, an example; `typed` is written by the officer when composing."""

    label: str
    example: str
    typed: bool = False


@dataclass(frozen=True)
class Listed:
    """A list of rows, each with fields of its own."""

    label: str
    fields: Mapping[str, Field]
    example_rows: int = 2


OFFICE = {
    "co_quan_tren": Field("Cơ quan cấp trên", "Ủy ban nhân dân thành phố Móng Cái"),
    "co_quan": Field("Cơ quan soạn", "Trung tâm Phát triển quỹ đất"),
    "dia_danh": Field("Địa danh", "Móng Cái"),
    "ngay": Field("Ngày", "05"),
    "thang": Field("Tháng", "06"),
    "nam": Field("Năm", "2023"),
}
PROJECT = {
    "ten_du_an": Field("Tên dự án", "Đường minh họa số 1"),
    "ma_du_an": Field("Mã dự án", "DM-01"),
    "chu_dau_tu": Field("Chủ đầu tư", "Công ty Minh Họa"),
}
TYPED = {
    "so_van_ban": Field("Số văn bản", "12", typed=True),
    "thoi_gian": Field("Thời gian", "08 giờ 00 ngày 15/06/2023", typed=True),
    "dia_diem": Field("Địa điểm", "Nhà văn hóa khu 3", typed=True),
    "noi_dung": Field("Nội dung làm việc", "Kiểm đếm đất và tài sản", typed=True),
}
PARCEL = {
    "stt": Field("Số thứ tự", "1"),
    "to_ban_do": Field("Tờ bản đồ", "5"),
    "so_thua": Field("Số thửa", "85"),
    "loai_dat": Field("Loại đất", "LUC"),
    "xa_phuong": Field("Xã, phường", "phường Hải Hòa"),
    "dien_tich": Field("Diện tích thu hồi (m²)", "576,0"),
}
ITEM = {
    "stt": Field("Số thứ tự", "1"),
    "khoan_muc": Field("Khoản mục", "Đất"),
    "noi_dung": Field("Nội dung", "Bồi thường đất LUC"),
    "khoi_luong": Field("Khối lượng", "576,0"),
    "don_vi": Field("Đơn vị tính", "m²"),
    "don_gia": Field("Đơn giá (đồng)", "60.000"),
    "thanh_tien": Field("Thành tiền (đồng)", "34.560.000"),
}
CASE: dict[str, Field | Listed] = {
    **OFFICE,
    **PROJECT,
    **TYPED,
    "ma_ho_so": Field("Mã hồ sơ", "DM-01/0001"),
    "ten_ho": Field("Tên hộ, người sử dụng đất", "Hộ minh họa 00001"),
    "so_cccd": Field("Số CCCD (xem được ghi nhật ký)", "999000000001"),
    "dia_chi": Field("Địa chỉ", "Khu 3, phường Hải Hòa"),
    "xa_phuong": Field("Xã, phường có đất", "phường Hải Hòa"),
    "can_bo": Field("Cán bộ thụ lý", "Cán bộ minh họa"),
    "so_thua_dat": Field("Số thửa thu hồi", "2"),
    "tong_dien_tich": Field("Tổng diện tích thu hồi (m²)", "1.152,0"),
    "so_thong_bao": Field("Số thông báo thu hồi đất", "15/TB-UBND"),
    "ngay_thong_bao": Field("Ngày thông báo", "01/03/2023"),
    "so_quyet_dinh": Field("Số QĐ phê duyệt", "234/QĐ-UBND"),
    "ngay_quyet_dinh": Field("Ngày QĐ phê duyệt", "01/06/2023"),
    "tong_tien": Field("Tổng tiền phương án (đồng)", "69.120.000"),
    "tong_tien_chu": Field(
        "Tổng tiền bằng chữ", "Sáu mươi chín triệu một trăm hai mươi nghìn đồng"
    ),
    "con_nhan": Field("Số tiền còn được nhận (đồng)", "69.120.000"),
    "con_nhan_chu": Field(
        "Còn được nhận bằng chữ", "Sáu mươi chín triệu một trăm hai mươi nghìn đồng"
    ),
    "cac_thua": Listed("Các thửa thu hồi", PARCEL),
    "cac_khoan": Listed("Các khoản của phương án", ITEM),
}
HOUSEHOLD = {
    "stt": Field("Số thứ tự", "1"),
    "ma_ho_so": Field("Mã hồ sơ", "DM-01/0001"),
    "ten_ho": Field("Tên hộ", "Hộ minh họa 00001"),
    "dia_chi": Field("Địa chỉ", "Khu 3, phường Hải Hòa"),
    "thua_dat": Field("Tờ/thửa", "5/85; 5/86"),
    "dien_tich": Field("Diện tích (m²)", "1.152,0"),
    "tong_tien": Field("Tổng tiền (đồng)", "69.120.000"),
}
LIST: dict[str, Field | Listed] = {
    **OFFICE,
    **PROJECT,
    **TYPED,
    "xa_phuong": Field("Xã, phường", "phường Hải Hòa"),
    "so_ho": Field("Số hồ sơ", "2"),
    "so_thua_dat": Field("Số thửa", "4"),
    "tong_dien_tich": Field("Tổng diện tích (m²)", "2.304,0"),
    "tong_dien_tich_ha": Field("Tổng diện tích (ha)", "0,23"),
    "tong_tien": Field("Tổng tiền (đồng)", "138.240.000"),
    "tong_tien_chu": Field(
        "Tổng tiền bằng chữ", "Một trăm ba mươi tám triệu hai trăm bốn mươi nghìn đồng"
    ),
    "cac_ho": Listed("Các hộ", HOUSEHOLD),
}
COMPLAINT: dict[str, Field | Listed] = {
    **OFFICE,
    "so_tiep_nhan": Field("Số tiếp nhận", "12/2023"),
    "loai_don": Field("Loại đơn", "khiếu nại"),
    "nguoi_gui": Field("Người gửi đơn", "Người minh họa 1"),
    "ngay_nhan": Field("Ngày nhận đơn", "01/06/2023"),
    "so_nguoi": Field("Số người đứng đơn", "1"),
    "ma_ho_so": Field("Mã các hồ sơ", "HS-001, HS-002"),
    "thua_dat": Field("Các thửa đất (tờ/thửa)", "5/85, 5/86"),
    "ve_viec": Field("Về việc", "đơn giá bồi thường"),
    "ngay_thu_ly": Field("Ngày thụ lý", "05/06/2023"),
    "han_giai_quyet": Field("Hạn giải quyết", "05/07/2023"),
    "can_cu_han": Field("Căn cứ của hạn", "Điều 28 Luật Khiếu nại 2011"),
}
# A lump sum has neither quantity nor price; nobody misses them, nobody writes them by hand.
LUMP_SUM_LACKS = frozenset({"khoi_luong", "don_vi", "don_gia"})
FIELDS: dict[Scope, dict[str, Field | Listed]] = {
    Scope.CASE: CASE,
    Scope.LIST: LIST,
    Scope.COMPLAINT: COMPLAINT,
}


def example(scope: Scope) -> dict[str, Any]:
    """Return a made-up value for every field of a scope."""
    values: dict[str, Any] = {}
    for name, field in FIELDS[scope].items():
        if isinstance(field, Listed):
            row = {key: each.example for key, each in field.fields.items()}
            values[name] = [row | {"stt": str(n + 1)} for n in range(field.example_rows)]
        else:
            values[name] = field.example
    return values


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a template is given: dots for what is empty, capitals under capital names."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list):
            out[name] = [
                {key: each or ("" if key in LUMP_SUM_LACKS else DOTS) for key, each in row.items()}
                for row in value
            ]
        else:
            out[name] = value or DOTS
            out[name.upper()] = str(out[name]).upper()
    return out
