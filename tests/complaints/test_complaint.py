"""A complaint's moves by the table, its clocks, what "settled" means, and joining."""

import datetime as dt
from contextlib import contextmanager

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from gpmb.complaints import process
from gpmb.complaints.duplicates import proposals
from gpmb.complaints.models import (
    Complaint,
    ComplaintCase,
    ComplaintEvent,
    ComplaintParcel,
    ComplaintParty,
    MoveRefusedError,
)
from gpmb.complaints.monthly import monthly, total
from gpmb.reference.models import RemoteUnit
from tests import complaining
from tests.factories import (
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    DocumentFactory,
    ParcelFactory,
    PartyFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def letter(serial="1", **fields):
    return complaining.letter(serial, **({"received_on": dt.date(2023, 1, 9)} | fields))


def walk(complaint, *moves):
    for to, on, *rest in moves:
        extra = rest[0] if rest else {}
        complaint.move(to, on=dt.date.fromisoformat(on), by=None, **extra)
    return complaint


def decided():
    return {"document": DocumentFactory(effective_on=dt.date(2023, 2, 10)), "result": "right"}


TO_DECISION = (
    ("classified", "2023-01-10"),
    ("accepted", "2023-01-12"),
    ("verifying", "2023-01-15"),
)


def test_every_status_but_the_first_is_reached_and_every_end_has_a_way_there():
    reached = {move.target for move in process.MOVES}
    assert reached == set(Complaint.Status.values) - {"received"}
    for kind in Complaint.Kind.values:
        seen, front = set(), {"received"}
        while front:
            seen |= front
            front = {m.target for s in front for m in process.moves_from(s, kind)} - seen
        assert "closed" in seen


def test_a_complaint_walks_to_its_end_and_the_log_tells():
    c = walk(
        letter(),
        *TO_DECISION,
        ("decided", "2023-02-10", decided()),
        ("implemented", "2023-03-01"),
        ("closed", "2023-03-02"),
    )
    assert (c.accepted_on, c.answered_on) == (dt.date(2023, 1, 12), dt.date(2023, 2, 10))
    assert (c.implemented_on, c.closed_on) == (dt.date(2023, 3, 1), dt.date(2023, 3, 2))
    assert (c.result, c.status) == ("right", "closed")
    assert list(c.events.order_by("id").values_list("status", flat=True))[-1] == "closed"


def test_a_move_the_table_does_not_have_is_refused_and_says_what_can_be_done():
    c = letter()
    with pytest.raises(MoveRefusedError, match="Phân loại"):
        c.move("decided", on=TODAY, by=None)
    assert not ComplaintEvent.objects.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"result": "right"}, "văn bản"),
        ({"document": "yes"}, "kết quả"),
    ],
)
def test_a_decision_needs_its_document_and_its_result(given, message):
    c = walk(letter(), *TO_DECISION)
    if "document" in given:
        given = {"document": DocumentFactory()}
    with pytest.raises(MoveRefusedError, match=message):
        c.move("decided", on=dt.date(2023, 2, 1), by=None, **given)


def test_a_refusal_needs_its_reason():
    c = walk(letter(), ("classified", "2023-01-10"))
    with pytest.raises(MoveRefusedError, match="lý do"):
        c.move("not_accepted", on=dt.date(2023, 1, 12), by=None, note=" ")


def test_a_day_before_the_last_status_is_refused():
    c = walk(letter(), ("classified", "2023-01-10"))
    with pytest.raises(MoveRefusedError, match="10/01/2023"):
        c.move("accepted", on=dt.date(2023, 1, 9), by=None)


def test_clocks_run_from_receipt_and_acceptance_by_the_rule_rows():
    call_command("load_reference", verbosity=0)
    c = walk(letter(), *TO_DECISION[:2])
    accept, settle = c.clocks()
    assert accept.start == dt.date(2023, 1, 9)
    assert accept.done_on == dt.date(2023, 1, 12)
    assert settle.due_on == c.due_on
    # 30 days from 12/01/2023; 11/02 is a Saturday.
    assert c.due_on == dt.date(2023, 2, 13)
    assert settle.late_days(dt.date(2023, 2, 15)) == 2
    c.is_complex = True
    assert c.clocks()[1].due_on > settle.due_on


def test_a_suspension_lengthens_the_clock_by_its_days():
    call_command("load_reference", verbosity=0)
    c = walk(
        letter(),
        *TO_DECISION,
        ("suspended", "2023-01-20", {"note": "chờ kết quả đo đạc"}),
    )
    assert c.clocks()[1].due_on is None
    assert c.clocks()[1].stopped == "chờ kết quả đo đạc"
    walk(c, ("verifying", "2023-01-30"))
    assert c.due_on == dt.date(2023, 2, 21)


def test_a_petition_has_no_clock():
    call_command("load_reference", verbosity=0)
    assert letter(kind="petition").clocks() == []


def test_the_second_complaint_raises_the_level_and_begins_anew():
    call_command("load_reference", verbosity=0)
    c = walk(letter(), *TO_DECISION, ("decided", "2023-02-10", decided()))
    walk(c, ("accepted", "2023-03-01"))
    assert (c.level, c.answered_on, c.result) == (2, None, "")
    assert c.due_on == dt.date(2023, 4, 17)  # 45 days; 15/04 is a Saturday
    assert c.clocks()[1].rule_code == "COMPLAINT_2"


def test_a_matter_that_comes_back_is_reopened_with_a_reason():
    c = walk(
        letter(),
        *TO_DECISION,
        ("decided", "2023-02-10", decided()),
        ("implemented", "2023-03-01"),
        ("closed", "2023-03-02"),
        ("verifying", "2023-04-01", {"note": "có tình tiết mới"}),
    )
    assert (c.closed_on, c.answered_on, c.implemented_on) == (None, None, None)
    assert Complaint.objects.open(on=TODAY).get() == c


def test_an_answer_without_a_decision_in_force_settles_nothing():
    fields = {"answered_on": dt.date(2022, 3, 1), "implemented_on": dt.date(2022, 4, 1)}
    c = letter(received_on=dt.date(2022, 1, 9), **fields)
    assert not c.settled(on=TODAY)
    c.document = DocumentFactory(signed_on=dt.date(2022, 3, 1), effective_on=None)
    c.save()
    assert c.settled(on=TODAY)
    c.document.effective_on = dt.date(2023, 12, 1)
    c.document.save()
    assert not c.settled(on=TODAY)


def test_answered_carried_out_and_settled_are_three_things():
    rows = Complaint.objects
    c = walk(letter(), *TO_DECISION, ("decided", "2023-02-10", decided()))
    assert rows.answered(on=TODAY).count() == 1
    assert rows.carried_out(on=TODAY).count() == 0
    walk(c, ("implemented", "2023-03-01"))
    assert rows.carried_out(on=TODAY).count() == 1
    assert not c.settled(on=TODAY)
    assert c.settled(on=dt.date(2023, 9, 1))
    letter("2", repeats=c, received_on=dt.date(2023, 5, 5))
    assert not c.settled(on=dt.date(2023, 9, 1))


def test_a_decision_not_yet_in_force_settles_nothing():
    c = walk(
        letter(), *TO_DECISION, ("decided", "2023-02-10", decided()), ("implemented", "2023-02-11")
    )
    c.document.effective_on = dt.date(2024, 1, 1)
    c.document.save()
    assert not c.settled(on=dt.date(2023, 9, 1))


def test_late_answers_are_overdue_until_given():
    call_command("load_reference", verbosity=0)
    c = walk(letter(), *TO_DECISION)
    assert list(Complaint.objects.overdue(on=dt.date(2023, 3, 1))) == [c]
    assert not Complaint.objects.overdue(on=dt.date(2023, 2, 13))
    walk(c, ("decided", "2023-02-20", decided()))
    assert not Complaint.objects.overdue(on=dt.date(2023, 3, 1))


def test_collective_begins_at_five_with_two_or_five_representatives():
    assert [letter(str(n), people_count=n).collective for n in (4, 5)] == [False, True]
    limits = [Complaint(people_count=n).most_representatives for n in (1, 5, 10, 11)]
    assert limits == [1, 2, 2, 5]


# Denunciations


def test_a_denunciation_moves_without_paper_result_or_note():
    c = letter(kind="denunciation")
    walk(c, *TO_DECISION)
    with pytest.raises(MoveRefusedError, match="Tố cáo"):
        c.move("decided", on=dt.date(2023, 2, 1), by=None, **decided())
    walk(c, ("decided", "2023-02-10"))
    assert c.document is None


def test_a_denunciation_can_hold_no_person_and_no_place(db):
    c = letter(kind="denunciation")
    with pytest.raises(IntegrityError), transaction.atomic():
        ComplaintParty.objects.create(complaint=c, party=PartyFactory())
    with pytest.raises(IntegrityError), committed():
        Complaint.objects.filter(pk=c.pk).update(project=ProjectFactory())


def test_a_denunciation_has_its_clocks():
    call_command("load_reference", verbosity=0)
    c = walk(letter(kind="denunciation"), *TO_DECISION)
    assert [clock.rule_code for clock in c.clocks()] == ["DENUNCIATION_ACCEPT", "DENUNCIATION"]


# Joining and duplicates


def test_joined_letters_point_to_the_first_and_count_once():
    first, second, third = (letter(str(n)) for n in range(3))
    third.join(second)
    second.join(first)
    third.refresh_from_db()
    assert third.repeats == first
    assert list(Complaint.objects.counted()) == [first]


@pytest.mark.parametrize("pair", [("a", "a"), ("b", "a"), ("d", "a"), ("a", "d")])
def test_what_cannot_be_joined_is_refused(pair):
    rows = {
        "a": letter("a", received_on=dt.date(2023, 2, 1)),
        "b": letter("b", received_on=dt.date(2023, 1, 1)),
        "d": letter("d", kind="denunciation", received_on=dt.date(2023, 3, 1)),
    }
    with pytest.raises(MoveRefusedError):
        rows[pair[0]].join(rows[pair[1]])


def reasons(complaint):
    found = proposals(complaint, Complaint.objects.all())
    return {p.complaint.serial: set(p.reasons) for p in found}


def test_duplicates_are_proposed_by_people_case_parcel_text_and_place():
    case = CaseFactory()
    parcel = case.takings.get().parcel
    point = parcel.boundary.centroid
    text = "Đề nghị xem lại đơn giá bồi thường đất trồng lúa"
    letter("people", cases=[CaseFactory(party=case.parties.get())])
    letter("case", cases=[case])
    letter("parcel", parcels=[parcel])
    letter("text", content=text + " năm 2023", project=case.project)
    letter("near", location=Point(point.x + 60, point.y, srid=point.srid), topic="price")
    letter("far", location=Point(point.x + 900, point.y, srid=point.srid), topic="price")
    letter("other", topic="asset", project=ProjectFactory(), content="Thiếu cây")
    letter("denunciation", kind="denunciation")
    new = letter(
        "new", received_on=dt.date(2023, 2, 1), cases=[case], parcels=[parcel],
        content=text, topic="price",
    )  # fmt: skip
    found = reasons(new)
    assert set(found) == {"people", "case", "parcel", "text", "near"}
    assert found["people"] == {"cùng người"}
    assert found["case"] == {"cùng người", "cùng hồ sơ", "cùng thửa đất"}
    assert found["text"] == {"nội dung giống nhau"}
    assert found["near"] == {"gần nhau, cùng nội dung, cùng thời gian"}


def test_later_letters_and_joined_ones_are_not_proposed():
    case = CaseFactory()
    first = letter("1", cases=[case])
    letter("2", cases=[case], repeats=first)
    letter("3", cases=[case], received_on=dt.date(2023, 5, 1))
    new = letter("4", cases=[case], received_on=dt.date(2023, 4, 1))
    assert set(reasons(new)) == {"1"}
    new.join(first)
    assert reasons(new) == {}
    assert reasons(letter("5", kind="denunciation")) == {}


# Cases and parcels


@contextmanager
def committed():
    """Check what is otherwise checked at commit."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_case_of_another_project_is_refused_by_the_database():
    c = letter(project=ProjectFactory())
    with pytest.raises(IntegrityError), committed():
        c.name_land([CaseFactory()], [])
    c.name_land([CaseFactory(project=c.project)], [])
    with pytest.raises(IntegrityError), committed():
        Complaint.objects.filter(pk=c.pk).update(project=ProjectFactory())


def test_the_same_case_or_parcel_is_named_once():
    case = CaseFactory()
    parcel = case.takings.get().parcel
    c = letter(cases=[case], parcels=[parcel])
    c.name_land([case], [parcel])
    assert (c.cases.count(), c.parcels.count()) == (1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        ComplaintCase.objects.create(complaint=c, case=case, project=case.project)
    with pytest.raises(IntegrityError), transaction.atomic():
        ComplaintParcel.objects.create(complaint=c, parcel=parcel)


def test_a_denunciation_has_no_land_and_a_letter_with_land_becomes_none():
    case = CaseFactory()
    parcel = case.takings.get().parcel
    plain = letter("D", kind="denunciation")
    with pytest.raises(IntegrityError), transaction.atomic():
        plain.name_land([], [parcel])
    with pytest.raises(IntegrityError), committed():
        plain.name_land([case], [])
    with pytest.raises(MoveRefusedError, match="Tố cáo"):
        plain.concern(project=None, cases=[], parcels=[], location=None)
    c = letter(parcels=[parcel])
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=c.pk).update(kind="denunciation")


def test_the_term_is_the_remote_one_when_any_of_the_land_is_remote():
    call_command("load_reference", verbosity=0)
    far = AdministrativeUnitFactory(code="06757")
    RemoteUnit.objects.create(unit_code=far.code, valid_from=dt.date(2020, 1, 1))
    case = CaseFactory()
    near = case.takings.get().parcel
    c = letter(project=case.project, parcels=[near], accepted_on=dt.date(2023, 1, 12))
    short = c.clocks()[-1].due_on
    c.concern(
        project=case.project,
        cases=[case],
        parcels=[near, ParcelFactory(unit=far)],
        location=None,
    )
    assert c.clocks()[-1].due_on > short
    assert c.due_on == c.clocks()[-1].due_on
    assert c.version == 1


# The month's table


def test_the_months_stand_beside_the_same_days_of_a_year_before():
    letter("1", people_count=6)
    letter("2", kind="denunciation")
    letter("3", received_on=dt.date(2022, 1, 5))
    letter("4", received_on=dt.date(2022, 6, 29))
    letter("5", received_on=dt.date(2022, 7, 2))
    c = letter("6", received_on=dt.date(2023, 6, 1), due_on=dt.date(2023, 6, 10))
    Complaint.objects.filter(pk=c.pk).update(answered_on=dt.date(2023, 6, 12))
    rows = monthly(Complaint.objects.all(), year=2023, on=TODAY)
    assert len(rows) == 6
    january, june = rows[0], rows[5]
    assert (january.now["received"], january.before["received"]) == (2, 1)
    assert (january.now["denunciations"], january.now["collective"]) == (1, 1)
    assert (june.now["late"], june.now["in_time"], june.before["received"]) == (1, 0, 1)
    assert total(rows).now["received"] == 3
    assert total(rows).before["received"] == 2


# Who reads


def test_the_petition_officer_reads_all_others_their_own_or_nothing():
    officer, other = UserFactory(), UserFactory()
    case = CaseFactory(project=ProjectFactory(officers=[officer]))
    letter("1", cases=[case])
    letter("2", kind="denunciation")
    letter("3", cases=[case], confidential=True)
    seen = {
        name: set(Complaint.objects.visible_to(user, on=TODAY).values_list("serial", flat=True))
        for name, user in {
            "petitions": UserFactory(petitions=True),
            "officer": officer,
            "other": other,
            "leader": UserFactory(leader=True),
            "finance": UserFactory(finance=True),
            "viewer": UserFactory(viewer=True),
            "administrator": UserFactory(administrator=True),
        }.items()
    }
    assert seen.pop("petitions") == {"1", "2", "3"}
    assert seen.pop("officer") == {"1"}
    assert set().union(*seen.values()) == set()
