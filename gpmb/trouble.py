"""What stops a deployment, in words: a database out of reach, a setting that can't be read.

A fault of the program itself keeps its traceback; what the person at the machine can mend gets a
sentence that says what and how.
"""

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from psycopg import errors

from gpmb.localdb import LocalDbError

EXTENSIONS_LINE = (
    "Nhờ người quản trị cơ sở dữ liệu chạy trong đó: CREATE EXTENSION postgis; "
    "CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gist;"
)
# PostGIS 3.3 lacks the zones of some provinces; their row is ours to add.
ZONE_LINE = (
    "Hệ tọa độ của tỉnh chưa có trong PostGIS, nhờ người quản trị chạy: "
    "GRANT INSERT, UPDATE ON spatial_ref_sys TO tài_khoản_ấy;"
)
# Classes of SQLSTATE that mean the server, not the question: connection, resources, shutdown.
OWN = ("gpmb", "geo", "maps")
OUTSIDE = ("08", "53", "57")


def in_words(error: BaseException) -> str | None:
    """Return what to tell the person at the machine, None for a fault of the program."""
    if isinstance(error, LocalDbError | ImproperlyConfigured):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] not in OWN:
        return f"Thiếu thư viện “{error.name}” mà phiên bản này cần: chạy bin/setup."
    cause = error.__cause__ if isinstance(error.__cause__, psycopg.Error) else error
    match cause:
        case errors.UndefinedTable():
            return (
                f"Cơ sở dữ liệu chưa được chuẩn bị cho phiên bản này ({_first_line(cause)}). "
                "Chạy bin/setup, hoặc ./manage.py prepare."
            )
        case errors.FeatureNotSupported() | errors.UndefinedFile() if "extension" in str(cause):
            return (
                f"Máy chủ cơ sở dữ liệu chưa cài phần mở rộng ({_first_line(cause)}). "
                "Cài PostGIS ≥ 3.3 và postgresql-contrib trên máy ấy."
            )
        case errors.InsufficientPrivilege():
            return (
                f"Tài khoản trong DATABASE_URL không đủ quyền ({_first_line(cause)}). "
                f"{ZONE_LINE if 'spatial_ref_sys' in str(cause) else EXTENSIONS_LINE}"
            )
        case psycopg.OperationalError() if (cause.sqlstate or OUTSIDE[0]).startswith(OUTSIDE):
            return unreachable(cause)
    return None


def unreachable(error: BaseException) -> str:
    """Say which database did not answer, and why."""
    given = settings.DATABASES["default"]
    if "LOCALDB" in given:
        return str(error).strip()
    why = " ".join(str(error).split())
    return (
        f"Không dùng được cơ sở dữ liệu trong DATABASE_URL (máy “{given['HOST'] or 'này'}”, "
        f"cơ sở dữ liệu “{given['NAME']}”): {why}{'' if why.endswith('?') else '.'} "
        "Kiểm tra địa chỉ, tài khoản, cơ sở dữ liệu đã được tạo và máy chủ đang chạy; "
        "bỏ DATABASE_URL để dùng cụm riêng của dự án."
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
