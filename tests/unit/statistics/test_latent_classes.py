"""Latent classes find a planted structure, agree with StepMix, and stay the same until refitted."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from orchestration.statistics.latent_classes import (
    Floats,
    Integers,
    _fit,
    _stability,
    fit_segments,
    kept_or_fitted,
    likeliest,
    profiles,
)

FEATURES = tuple(f"f{number}" for number in range(8))
PLANTED_SHARES = np.array([0.5, 0.3, 0.2])
PLANTED = np.array(
    [
        [0.9, 0.8, 0.85, 0.05, 0.05, 0.1, 0.1, 0.05],
        [0.05, 0.1, 0.05, 0.9, 0.85, 0.8, 0.1, 0.1],
        [0.1, 0.05, 0.1, 0.1, 0.1, 0.05, 0.9, 0.9],
    ]
)


@pytest.fixture(scope="module")
def crowd() -> tuple[Integers, Integers]:
    """Return 6,000 people's answers and the class that was planted in each."""
    random = np.random.default_rng(5)
    classes = random.choice(3, 6000, p=PLANTED_SHARES)
    return (random.random((6000, 8)) < PLANTED[classes]).astype(np.int64), classes


@pytest.fixture(scope="module")
def patterns(crowd: tuple[Integers, Integers]) -> tuple[Integers, Integers]:
    """Return the distinct patterns and how many people gave each."""
    distinct, counts = np.unique(crowd[0], axis=0, return_counts=True)
    return distinct, counts


def test_the_planted_classes_are_found_in_number_size_and_answers(patterns: tuple[Integers, Integers]) -> None:
    model = fit_segments(*patterns, features=FEATURES)
    assert model.classes == 3
    assert np.argmin(model.bic) == 2
    assert np.allclose(model.shares, PLANTED_SHARES, atol=0.03)
    assert np.allclose(model.chances, PLANTED, atol=0.05)
    assert min(model.stability) > 0.9
    assert model.people == 6000


def test_people_are_assigned_to_their_planted_class(
    crowd: tuple[Integers, Integers], patterns: tuple[Integers, Integers]
) -> None:
    model = fit_segments(*patterns, features=FEATURES, resamples=0)
    found = likeliest(crowd[0].astype(float), np.array(model.shares), np.array(model.chances))
    ideal = likeliest(crowd[0].astype(float), PLANTED_SHARES, PLANTED)
    assert (found == crowd[1]).mean() >= (ideal == crowd[1]).mean() - 0.005


def test_distinct_patterns_with_counts_give_what_stepmix_gives_of_the_people_one_by_one(
    crowd: tuple[Integers, Integers], patterns: tuple[Integers, Integers]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from stepmix.stepmix import StepMix
    answers: Floats = crowd[0].astype(float)
    oracle = StepMix(
        n_components=3, measurement="bernoulli", n_init=4, abs_tol=1e-9, max_iter=1000, random_state=1, progress_bar=0
    ).fit(answers)
    model = fit_segments(*patterns, features=FEATURES, resamples=0)
    assert model.bic[2] == pytest.approx(oracle.bic(answers), rel=1e-6)
    order = np.argsort(-oracle.get_parameters()["weights"])
    assert np.allclose(model.chances, oracle.get_parameters()["measurement"]["pis"][order], atol=2e-3)
    ranks = np.argsort(order)
    found = likeliest(answers, np.array(model.shares), np.array(model.chances))
    assert (found == ranks[oracle.predict(answers)]).mean() > 0.999


def test_answers_without_classes_are_one_class() -> None:
    random = np.random.default_rng(3)
    answers = (random.random((3000, 6)) < 0.4).astype(np.int64)
    distinct, counts = np.unique(answers, axis=0, return_counts=True)
    model = fit_segments(distinct, counts, features=FEATURES[:6])
    assert model.classes == 1
    assert np.allclose(model.chances[0], model.overall, atol=1e-6)


def test_classes_that_are_none_are_not_stable() -> None:
    """Three classes fitted to answers by the toss of a coin differ from sample to sample."""
    random = np.random.default_rng(4)
    noise = (random.random((400, 8)) < 0.5).astype(np.int64)
    distinct, counts = np.unique(noise, axis=0, return_counts=True)
    fitted = _fit(distinct.astype(float), counts.astype(float), 3, 1)
    shaky = _stability(distinct.astype(float), counts.astype(float), fitted[0], fitted[1], resamples=5, seed=1)
    assert shaky.mean() < 0.75


def test_the_order_of_the_patterns_changes_nothing_that_counts(patterns: tuple[Integers, Integers]) -> None:
    turned = fit_segments(patterns[0][::-1], patterns[1][::-1], features=FEATURES, resamples=0)
    model = fit_segments(*patterns, features=FEATURES, resamples=0)
    assert np.allclose(turned.chances, model.chances, atol=2e-3)
    assert list(model.shares) == sorted(model.shares, reverse=True)


def test_a_model_is_kept_until_it_is_refitted_on_purpose(tmp_path: Path, patterns: tuple[Integers, Integers]) -> None:
    path = tmp_path / "warehouse" / "segments.json"
    first = kept_or_fitted(path, *patterns, features=FEATURES, fit_no=1, fitted_on="Y2023")
    other = kept_or_fitted(path, patterns[0], patterns[1][::-1], features=FEATURES, fit_no=1, fitted_on="Y2024")
    assert other == first
    refitted = kept_or_fitted(path, patterns[0], patterns[1][::-1], features=FEATURES, fit_no=2, fitted_on="Y2024")
    assert refitted.version != first.version
    assert json.loads(path.read_text(encoding="utf-8"))["fit_no"] == 2
    renamed = kept_or_fitted(path, *patterns, features=[*FEATURES[:7], "new"], fit_no=2, fitted_on="Y2024")
    assert renamed.features[-1] == "new"


def test_too_few_people_leave_no_model_behind(tmp_path: Path) -> None:
    path = tmp_path / "segments.json"
    model = kept_or_fitted(
        path, np.eye(3, dtype=np.int64), np.array([2, 1, 1]), features=FEATURES[:3], fit_no=1, fitted_on="Y2023"
    )
    assert model.people == 4
    assert not path.exists()


def test_nobody_is_in_no_class() -> None:
    model = fit_segments(np.zeros((0, 8), dtype=np.int64), np.zeros(0, dtype=np.int64), features=FEATURES)
    assert model.classes == 0


def test_a_profile_says_what_stands_out(patterns: tuple[Integers, Integers]) -> None:
    model = fit_segments(*patterns, features=FEATURES, resamples=0)
    said = profiles(model, [f"thing {number}" for number in range(8)])
    assert said[2].startswith("More often than others: thing 7")
    assert "thing 6" in said[2]
    assert "thing 0" not in said[2]
