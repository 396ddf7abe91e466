"""Reference tables: dated rules, days off, land classes, who decides, lists to pick from.

`load_reference` inserts the rows that are missing and never overwrites an edited one. Every change
is kept in the history.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from gpmb.accounts.models import ends_after_start, no_overlap
from gpmb.law import authority, calendar, rules
from gpmb.tracking import tracked


class DatedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Rows with a validity, both ends included."""

    def valid(self, on: dt.date) -> "DatedQuerySet":
        """Keep the rows in force on a day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)


class RuleQuerySet(DatedQuerySet):
    def as_law(self) -> rules.RuleBook:
        """Return the rows as the pure engine reads them, in a fixed order."""
        return rules.RuleBook(row.as_law() for row in self.order_by("code", "valid_from"))


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def as_law(self) -> calendar.Calendar:
        """Return the calendar of days off that the pure engine reads."""
        return calendar.Calendar(row.as_law() for row in self.order_by("on"))


class AuthorityQuerySet(DatedQuerySet):
    def deciding(
        self, on: dt.date, holder: str, *, public_utility: bool = False
    ) -> "DecidingAuthority | None":
        """Return the row of who decides on a day about land of a kind of holder, or None."""
        rows = {row.as_law(): row for row in self.order_by("valid_from", "pk")}
        kind = authority.Holder(holder)
        found = authority.deciding(rows, on, kind, public_utility=public_utility)
        return rows[found] if found else None


class Dated(models.Model):
    """A row in force from a day to a day, or on and on."""

    class Meta:
        abstract = True

    def clean(self) -> None:
        # Before the database is asked about overlaps: a reversed period is an error to it.
        start, end = getattr(self, "valid_from", None), getattr(self, "valid_to", None)
        if start and end and end < start:
            raise ValidationError({"valid_to": "Ngày kết thúc phải từ ngày bắt đầu trở đi."})


@tracked()
class PriorityCategory(models.Model):
    """Nhóm ưu tiên: every project has exactly one at a time, so groups partition the plan."""

    code = models.SlugField("mã", max_length=40, unique=True)
    name = models.CharField("tên nhóm", max_length=120)
    order = models.PositiveSmallIntegerField("thứ tự", unique=True)
    source = models.CharField("nguồn", max_length=300, blank=True)

    class Meta:
        verbose_name = "nhóm ưu tiên"
        verbose_name_plural = "nhóm ưu tiên"
        ordering = ("order",)

    def __str__(self) -> str:
        return self.name


@tracked()
class Mark(models.Model):
    """Diện: a label projects may share. Marks filter; they never add up to a total."""

    code = models.SlugField("mã", max_length=40, unique=True)
    name = models.CharField("tên diện", max_length=120)
    source = models.CharField("nguồn", max_length=300, blank=True)

    class Meta:
        verbose_name = "diện"
        verbose_name_plural = "diện"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


@tracked()
class LandClass(Dated):
    """A land-use code of one circular; `group` decides the notice wait."""

    class Group(models.TextChoices):
        AGRI = "agri", "Nông nghiệp"
        NON_AGRI = "non_agri", "Phi nông nghiệp"
        NONE = "none", "Chưa sử dụng"

    code = models.CharField("mã loại đất", max_length=5)
    circular = models.CharField("thông tư", max_length=60)
    name = models.CharField("tên loại đất", max_length=120)
    group = models.CharField("nhóm", max_length=8, choices=Group.choices)
    residential = models.BooleanField("đất ở", default=False)
    sensitive = models.BooleanField("quốc phòng, an ninh", default=False)
    valid_from = models.DateField("có hiệu lực từ")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    source = models.CharField("nguồn", max_length=300)
    verified = models.BooleanField("đã đối chiếu văn bản", default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "loại đất"
        verbose_name_plural = "loại đất"
        ordering = ("code", "valid_from")
        constraints = [
            ends_after_start("landclass_ends_after_start"),
            no_overlap(
                "landclass_one_at_a_time",
                "code",
                message="Mã loại đất này đã có trong thời gian đó: kết thúc dòng cũ trước.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} – {self.name}"


@tracked()
class ObstacleCause(models.Model):
    """Nguyên nhân vướng mắc, as officers write it."""

    code = models.SlugField("mã", max_length=40, unique=True)
    name = models.CharField("nguyên nhân", max_length=160)
    order = models.PositiveSmallIntegerField("thứ tự", default=100)
    blocks_handover = models.BooleanField(
        "cản trở bàn giao",
        default=True,
        help_text="Thế chấp và tranh chấp không cản trở bàn giao; chỉ cản trở chi trả.",
    )
    source = models.CharField("nguồn", max_length=300, blank=True)

    class Meta:
        verbose_name = "nguyên nhân vướng mắc"
        verbose_name_plural = "nguyên nhân vướng mắc"
        ordering = ("order", "name")

    def __str__(self) -> str:
        return self.name


@tracked()
class Holiday(models.Model):
    """A day off by law, or a weekend day worked in exchange for one."""

    class Kind(models.TextChoices):
        OFF = "off", "Ngày nghỉ"
        MAKEUP = "makeup", "Ngày làm bù"

    on = models.DateField("ngày", unique=True)
    name = models.CharField("tên", max_length=120)
    kind = models.CharField("loại", max_length=6, choices=Kind.choices, default=Kind.OFF)
    tet = models.BooleanField("thuộc kỳ nghỉ Tết Nguyên đán", default=False)
    source = models.CharField("nguồn", max_length=300)
    confirmed = models.BooleanField("đã xác nhận theo văn bản", default=False)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = "ngày nghỉ, ngày làm bù"
        verbose_name_plural = "ngày nghỉ, ngày làm bù"
        ordering = ("on",)
        constraints = [
            models.CheckConstraint(
                name="holiday_tet_is_a_day_off",
                condition=Q(tet=False) | Q(kind="off"),
                violation_error_message="Ngày làm bù không thuộc kỳ nghỉ Tết.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y} {self.name}"

    def as_law(self) -> calendar.DayOff:
        return calendar.DayOff(
            on=self.on,
            name=self.name,
            makeup=self.kind == self.Kind.MAKEUP,
            tet=self.tet,
            confirmed=self.confirmed,
        )


@tracked()
class Rule(Dated):
    """One number of the law with its article and validity; versions of a code never overlap."""

    class Type(models.TextChoices):
        MIN_WAIT = "MIN_WAIT", "Thời gian chờ tối thiểu"
        MAX = "MAX", "Thời hạn tối đa"
        VALIDITY = "VALIDITY", "Thời hạn hiệu lực"
        BLACKOUT = "BLACKOUT", "Thời gian không được thực hiện"
        SUSPEND = "SUSPEND", "Tạm dừng tính thời hạn"
        RATE = "RATE", "Mức tính theo ngày"

    class Unit(models.TextChoices):
        DAY = "day", "ngày"
        WORKING_DAY = "working_day", "ngày làm việc"
        MONTH = "month", "tháng"
        PERCENT_A_DAY = "percent_a_day", "% mỗi ngày"

    class Bound(models.TextChoices):
        GE = "ge", "từ ngày thứ n (đủ n ngày)"
        GT = "gt", "sau ngày thứ n (quá n ngày)"

    class PickedBy(models.TextChoices):
        FROM = "from", "ngày bắt đầu tính"
        TO = "to", "ngày thực hiện việc bị điều chỉnh"

    code = models.CharField("mã quy định", max_length=40)
    value = models.DecimalField("giá trị", max_digits=9, decimal_places=4)
    unit = models.CharField("đơn vị", max_length=14, choices=Unit.choices)
    type = models.CharField("loại", max_length=10, choices=Type.choices)
    bound = models.CharField("cách tính", max_length=2, choices=Bound.choices, default=Bound.GE)
    from_event = models.CharField("tính từ", max_length=120, blank=True)
    to_event = models.CharField("điều chỉnh việc", max_length=120, blank=True)
    land_group = models.CharField(
        "nhóm đất", max_length=8, choices=LandClass.Group.choices, blank=True
    )
    remote = models.BooleanField("vùng sâu, vùng xa", default=False)
    valid_from = models.DateField("có hiệu lực từ")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    picked_by = models.CharField(
        "chọn theo", max_length=4, choices=PickedBy.choices, default=PickedBy.FROM
    )
    regime = models.CharField(
        "chế độ pháp lý",
        max_length=12,
        blank=True,
        help_text="R1, R2, R3, R4 cách nhau bằng dấu cách; để trống là mọi chế độ.",
    )
    article = models.CharField("điều khoản", max_length=200)
    source = models.CharField("nguồn", max_length=300)
    verified = models.BooleanField("đã đối chiếu văn bản", default=False)
    note = models.TextField("ghi chú", blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = "quy định về thời hạn"
        verbose_name_plural = "quy định về thời hạn"
        ordering = ("code", "valid_from")
        constraints = [
            models.CheckConstraint(
                name="rule_value_positive",
                condition=Q(value__gt=0) | Q(type="SUSPEND", value=0),
                violation_error_message="Giá trị phải lớn hơn 0.",
            ),
            models.CheckConstraint(
                name="rule_regime_known",
                condition=Q(regime="") | Q(regime__regex=r"^R[1-4]( R[1-4])*$"),
                violation_error_message="Chế độ pháp lý là R1 đến R4, cách nhau bằng dấu cách.",
            ),
            ends_after_start("rule_ends_after_start"),
            no_overlap(
                "rule_one_version_at_a_time",
                "code",
                message="Quy định này đã có phiên bản hiệu lực trong thời gian đó: "
                "kết thúc phiên bản cũ trước.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} từ {self.valid_from:%d/%m/%Y}"

    def as_law(self) -> rules.Rule:
        return rules.Rule(
            code=self.code,
            value=self.value,
            unit=rules.Unit(self.unit),
            type=rules.RuleType(self.type),
            bound=rules.Bound(self.bound),
            from_event=self.from_event,
            to_event=self.to_event,
            land_group=self.land_group,
            remote=self.remote,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            picked_by=self.picked_by,
            regime=self.regime,
            article=self.article,
            verified=self.verified,
            note=self.note,
        )


class MinimumPlotQuerySet(DatedQuerySet):
    def limits(self, on: dt.date) -> "dict[str, MinimumPlot]":
        """Return the row of each land use in force on a day."""
        return {row.use: row for row in self.valid(on).order_by("use", "valid_from")}


@tracked()
class MinimumPlot(Dated):
    """Diện tích tối thiểu của thửa: the province's own figure, entered by the administrator.

    None is delivered with the program, for no figure was read in a document. Where what remains
    of a parcel is smaller, its holder may ask for all of it to be recovered (Luật Đất đai 2024,
    khoản 7 Điều 91).
    """

    class Use(models.TextChoices):
        RESIDENTIAL = "residential", "Đất ở"
        AGRI = "agri", "Đất nông nghiệp"
        OTHER = "other", "Đất khác"

    use = models.CharField("loại đất", max_length=12, choices=Use.choices)
    area_m2 = models.DecimalField("diện tích tối thiểu (m²)", max_digits=9, decimal_places=2)
    valid_from = models.DateField("có hiệu lực từ")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    article = models.CharField("văn bản, điều khoản", max_length=200)
    source = models.CharField("nguồn", max_length=300, blank=True)
    verified = models.BooleanField("đã đối chiếu văn bản", default=False)

    objects = MinimumPlotQuerySet.as_manager()

    class Meta:
        verbose_name = "diện tích tối thiểu của thửa"
        verbose_name_plural = "diện tích tối thiểu của thửa"
        ordering = ("use", "valid_from")
        constraints = [
            models.CheckConstraint(
                name="minimumplot_positive",
                condition=Q(area_m2__gt=0),
                violation_error_message="Diện tích tối thiểu phải lớn hơn 0.",
            ),
            ends_after_start("minimumplot_ends_after_start"),
            no_overlap(
                "minimumplot_one_at_a_time",
                "use",
                message="Loại đất này đã có mức khác trong thời gian đó: kết thúc mức cũ trước.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()}: {self.area_m2} m²"


@tracked()
class DecidingAuthority(Dated):
    """Who approves plans and recovers land, dated; committee and chair are different bodies."""

    class Body(models.TextChoices):
        PROVINCE_COMMITTEE = "province_committee", "UBND cấp tỉnh"
        PROVINCE_CHAIR = "province_chair", "Chủ tịch UBND cấp tỉnh"
        DISTRICT_COMMITTEE = "district_committee", "UBND cấp huyện"
        DISTRICT_CHAIR = "district_chair", "Chủ tịch UBND cấp huyện"
        COMMUNE_COMMITTEE = "commune_committee", "UBND cấp xã"
        COMMUNE_CHAIR = "commune_chair", "Chủ tịch UBND cấp xã"

    class Holder(models.TextChoices):
        HOUSEHOLD = "household", "Hộ gia đình, cá nhân, cộng đồng dân cư"
        ORGANISATION = "organisation", "Tổ chức"
        RELIGIOUS = "religious", "Cơ sở tôn giáo"
        MIXED = "mixed", "Khu vực có cả hai nhóm"

    body = models.CharField("cơ quan quyết định", max_length=20, choices=Body.choices)
    holder = models.CharField(
        "người có đất",
        max_length=12,
        choices=Holder.choices,
        blank=True,
        help_text="Để trống là mọi đối tượng.",
    )
    public_utility = models.BooleanField("đất công ích của xã", default=False)
    delegation = models.CharField(
        "văn bản ủy quyền, phân cấp",
        max_length=200,
        blank=True,
        help_text="Số, ngày, cơ quan ban hành; để trống là thẩm quyền theo luật.",
    )
    valid_from = models.DateField("có hiệu lực từ")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    article = models.CharField("điều khoản", max_length=200)
    source = models.CharField("nguồn", max_length=300)
    verified = models.BooleanField("đã đối chiếu văn bản", default=False)
    note = models.TextField("ghi chú", blank=True)

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        verbose_name = "thẩm quyền quyết định"
        verbose_name_plural = "thẩm quyền quyết định"
        ordering = ("valid_from", "holder")
        constraints = [
            ends_after_start("authority_ends_after_start"),
            no_overlap(
                "authority_one_at_a_time",
                "holder",
                "public_utility",
                "delegation",
                message="Đã có cơ quan quyết định cho đối tượng này trong thời gian đó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_body_display()} từ {self.valid_from:%d/%m/%Y}"

    def as_law(self) -> authority.Authority:
        return authority.Authority(
            body=authority.Body(self.body),
            holder=authority.Holder(self.holder) if self.holder else None,
            public_utility=self.public_utility,
            delegation=self.delegation,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            article=self.article,
            verified=self.verified,
            note=self.note,
        )


@tracked()
class RemoteUnit(Dated):
    """A commune that a document counts as "vùng sâu, vùng xa": longer complaint clocks."""

    unit_code = models.CharField("mã đơn vị hành chính", max_length=10)
    name = models.CharField("tên", max_length=120)
    document = models.CharField("văn bản công nhận", max_length=200)
    valid_from = models.DateField("có hiệu lực từ")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "xã vùng sâu, vùng xa"
        verbose_name_plural = "xã vùng sâu, vùng xa"
        ordering = ("unit_code", "valid_from")
        constraints = [
            ends_after_start("remoteunit_ends_after_start"),
            no_overlap(
                "remoteunit_once_at_a_time",
                "unit_code",
                message="Xã này đã có trong danh sách vào thời gian đó.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.unit_code})"


@tracked()
class ReadinessTemplate(models.Model):
    """A legal paper that projects of a kind need before recovery; copied to each project."""

    code = models.SlugField("mã", max_length=40)
    kind = models.CharField(
        "loại dự án", max_length=40, blank=True, help_text="Để trống là mọi loại dự án."
    )
    name = models.CharField("thủ tục", max_length=200)
    order = models.PositiveSmallIntegerField("thứ tự", default=100)
    article = models.CharField("điều khoản", max_length=200, blank=True)
    source = models.CharField("nguồn", max_length=300)
    verified = models.BooleanField("đã đối chiếu văn bản", default=False)

    class Meta:
        verbose_name = "mẫu thủ tục pháp lý"
        verbose_name_plural = "mẫu thủ tục pháp lý"
        ordering = ("order", "code")
        constraints = [
            models.UniqueConstraint(
                fields=("code", "kind"),
                name="readinesstemplate_once_a_kind",
                violation_error_message="Thủ tục này đã có cho loại dự án đó.",
            )
        ]

    def __str__(self) -> str:
        return self.name
