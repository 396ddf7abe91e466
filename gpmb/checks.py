"""System checks: a deployment that would go wrong silently is refused aloud."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.gis.db.models import GeometryField
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

LOWEST_POSTGIS = (3, 3)
SECRET_LENGTH = 32
LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]", "testserver"}


@register(Tags.database)
def check_zone(app_configs: Any, databases: Sequence[str] | None, **kwargs: Any) -> list[Error]:
    """The stored geometry must be in the zone this deployment measures in."""
    errors: list[Error] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT f_table_name, f_geometry_column, srid FROM geometry_columns "
                "WHERE f_table_schema = current_schema()"
            )
            stored = {(table, column): srid for table, column, srid in cursor.fetchall()}
        wrong = sorted(
            f"{table}.{column} (EPSG:{stored[table, column]}, cần EPSG:{srid})"
            for table, column, srid in _geometry_columns()
            if stored.get((table, column), srid) != srid
        )
        if wrong:
            errors.append(
                Error(
                    "Cơ sở dữ liệu lưu hình ở hệ toạ độ khác với tỉnh đang chọn "
                    f"({settings.PROVINCE.name}, EPSG:{settings.SRID}): {'; '.join(wrong)}",
                    hint="Đặt GPMB_PROVINCE đúng tỉnh của dữ liệu, hoặc dùng cơ sở dữ liệu khác.",
                    id="gpmb.E001",
                )
            )
    return errors


def _geometry_columns() -> Iterator[tuple[str, str, int]]:
    """Yield (table, column, SRID) of every stored geometry, generated ones included."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            kind = getattr(field, "output_field", field)
            if isinstance(kind, GeometryField) and field.column:
                yield model._meta.db_table, field.column, kind.srid


@register(Tags.database)
def check_postgis(app_configs: Any, databases: Sequence[str] | None, **kwargs: Any) -> list[Error]:
    """Older releases lack functions the tiles and the repair use."""
    errors: list[Error] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
            row = cursor.fetchone()
        # Before the first migration there is no extension, and nothing to say yet.
        version = row[0] if row else None
        if version and tuple(int(part) for part in version.split(".")[:2]) < LOWEST_POSTGIS:
            errors.append(
                Error(
                    f"PostGIS {version} quá cũ: cần từ {'.'.join(map(str, LOWEST_POSTGIS))}.",
                    hint="Nâng cấp PostGIS của máy chủ cơ sở dữ liệu rồi chạy "
                    "ALTER EXTENSION postgis UPDATE.",
                    id="gpmb.E002",
                )
            )
    return errors


@register(Tags.security)
def check_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What is convenient on a developer's machine is refused on a server."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY:
        found.append(
            Error(
                "GPMB_SECRET_KEY chưa đặt: khoá mặc định ai cũng biết.",
                hint="Tạo khoá: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
                id="gpmb.E003",
            )
        )
    elif len(settings.SECRET_KEY) < SECRET_LENGTH:
        found.append(
            Error(
                f"GPMB_SECRET_KEY quá ngắn: cần ít nhất {SECRET_LENGTH} ký tự.",
                hint="Tạo khoá: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
                id="gpmb.E004",
            )
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "GPMB_HOSTS chưa liệt kê tên máy chủ.",
                hint="Ví dụ: GPMB_HOSTS=gpmb.mongcai.example,10.0.0.5",
                id="gpmb.E005",
            )
        )
    folder = _nearest_existing(Path(settings.MEDIA_ROOT))
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        found.append(
            Error(
                f"Không ghi được vào thư mục tệp tải lên {settings.MEDIA_ROOT}.",
                hint="Cấp quyền ghi cho người dùng chạy chương trình, hoặc đổi GPMB_MEDIA.",
                id="gpmb.E006",
            )
        )
    reachable = set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS
    if reachable and not getattr(settings, "SECURE_SSL_REDIRECT", False):
        found.append(
            Warning(
                "GPMB_HTTPS=0: mật khẩu đi qua mạng không mã hoá.",
                hint="Chỉ dùng trên chính máy này, hoặc sau một máy chủ trung gian có HTTPS.",
                id="gpmb.W001",
            )
        )
    return found


def _nearest_existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
