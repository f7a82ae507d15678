"""Claims of the token set under a frequency attack: one identifier falls, two do not."""

from orchestration.bench.attack import attack


def test_a_token_of_one_name_falls_to_counting_and_no_token_in_use_does() -> None:
    fallen = {found.token: found for found in attack(people=20_000, seed=3)}
    assert fallen["forename"].share > 3 * fallen["forename"].blind
    assert fallen["surname"].share > 1.5 * fallen["surname"].blind
    in_use = [found for found in fallen.values() if not found.is_single]
    assert all(found.share < 2 * found.blind + 0.01 for found in in_use)


def test_the_attack_is_the_same_with_the_same_seed() -> None:
    assert attack(people=2_000, seed=1) == attack(people=2_000, seed=1)
