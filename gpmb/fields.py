"""Fields that every app shares: legal geometry, its web copy, references, money, areas."""

from typing import Any  # Django fields take type arguments in the stubs only: ignore[type-arg]

from django.conf import settings
from django.contrib.gis.db import models as gis
from django.contrib.gis.db.models.functions import Transform
from django.db import models

from gpmb.refs import new_ref

WEB_MERCATOR = 3857


class _Legal:
    """A geometry in the province's own VN-2000 plane (metres).

    The SRID comes from the settings and stays out of migrations, so the same migrations serve
    every province; a system check compares it with the database's columns.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["srid"] = settings.SRID
        kwargs["spatial_index"] = False  # declared as a GistIndex: history tables must not copy it
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        kwargs.pop("srid", None)
        kwargs.pop("spatial_index", None)
        return name, path, args, kwargs


class LegalPolygonField(_Legal, gis.MultiPolygonField):  # type: ignore[type-arg]
    """MultiPolygon in the province's VN-2000 zone, metres."""


class LegalLineField(_Legal, gis.MultiLineStringField):  # type: ignore[type-arg]
    """MultiLineString in the province's VN-2000 zone, metres."""


class LegalPointField(_Legal, gis.PointField):  # type: ignore[type-arg]
    """Point in the province's VN-2000 zone, metres."""


def web_mercator(source: str) -> models.GeneratedField:
    """Return the stored EPSG:3857 copy of the polygon field `source`: tiles are cut from it."""
    return models.GeneratedField(
        expression=Transform(source, WEB_MERCATOR),
        output_field=gis.MultiPolygonField(srid=WEB_MERCATOR, null=True, spatial_index=False),
        db_persist=True,
    )


class Fold(models.Func):
    """Lower case without diacritics, đ as d: `gpmb_fold` is made by land's first migration."""

    function = "gpmb_fold"
    output_field = models.TextField()


def folded(*sources: str) -> models.GeneratedField:
    """Return a stored search copy of text fields, folded and joined by spaces."""
    expression: Any = models.F(sources[0])
    for source in sources[1:]:
        expression = models.functions.Concat(
            expression, models.Value(" "), models.F(source), output_field=models.TextField()
        )
    return models.GeneratedField(
        expression=Fold(expression), output_field=models.TextField(), db_persist=True
    )


class RefField(models.BigIntegerField):  # type: ignore[type-arg]
    """Public id of a row: random, unique, at most 53 bits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("default", new_ref)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        super().__init__("mã công khai", **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("verbose_name", None)
        kwargs["unique"] = self.unique  # said aloud: a history table's copy is not unique
        return name, path, list(args), kwargs


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """Whole đồng."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = 16, 0
        super().__init__(*args, **kwargs)


class AreaField(models.DecimalField):  # type: ignore[type-arg]
    """Square metres to 0.01, as documents state them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = 13, 2
        super().__init__(*args, **kwargs)
