"""Work that a page orders and a process of its own does: how far it is, where its file lies."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from gpmb.accounts.models import User
from gpmb.refs import encode

KEPT_DAYS = 7


class Run(models.Model):
    """An order of papers; its row stays, its file for `KEPT_DAYS`.

    A model of its own gives `ref` and the suffix of its file.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Đang chờ"
        WRITING = "writing", "Đang soạn"
        CONVERTING = "converting", "Đang chuyển sang PDF"
        DONE = "done", "Xong"
        FAILED = "failed", "Không xong"

    by = models.ForeignKey(User, models.PROTECT, verbose_name="người soạn")
    at = models.DateTimeField("lúc", db_default=Now())
    on = models.DateField("số liệu đến ngày")
    total = models.PositiveIntegerField("số bản")
    done = models.PositiveIntegerField("đã soạn", default=0)
    state = models.CharField("tình trạng", max_length=10, choices=State, default=State.WAITING)
    problem = models.CharField("lỗi", max_length=300, blank=True)
    moved_at = models.DateTimeField("cập nhật lúc", db_default=Now())

    class Meta:
        abstract = True

    ref: int

    @property
    def suffix(self) -> str:
        """What the name of the file ends with."""
        raise NotImplementedError

    @property
    def path(self) -> Path:
        """Where the outcome lies: outside the backup, for it may hold personal data."""
        return Path(settings.LETTERS_ROOT) / f"{encode(self.ref)}.{self.suffix}"

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total

    @property
    def ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)

    def tell(self, state: str, *, done: int | None = None, problem: str = "") -> None:
        """Say how far the run is; the page asks every second."""
        self.state, self.problem = state, problem[:300]
        self.done = self.done if done is None else done
        type(self)._default_manager.filter(pk=self.pk).update(
            state=self.state, done=self.done, problem=self.problem, moved_at=Now()
        )
