import signal

import numpy as np
import pytest

from cs231n._internal.cifar10.batches import batches_folder


def pytest_configure(config):
    # A shell that runs the tests in the background has them ignore Ctrl-C, and what they start does
    # too. Some tests send it.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
