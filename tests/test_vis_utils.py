"""Grids of images: every pixel where it belongs, and every grid safe to show."""

import re

import numpy as np
import pytest

from cs231n.vis_utils import vis_grid, vis_nn, visualize_grid


@pytest.fixture
def images():
    return np.random.default_rng(231).uniform(-3, 5, size=(5, 3, 4, 2))


def stretched(image):
    return (image - image.min()) / (image.max() - image.min())


@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("ubound", [1.0, 255.0])
def test_visualize_grid_puts_each_image_in_its_place(images, padding, ubound):
    grid = visualize_grid(images, ubound=ubound, padding=padding)
    assert grid.shape == (3 * 3 + 2 * padding, 3 * 4 + 2 * padding, 2)
    expected = np.zeros_like(grid)
    for n, image in enumerate(images):
        top, left = n // 3 * (3 + padding), n % 3 * (4 + padding)
        expected[top : top + 3, left : left + 4] = ubound * stretched(image)
    assert np.allclose(grid, expected, rtol=1e-12)
    assert (grid.min(), grid.max()) == (0, ubound)


@pytest.mark.parametrize(
    ("count", "side"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (16, 4), (17, 5)]
)
def test_grids_are_square(count, side):
    images = np.random.default_rng(0).standard_normal((count, 2, 3, 1))
    assert visualize_grid(images).shape == (2 * side + side - 1, 3 * side + side - 1, 1)
    assert vis_grid(images).shape == (3 * side, 4 * side, 1)


def test_vis_grid_stretches_all_images_together(images):
    grid = vis_grid(images)
    assert grid.shape == (3 * 4, 3 * 5, 2)
    expected = np.zeros_like(grid)
    together = stretched(images)
    for n, image in enumerate(together):
        top, left = n // 3 * 4, n % 3 * 5
        expected[top : top + 3, left : left + 4] = image
    assert np.allclose(grid, expected, rtol=1e-12)
    assert not np.allclose(grid[:3, :4], stretched(images[0]), atol=1e-3)


def test_vis_nn_keeps_the_rows(images):
    grid = vis_nn([list(images[:2]), list(images[2:4])])
    assert grid.shape == (2 * 4, 2 * 5, 2)
    together = stretched(images[:4])
    for n, image in enumerate(together):
        top, left = n // 2 * 4, n % 2 * 5
        assert np.allclose(grid[top : top + 3, left : left + 4], image, rtol=1e-12)
    assert (grid[3] == 0).all()
    assert (grid[:, 4] == 0).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64])
def test_images_of_any_type_stay_as_they_are(dtype):
    images = np.random.default_rng(0).integers(0, 256, (4, 3, 3, 3)).astype(dtype)
    before = images.copy()
    for grid in (visualize_grid(images, 1.0), vis_grid(images), vis_nn([images[:2], images[2:]])):
        assert grid.dtype == np.float64
        assert (grid.min(), grid.max()) == (0, 1)
    assert np.array_equal(images, before)


@pytest.mark.parametrize("value", [0, 7, -2.5])
def test_an_image_of_one_colour_is_black_and_not_nan(images, value):
    images[1] = value
    assert (visualize_grid(images)[:3, 5:9] == 0).all()
    constant = np.full((2, 3, 3, 1), value)
    assert (visualize_grid(constant) == 0).all()
    assert (vis_grid(constant) == 0).all()
    assert (vis_nn([constant]) == 0).all()


def test_wrong_shapes_are_named(images):
    for function in (visualize_grid, vis_grid):
        message = f"{function.__name__}: Xs has shape (5, 3, 4), expected (N, H, W, C)"
        with pytest.raises(ValueError, match=re.escape(message)):
            function(images[..., 0])
    with pytest.raises(ValueError, match=r"rows\[1\]\[0\] has shape \(2, 4, 2\), expected \(3, 4,"):
        vis_nn([[images[0]], [images[1, :2]]])
    with pytest.raises(ValueError, match="row 1 has 1 images, expected 2 as row 0 has"):
        vis_nn([[images[0], images[1]], [images[2]]])
