"""The histories: in the law's order, on its dates, and the same for the same seed."""

import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gpmb.law import steps
from gpmb.law.calendar import Calendar
from gpmb.law.clocks import notice_lapse
from gpmb.law.regimes import Facts, regime_of
from gpmb.law.rules import Bound, Rule, RuleType, Unit
from gpmb.management.demo import city as generator
from gpmb.management.demo.city import City
from gpmb.management.demo.holders import NON_AGRI

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def rules() -> tuple[Rule, ...]:
    rows: list[dict[str, Any]] = json.loads((ROOT / "fixtures/reference/rules.json").read_text())
    return tuple(
        Rule(
            **{
                **{k: v for k, v in row.items() if k != "source"},
                "value": Decimal(row["value"]),
                "unit": Unit(row["unit"]),
                "type": RuleType(row["type"]),
                "bound": Bound(row["bound"]),
                "valid_from": date.fromisoformat(row["valid_from"]),
                "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            }
        )
        for row in rows
    )


def _case_events(town: City) -> dict[int, list[steps.Event]]:
    log: dict[int, list[steps.Event]] = defaultdict(list)
    for row in town.events:
        if row.taking is None:
            kind = "opening" if row.kind == "opening" else "move"
            log[row.case].append(steps.Event(row.step, date.fromordinal(row.day), kind))
    return log


def _facts(town: City, case: int, done: list[steps.Event]) -> Facts:
    first = {event.step: event.on for event in reversed(done)}
    row = town.held.cases[case]
    living = [at for at in row.takings if at not in town.withdrawn]
    codes = {code for at in living for code, _ in town.held.parts[at]}
    return Facts(
        notice_on=first.get("notice"),
        approval_on=first.get("approval"),
        recovery_on=first.get("recovery"),
        agri=bool(codes - NON_AGRI),
        non_agri=bool(codes & NON_AGRI),
        resettlement_needed=row.need != "none",
        approval_effective_on=first.get("approval"),
        recovery_effective_on=first.get("recovery"),
        ready_on=first.get("resettlement"),
    )


@pytest.mark.parametrize("which", ["full_city", "town_2026"])
def test_every_move_is_one_the_law_allows(
    which: str, rules: tuple[Rule, ...], request: pytest.FixtureRequest
) -> None:
    town: City = request.getfixturevalue(which)
    checked = 0
    for case, events in _case_events(town).items():
        for at, event in enumerate(events):
            assert event.kind == "move" or at == 0
            if event.kind == "move":
                facts = _facts(town, case, events[:at])
                regime = regime_of(facts, event.on)
                steps.check_move(
                    regime, events[:at], event.step, event.on, facts=facts, rules=rules
                )
                checked += 1
    assert checked > 1_500


def test_notice_wait_of_2013_has_run_before_approval(full_city: City) -> None:
    for case, events in _case_events(full_city).items():
        day = {event.step: event.on for event in events}
        if "notice" in day and "approval" in day:
            wait = 180 if full_city.held.cases[case].non_agri else 90
            assert (day["approval"] - day["notice"]).days >= wait


def test_nothing_happens_after_the_data_date(full_city: City, town_2026: City) -> None:
    for town in (full_city, town_2026):
        last = town.as_of.toordinal()
        assert max(row.day for row in town.events) <= last
        assert max(row.day for row in town.payments) <= last
        assert max(row.received for row in town.complaints) <= last
        assert max(row.on for row in town.reviews) <= last
        assert max(row.on for row in town.allocations) <= last
        assert max(row.opened for row in town.obstacles) <= last


def test_carried_over_projects_open_with_a_state(full_city: City) -> None:
    opened = {row.case for row in full_city.events if row.kind == "opening"}
    origins = {full_city.projects[full_city.held.cases[case].project].origin for case in opened}
    assert len(opened) > 100
    assert origins == {"carried_over"}


def test_2026_is_the_future_of_2023(town: City, same_town_2026: City) -> None:
    assert [w.outline for w in town.wards] == [w.outline for w in same_town_2026.wards]
    assert repr(town.held) == repr(same_town_2026.held)
    later = Counter((e.case, e.step, e.day, e.taking) for e in same_town_2026.events)
    assert not Counter((e.case, e.step, e.day, e.taking) for e in town.events) - later


def test_some_notices_have_lapsed_by_2026(town_2026: City, rules: tuple[Rule, ...]) -> None:
    lapsed = 0
    for case, events in _case_events(town_2026).items():
        facts = _facts(town_2026, case, events)
        lapse = notice_lapse(events, facts, rules, Calendar())
        if events[-1].step != "handover" and lapse and lapse.on <= town_2026.as_of:
            lapsed += 1
    assert lapsed >= 3


def test_all_regimes_have_moves_by_2026(town_2026: City) -> None:
    years = Counter(date.fromordinal(row.day).year for row in town_2026.events)
    assert all(years[year] > 0 for year in (2021, 2022, 2023, 2024, 2025, 2026))
    codes = {row.step for row in town_2026.events}
    assert {"consultation", "recovery", "deposit", "dialogue", "resettlement"} <= codes


def test_same_seed_same_city_other_seed_other_city(town: City) -> None:
    assert generator.build(scale=0.1).digest() == town.digest()
    assert generator.build(scale=0.02, seed=7).digest() != generator.build(scale=0.02).digest()


def test_cases_stand_at_every_stage(full_city: City) -> None:
    stage = [0] * len(full_city.held.cases)
    for row in full_city.events:
        if row.taking is None:
            stage[row.case] = max(stage[row.case], steps.step(row.step).stage)
    counts = Counter(stage)
    assert all(counts[n] > 60 for n in range(7))
    assert 0.35 < counts[6] / len(stage) < 0.65
