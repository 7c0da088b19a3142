"""The lead score: against a known truth, honest when history is small, gone when somebody asks."""

import math
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.core import jobs
from yimei.core.errors import NotFound
from yimei.growth.actions import leads, scoring
from yimei.growth.enums import Outcome, TouchKind
from yimei.growth.models import LeadModel, LeadStep
from yimei.growth.queries import scoring as queries
from yimei.growth.rules import scoring as rules
from yimei.growth.rules.scoring import First

TRUTH = {"source:referral": 1.5, "wants_visit": 1.6, "no_answer": -1.2, "fast": 0.7}


def history(n: int, seed: str = "truth") -> tuple[list[First], list[bool], list[float]]:
    rng, rows, ends, chances = Random(seed), [], [], []
    for _n in range(n):
        one = First(
            source=rng.choice(("douyin", "referral", "website", "phone")),
            kind=rng.choice(("form", "call_in")),
            fast=rng.random() < 0.5,
            wants_visit=rng.random() < 0.3,
            no_answer=rng.random() < 0.3,
        )
        line = -1.2 + sum(TRUTH.get(name, 0) * value for name, value in one.facts().items())
        chance = 1 / (1 + math.exp(-line))
        rows.append(one)
        chances.append(chance)
        ends.append(rng.random() < chance)
    return rows, ends, chances


@pytest.mark.slow(reason="loads a library to compare with, when it is the first to")
def test_it_learns_the_truth_and_says_how_well() -> None:
    from sklearn.metrics import roc_auc_score

    rows, ends, chances = history(3000)
    learned = rules.learn(rows, ends)
    best = roc_auc_score(ends[2400:], chances[2400:])
    assert learned.is_better
    assert learned.auc > best - 0.03
    assert learned.brier < learned.base_brier - 0.02
    assert all(abs(said - came) < 0.12 for said, came, _n in learned.reliability)
    told = rules.score(First("referral", "form", fast=True, wants_visit=True), learned)
    assert told.percent > 75
    assert ("第一天就愿意到院", True) in told.reasons
    assert rules.score(First("douyin", "form", no_answer=True), learned).percent < 20


@pytest.mark.slow(reason="loads a library to compare with, when it is the first to")
def test_the_arithmetic_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score

    rows, ends, _chances = history(600)
    names = sorted({name for row in rows for name in row.facts()})
    matrix = np.array([[row.facts().get(name, 0.0) for name in names] for row in rows])
    seen = np.array(ends, dtype=float)
    base, weights = rules.fit(matrix, seen, ridge=1.0)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=5000).fit(matrix, seen)
    assert np.allclose(weights, theirs.coef_[0], atol=1e-4)
    chance = rules.sigmoid(base + matrix @ weights)
    assert rules.auc(chance, seen) == pytest.approx(roc_auc_score(seen, chance))
    assert float(np.mean((chance - seen) ** 2)) == pytest.approx(brier_score_loss(seen, chance))


def test_noise_teaches_nothing_that_would_be_used() -> None:
    rows, _ends, _chances = history(1500)
    rng = Random("noise")
    assert not rules.learn(rows, [rng.random() < 0.3 for _one in rows]).is_better


@pytest.mark.parametrize(
    ("rows", "booked", "refused"), [(399, 100, True), (400, 59, True), (400, 341, True), (400, 60, False)]
)
def test_a_small_history_is_refused(rows: int, booked: int, refused: bool) -> None:
    assert bool(rules.check_history(rows, booked)) == refused


def test_the_score_never_asks_what_about() -> None:
    asked = set(First.__dataclass_fields__)
    assert not asked & {"interest", "name", "sex", "age", "birthday", "note", "place"}
    assert (
        rules.score(First("douyin", "form"), None).percent
        < rules.score(First("phone", "visit"), None).percent
    )


@pytest.fixture
def house(db: None) -> House:
    return House()


def grown(house: House, n: int) -> None:
    """Enquiries of last year of which those who wanted to come were booked."""
    for k in range(n):
        lead = house.lead(phone=f"1290{k:07d}", now=EIGHT - timedelta(days=300))
        if k % 2:
            leads.touch(
                lead.public_id, kind=TouchKind.CALL_OUT, outcome=Outcome.WANTS_VISIT, note="",
                next_due_at=lead.created_at + timedelta(days=5),
                by=house.online, now=lead.created_at + timedelta(minutes=3),
            )  # fmt: skip
            LeadStep.objects.create(lead=lead, kind="booked", at=lead.created_at + timedelta(days=3))


def test_training_reads_what_became_of_enquiries_and_refuses_few(house: House) -> None:
    grown(house, 6)
    rows, ends = queries.history(now=EIGHT)
    assert [one.wants_visit for one in rows] == ends == [False, True] * 3
    kept = scoring.train(now=EIGHT)
    assert (kept.rows, kept.booked, kept.used) == (6, 3, None)
    assert "历史太少" in kept.refused
    shown = queries.of(house.lead())
    assert (shown.is_learned, shown.is_refused) == (False, False)


def test_a_learned_version_is_used_until_a_worse_one_comes(house: House) -> None:
    rows, ends, _chances = history(3000)
    learned: Any = rules.learn(rows, ends)
    LeadModel.objects.create(trained_at=EIGHT, rows=3000, booked=sum(ends), content=learned.__dict__)
    lead = house.lead(source="referral")
    assert queries.of(lead).is_learned
    assert queries.of(lead).score == rules.score(queries.firsts([lead])[0], learned)


def test_whoever_asks_for_people_gets_no_score(house: House) -> None:
    lead = house.lead()
    for by in (house.second, house.reception):
        with pytest.raises(NotFound):
            scoring.judge_by_people(lead.public_id, by=by, now=days(1))
    scoring.judge_by_people(lead.public_id, by=house.online, now=days(1))
    lead.refresh_from_db()
    assert (queries.of(lead).score, queries.of(lead).is_refused) == (None, True)
    assert queries.history(now=days(90)) == ([], [])


def test_the_worker_trains_once_a_day_however_often_it_is_asked(house: House) -> None:
    for _n in range(3):
        scoring.ask_training(by=house.manager, now=EIGHT)
    with pytest.raises(NotFound):
        scoring.ask_training(by=house.online, now=EIGHT)
    jobs.run_waiting()
    assert LeadModel.objects.count() == 1
