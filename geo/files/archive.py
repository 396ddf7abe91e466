"""Unpack a zip that a stranger made: bounded in size, number and names."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from geo.crs import vn
from geo.files.model import FileError

MAX_BYTES = 4 * 1024**3
"""Of everything unpacked."""
MAX_RATIO = 200
"""Unpacked by packed size of a member above `RATIO_FROM`; real layers stay below 30."""
RATIO_FROM = 16 * 1024**2
MAX_MEMBERS = 1000
_BLOCK = 1024**2


def unpack(path: Path, folder: Path) -> list[Path]:
    """Unpack `path` into the empty `folder` and return its files.

    Names that climb out of the folder, links, encrypted members, a bomb (by the sizes declared
    and again by the bytes that really come out) and damaged members raise `FileError`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _check(members)
            left = MAX_BYTES
            files = []
            for info in members:
                target = folder.joinpath(*PurePosixPath(info.filename).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                left -= _extract(archive, info, target, left)
                files.append(target)
            return files
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise FileError(
            "zip_damaged", f"Tệp zip hỏng hoặc bị cắt cụt ({error}). Nén lại rồi gửi lại."
        ) from error


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise FileError(
            "zip_too_many", f"Tệp zip có {len(members)} tệp con, quá {MAX_MEMBERS}: không mở."
        )
    if sum(info.file_size for info in members) > MAX_BYTES:
        raise FileError("zip_bomb", f"Giải nén ra quá {vn(MAX_BYTES / 1024**3, 0)} GB: không mở.")
    for info in members:
        parts = PurePosixPath(info.filename).parts
        if (
            not parts
            or info.filename.startswith("/")
            or ".." in parts
            or any(letter in info.filename for letter in "\\:\0")
        ):
            raise FileError(
                "zip_unsafe_name",
                f"Tệp zip có tên đi ra ngoài thư mục ({info.filename!r}): không mở. "
                "Nén lại chỉ với các tệp của lớp.",
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise FileError("zip_link", f"Tệp zip có liên kết ({info.filename!r}): không mở.")
        if info.flag_bits & 0x1:
            raise FileError("zip_encrypted", "Tệp zip đặt mật khẩu: bỏ mật khẩu rồi gửi lại.")
        if info.file_size > max(RATIO_FROM, MAX_RATIO * info.compress_size):
            raise FileError(
                "zip_bomb",
                f"{info.filename!r} giải nén gấp hơn {MAX_RATIO} lần (bom nén): không mở.",
            )


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, limit: int) -> int:
    """Write a member and return its size; the header's size is not believed."""
    written = 0
    limit = min(limit, info.file_size)
    with archive.open(info) as source, target.open("wb") as sink:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > limit:
                raise FileError("zip_bomb", f"{info.filename!r} dài hơn kích thước đã khai.")
            sink.write(block)
    return written
