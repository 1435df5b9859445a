import numpy as np
import pytest

from cs231n.cifar10 import batches_folder


@pytest.fixture(scope="session")
def real_data():
    """The folder of the real CIFAR-10; where it is not, tests that ask for it are skipped."""
    folder = batches_folder()
    if not folder.exists():
        pytest.skip(f"needs CIFAR-10, which is not in {folder.parent}")
    return folder


@pytest.fixture(autouse=True)
def seeded():
    """Start every test with the same global stream, whatever ran before it."""
    np.random.seed(231)
