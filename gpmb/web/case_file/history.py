"""What changed in every field of a case and what belongs to it: who, when, before, after, why."""

from django.db.models import Model, Q

from gpmb.clearance.models import Case, CaseParty, Obstacle, Taking
from gpmb.compensation.models import Invitation, Payment, Plan, PlanItem
from gpmb.land.models import Party
from gpmb.resettlement.models import Allocation, Arrangement, TemporaryHousing
from gpmb.web.case_file.part import Context, Part, Questions, Reader
from gpmb.web.history import lines_from, snapshots_of


def tables(reader: Reader) -> dict[str, tuple[str, type[Model], Q]]:
    """The tracked tables whose rows belong to a case: question → (word, model, which rows)."""
    case = reader.case
    of_case = Q(case_id=case.pk)
    plans = Plan.objects.filter(case=case).values("pk")
    people = CaseParty.objects.filter(case=case).values("party")
    return {
        "history_case": ("Hồ sơ", Case, Q(pgh_obj_id=case.pk)),
        "history_holders": ("Người có đất", CaseParty, of_case),
        "history_people": ("Hộ", Party, Q(pgh_obj_id__in=people)),
        "history_land": ("Phần thu hồi", Taking, of_case),
        "history_obstacles": ("Vướng mắc", Obstacle, of_case),
        "history_plans": ("Phương án lần", Plan, of_case),
        "history_items": ("Dòng phương án", PlanItem, Q(plan_id__in=plans)),
        "history_invitations": ("Mời nhận tiền lần", Invitation, of_case),
        "history_payments": ("Chi trả", Payment, of_case),
        "history_arrangement": ("Bố trí tái định cư", Arrangement, of_case),
        "history_plots": ("Lô tái định cư", Allocation, of_case),
        "history_stays": ("Tạm cư", TemporaryHousing, of_case),
    }


def questions(reader: Reader) -> Questions:
    if not reader.rights.household:
        return {}
    return {name: snapshots_of(model, q) for name, (_, model, q) in tables(reader).items()}


def shape(context: Context, reader: Reader) -> Context:
    if not reader.rights.household:
        return {}
    rows = [(word, m, context[name]) for name, (word, m, _) in tables(reader).items()]
    return {"history": lines_from(rows)}


PART = Part(questions, shape)
