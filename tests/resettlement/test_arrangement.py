"""Resettlement: moves by a table, waits by rule rows, plots guarded by the database."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from gpmb.reference.loading import load
from gpmb.resettlement import process
from gpmb.resettlement.models import (
    Allocation,
    AllocationRefused,
    Arrangement,
    ArrangementRefused,
    Draw,
    DrawEntry,
    DrawRefused,
    Plot,
    TemporaryHousing,
)
from tests.factories import (
    TODAY,
    ArrangementFactory,
    CaseFactory,
    DocumentFactory,
    SiteFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 4, 1)


def sql(text, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, values)


@pytest.fixture
def approved():
    """A household with an approved arrangement for one plot, and a site of three."""
    arrangement = ArrangementFactory(at="approved")
    arrangement.site = SiteFactory(serves=[arrangement.case.project], ready=3)
    return arrangement


def plots_of(arrangement):
    return list(arrangement.site.plots.order_by("number"))


@pytest.mark.parametrize("status", Arrangement.Status.values)
@pytest.mark.parametrize("target", Arrangement.Status.values)
def test_only_the_table_s_moves_pass(status, target):
    if process.find(status, target, "plot"):
        return
    arrangement = ArrangementFactory()
    sql(
        "UPDATE resettlement_arrangement SET status = %s, ground = 'residential',"
        " approved_on = '2023-01-01', document_id = %s WHERE id = %s",
        status,
        DocumentFactory().pk,
        arrangement.pk,
    )
    with pytest.raises(ArrangementRefused, match="không chuyển sang"):
        arrangement.move(target, on=TODAY, by=None)


def test_every_form_reaches_the_new_home():
    for form in process.ALL:
        seen, todo = set(), {"surveyed"}
        while todo:
            status = todo.pop()
            seen.add(status)
            nexts = {m.target for m in process.MOVES if m.source == status and form in m.forms}
            todo |= nexts - seen
        assert "moved" in seen, form


def test_a_registration_asks_the_law_anew():
    arrangement = ArrangementFactory(case=CaseFactory(at="payment"))
    case = arrangement.case
    alone = case.next_step
    arrangement.move("registered", on=TODAY, by=None, form="plot")
    case.refresh_from_db()
    assert (alone, case.next_step) == ("handover", "resettlement")


def test_registration_writes_the_form_and_eligibility_the_plots_where_the_law_reads_them():
    arrangement = ArrangementFactory(at="eligible", at__form="plot", at__plots=2)
    arrangement.case.refresh_from_db()
    assert (arrangement.case.resettlement_need, arrangement.case.entitled_plots) == ("plot", 2)
    alone = ArrangementFactory(at="eligible", at__form="self")
    alone.case.refresh_from_db()
    assert alone.case.entitled_plots == 0


def test_under_the_2024_law_an_arrangement_is_posted_for_15_days():
    load()
    arrangement = ArrangementFactory(at="eligible")
    posted = dt.date(2024, 9, 2)
    arrangement.move("posted", on=posted, by=None)
    paper = DocumentFactory(signed_on=posted)
    early = posted + dt.timedelta(days=14)
    with pytest.raises(ArrangementRefused, match=r"đủ 15 ngày \(khoản 1 Điều 111"):
        arrangement.move("approved", on=early, by=None, document=paper)
    arrangement.move("approved", on=early + dt.timedelta(days=1), by=None, document=paper)


def test_the_last_plot_handed_over_settles_the_household_and_its_case(approved):
    plot = plots_of(approved)[0]
    allocation = approved.give(plot, on=DAY, by=None, document=DocumentFactory())
    assert approved.status == "allocated"
    approved.hand_over(allocation, on=DAY + dt.timedelta(days=9), by=None, document=None)
    approved.refresh_from_db()
    plot.refresh_from_db()
    approved.case.refresh_from_db()
    assert (approved.status, plot.status) == ("settled", "handed_over")
    assert approved.case.resettled_on == DAY + dt.timedelta(days=9)


def test_a_released_plot_returns_to_the_stock_and_the_row_stays(approved):
    plot = plots_of(approved)[0]
    allocation = approved.give(plot, on=DAY, by=None, document=None)
    with pytest.raises(AllocationRefused, match="lý do"):
        approved.take_back(allocation, on=DAY, by=None, reason="")
    approved.take_back(allocation, on=DAY, by=None, reason="hộ xin đổi")
    plot.refresh_from_db()
    assert (plot.status, approved.status) == ("available", "approved")
    assert Allocation.objects.get().released_reason == "hộ xin đổi"


def test_one_plot_can_t_go_to_two_households(approved):
    plot = plots_of(approved)[0]
    approved.give(plot, on=DAY, by=None, document=None)
    other = CaseFactory(project=approved.case.project, entitled_plots=1)
    with pytest.raises(AllocationRefused, match="chọn lô sẵn sàng"):
        plot.allocate(other, on=DAY, document=None)
    with pytest.raises(IntegrityError, match="allocation_plot_once"):
        sql(INSERT, other.pk, plot.pk)


INSERT = """
    INSERT INTO resettlement_allocation (case_id, plot_id, allocated_on, released_reason, version)
    VALUES (%s, %s, '2023-04-01', '', 0)"""


def test_a_case_can_t_get_more_than_its_entitlement(approved):
    first, second, _ = plots_of(approved)
    sql(INSERT, approved.case_id, first.pk)
    with pytest.raises(IntegrityError, match="đủ số lô"):
        sql(INSERT, approved.case_id, second.pk)
    with pytest.raises(IntegrityError, match="thấp hơn số lô"):
        sql("UPDATE clearance_case SET entitled_plots = 0 WHERE id = %s", approved.case_id)


def test_a_site_gives_plots_only_to_the_projects_it_serves(approved):
    plot = plots_of(approved)[0]
    stranger = CaseFactory(entitled_plots=1)
    with pytest.raises(IntegrityError, match="không phục vụ dự án"):
        sql(INSERT, stranger.pk, plot.pk)
    approved.site.projects.add(stranger.project)
    sql(INSERT, stranger.pk, plot.pk)


def test_a_plot_moves_by_the_table():
    plot = SiteFactory(ready=1).plots.get()
    plot.move("reserved")
    with pytest.raises(AllocationRefused, match="không chuyển sang"):
        plot.move("surplus")
    plot.move("available")
    plot.move("surplus")
    with pytest.raises(AllocationRefused, match="chọn lô sẵn sàng"):
        plot.allocate(CaseFactory(entitled_plots=1), on=DAY, document=None)


def test_temporary_housing_counts_the_months_begun():
    stay = TemporaryHousing(from_on=dt.date(2023, 1, 15), monthly_vnd=2_000_000)
    assert stay.months(on=dt.date(2023, 1, 15)) == 1
    assert stay.months(on=dt.date(2023, 2, 14)) == 1
    assert stay.amount_vnd(on=dt.date(2023, 2, 15)) == 4_000_000
    stay.to_on = dt.date(2023, 2, 20)
    assert stay.months(on=TODAY) == 2


@pytest.fixture
def draw(approved):
    """Two households draw from three plots."""
    other = ArrangementFactory(at="approved", case__project=approved.case.project)
    made = Draw.objects.create(site=approved.site, on=DAY, place="UBND", witnesses="MTTQ phường")
    made.plots.set(approved.site.plots.all())
    for order, row in enumerate((approved, other), 1):
        DrawEntry.objects.create(draw=made, case=row.case, order=order)
    return made


def test_a_draw_records_results_swaps_and_gives_the_plots(draw):
    one, two = draw.entries.order_by("order")
    first, second, _ = draw.plots.order_by("number")
    draw.record({one.pk: (True, first), two.pk: (True, second)})
    one, two = draw.entries.select_related("plot").order_by("order")
    draw.swap(one, two, on=DAY, reason="hai hộ thỏa thuận")
    assert draw.close(document=DocumentFactory(), by=None) == 2
    given = {a.case_id: a.plot_id for a in Allocation.objects.all()}
    assert given == {one.case_id: second.pk, two.case_id: first.pk}
    assert Plot.objects.filter(status="allocated").count() == 2
    with pytest.raises(DrawRefused, match="đã chốt"):
        draw.record({})


def test_an_absent_household_draws_nothing_and_still_waits(draw):
    one, two = draw.entries.order_by("order")
    plot = draw.plots.first()
    with pytest.raises(DrawRefused, match="vắng mặt"):
        draw.record({one.pk: (False, plot)})
    draw.record({one.pk: (False, None), two.pk: (True, plot)})
    draw.close(document=DocumentFactory(), by=None)
    assert not one.case.allocations.exists()
    assert one.case.arrangement.status == "approved"


def test_a_plot_is_drawn_once_and_only_from_the_draw(draw):
    one, two = draw.entries.order_by("order")
    plot = draw.plots.first()
    with pytest.raises(DrawRefused, match="hai hộ"):
        draw.record({one.pk: (True, plot), two.pk: (True, plot)})
    foreign = SiteFactory(ready=1).plots.get()
    with pytest.raises(IntegrityError, match="không có trong cuộc bốc thăm"), transaction.atomic():
        draw.record({one.pk: (True, foreign)})
    sql("UPDATE resettlement_drawentry SET plot_id = %s WHERE id = %s", plot.pk, one.pk)
    with pytest.raises(IntegrityError, match="drawentry_plot_once"):
        sql("UPDATE resettlement_drawentry SET plot_id = %s WHERE id = %s", plot.pk, two.pk)
