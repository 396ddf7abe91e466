"""Resettlement first: plots against needs, who waits for which site, who lost land before a home.

Judged by the law of each case. Under the 2013 law (art. 85.3) a household that waits for a plot is
told of, not a violation: only the site's housing or infrastructure had to be ready. From the 2024
law on (art. 91.6, 87.5) the household is to be resettled before its land is recovered.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, Project
from gpmb.law.regimes import Facts, Regime, regime_of
from gpmb.resettlement.models import Allocation, Plot, Site

NEEDS = ("plot", "house")


@dataclass
class Need:
    """Plots a project's households are entitled to, and how many they have."""

    project: Project
    households: int = 0
    plots: int = 0
    given: int = 0
    waiting_cases: int = 0
    recovered_waiting: int = 0
    violations: int = 0

    @property
    def short(self) -> int:
        return max(self.plots - self.given, 0)


@dataclass
class Stock:
    """A site: its plots, those free and ready, and the projects that wait for it."""

    site: Site
    total: int
    free: int
    given: int
    waiting: list[Need] = field(default_factory=list)

    @property
    def wanted(self) -> int:
        return sum(need.short for need in self.waiting)

    @property
    def missing(self) -> int:
        """Plots that are still wanted when every free one is given."""
        return max(self.wanted - self.free, 0)


@dataclass(frozen=True)
class Balance:
    """Sites with who waits for them, every project's need, and needs without a site."""

    sites: list[Stock]
    needs: list[Need]
    without_site: list[Need]

    @property
    def plots(self) -> int:
        return sum(need.plots for need in self.needs)

    @property
    def given(self) -> int:
        return sum(need.given for need in self.needs)

    @property
    def short(self) -> int:
        return sum(need.short for need in self.needs)


def balance(user: User, *, on: dt.date, projects: Any = None) -> Balance:
    """Weigh plots against needs as of a day, for the projects `user` may see.

    `projects` (primary keys) narrows it to them and the sites that serve them.
    """
    visible = Project.objects.visible_to(user)
    if projects is not None:
        visible = visible.filter(pk__in=projects)
    needs = _needs(visible, on)
    sites = _sites(needs, on, projects)
    served = {need.project.pk for stock in sites for need in stock.waiting}
    rows = sorted(needs.values(), key=lambda need: (-need.short, need.project.code))
    return Balance(
        sites=sites,
        needs=rows,
        without_site=[need for need in rows if need.short and need.project.pk not in served],
    )


def _needs(projects: Any, on: dt.date) -> dict[int, Need]:
    live = Allocation.objects.live(on=on).filter(case=OuterRef("pk"))
    cases: Any = (
        Case.objects.live(on=on)
        .filter(project__in=projects, resettlement_need__in=NEEDS)
        .select_related("project")
        .annotate(given=Count("allocations", filter=_live(on), distinct=True), placed=Exists(live))
    )
    needs: dict[int, Need] = {}
    for case in cases:
        need = needs.setdefault(case.project_id, Need(case.project))
        plots = max(case.entitled_plots, 1)
        need.households += 1
        need.plots += plots
        need.given += min(case.given, plots)
        resettled = case.placed or (case.resettled_on is not None and case.resettled_on <= on)
        if resettled:
            continue
        need.waiting_cases += 1
        recovered = _recovered_on(case)
        if recovered is not None and recovered <= on:
            need.recovered_waiting += 1
            need.violations += regime_at(case, recovered) != Regime.R1
    return needs


def _live(on: dt.date) -> Q:
    return Q(allocations__allocated_on__lte=on) & (
        Q(allocations__released_on__isnull=True) | Q(allocations__released_on__gt=on)
    )


def _recovered_on(case: Case) -> dt.date | None:
    """The day of the recovery decision: under the 2013 law that of the approval itself."""
    if case.recovery_on is not None:
        return case.recovery_on
    if case.approval_on and regime_at(case, case.approval_on) == Regime.R1:
        return case.approval_on
    return None


def regime_at(case: Case, on: dt.date) -> Regime:
    facts = Facts(
        notice_on=case.notice_on,
        approval_on=case.approval_on,
        recovery_on=case.recovery_on,
        override=Regime(case.regime_override) if case.regime_override else None,
    )
    return regime_of(facts, on)


def _sites(needs: dict[int, Need], on: dt.date, projects: Any = None) -> list[Stock]:
    """The sites with their plots as of a day; of some projects only, those that serve them."""
    through = Site.projects.through.objects.filter(site=OuterRef("pk")).order_by("project")
    rows: Any = (
        Site.objects.select_related("unit")
        .annotate(served=ArraySubquery(through.values("project")))
        .order_by("code")
    )
    if projects is not None:
        serving = Site.projects.through.objects.filter(project__in=projects)
        rows = rows.filter(pk__in=serving.values("site"))
    taken = Allocation.objects.live(on=on).filter(plot=OuterRef("pk"))
    plots: Any = Plot.objects.filter(site__in=rows.order_by().values("pk")).annotate(
        taken=Exists(taken)
    )
    ready = Q(taken=False, status__in=("available", "reserved"))
    stock = {
        row["site"]: row
        for row in plots.order_by()
        .values("site")
        .annotate(
            total=Count("pk"),
            given=Count("pk", filter=Q(taken=True)),
            free=Count("pk", filter=ready),
        )
    }
    found = []
    for site in rows:
        numbers = stock.get(site.pk, {"total": 0, "given": 0, "free": 0})
        waiting = [needs[key] for key in site.served if key in needs and needs[key].short]
        found.append(
            Stock(
                site=site,
                total=numbers["total"],
                free=numbers["free"],
                given=numbers["given"],
                waiting=sorted(waiting, key=lambda need: -need.short),
            )
        )
    return found
