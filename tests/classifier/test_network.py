import numpy as np
import pytest

from triage.classifier import network

NAMES = ("into", "threshold", "out", "bias")


def points_in_a_circle(count, wrong=0.0):
    chance = np.random.default_rng(5)
    points = chance.normal(size=(count, 2)).astype(np.float32)
    inside = (np.linalg.norm(points, axis=1) < 1).astype(int)
    return points, np.where(chance.random(count) < wrong, 1 - inside, inside)


def test_the_network_learns_what_no_line_parts_though_some_labels_are_wrong():
    points, told = points_in_a_circle(2_000, wrong=0.05)
    unseen, inside = points_in_a_circle(3_000)
    learned = network.fit(points, told, 2, seed=1, steps=400)
    assert np.mean(learned.logits(unseen[2_000:]).argmax(axis=1) == inside[2_000:]) > 0.95


def test_the_same_rows_and_seed_make_the_same_network():
    points, told = points_in_a_circle(300)
    one, same, other = (network.fit(points, told, 2, seed=seed, steps=20) for seed in (1, 1, 2))
    assert all(np.array_equal(getattr(one, name), getattr(same, name)) for name in NAMES)
    assert not np.array_equal(one.into, other.into)


def test_a_row_that_is_trusted_less_counts_for_less():
    points, told = points_in_a_circle(600)
    lied = np.arange(600) % 2 == 1
    labels, weight = np.where(lied, 0, told), np.where(lied, 0.01, 1.0)
    believed, doubted = (
        np.mean(network.fit(points, labels, 2, seed=1, steps=400, weight=each).logits(points).argmax(axis=1) == told)
        for each in (None, weight)
    )
    assert doubted > believed + 0.05
    assert doubted > 0.9


def test_a_label_that_no_row_has_is_never_said():
    points, told = points_in_a_circle(300)
    said = network.fit(points, told, 3, seed=1, steps=400).logits(points)
    assert said.shape == (300, 3)
    assert 2 not in said.argmax(axis=1)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_very_few_rows_make_a_network_too(count):
    points, told = points_in_a_circle(count)
    assert np.isfinite(network.fit(points, told, 2, seed=1, steps=400).logits(points)).all()


def test_networks_side_by_side_say_their_mean_as_loud_as_asked():
    points, told = points_in_a_circle(300)
    some = [network.fit(points, told, 2, seed=seed, steps=50) for seed in range(3)]
    one = network.Network.of(network.together(some, 2.0, "x"), "x")
    mean = np.mean([each.logits(points) for each in some], axis=0)
    # Eight bits for a weight are a hundredth of the largest, and what is added up of hundreds differs by less.
    assert abs(one.logits(points) - 2 * mean).max() < 0.05 * abs(2 * mean).max()


@pytest.mark.parametrize(
    "change",
    [
        {"x_threshold": np.zeros(3, np.float32)},
        {"x_bias": np.zeros(7, np.float32)},
        {"x_out_weights": np.zeros((4, 2), np.int8)},
        {"x_bias": np.array([0, np.nan], np.float32)},
    ],
)
def test_layers_that_do_not_fit_or_hold_no_numbers_are_refused(change):
    points, told = points_in_a_circle(100)
    arrays = network.together([network.fit(points, told, 2, seed=1, steps=400)], 1.0, "x")
    with pytest.raises(ValueError, match="network"):
        network.Network.of(arrays | change, "x")
