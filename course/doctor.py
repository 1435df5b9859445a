"""What the doctor looks at for this course: its data, and what training wants of the machine.

Each function is told the course and yields findings. What is not Python's own library, or the
engine's, is imported inside, so that the doctor comes up where nothing else does.
"""

import shutil

from coursekit.student.doctor import BROKEN, LOOK, OK, Finding
from coursekit.student.doctor.machine import IN_A_BROWSER, available_memory, usable_cores

DISK_WANTED = 1e9  # bytes: the archive, and what is unpacked from it
# CIFAR-10 takes 0.6 GB as float32, and another 0.15 GB of bytes while it is read.
MEMORY_WANTED = 1.5e9


def data(course):
    from cs231n._internal.cifar10 import standin
    from cs231n._internal.cifar10.batches import DataError, batches_folder, download_command
    from cs231n.data_utils import data_source

    try:
        source = data_source()
    except DataError as error:
        first, _, rest = str(error).partition("\n")
        yield Finding(BROKEN, first, rest)
        return
    folder = batches_folder()
    if IN_A_BROWSER:
        yield Finding(OK, "drawings stand in for CIFAR-10, which no browser could hold")
        return
    if source == "CIFAR-10":
        yield Finding(OK, f"CIFAR-10 is in {folder}")
        return
    drawn = "" if standin.find(standin.standin_folder()) else " (it is drawn when first needed)"
    yield Finding(
        LOOK,
        f"CIFAR-10 is not in {folder}; the notebooks run on a stand-in{drawn}",
        f"To fetch it, in the course's folder: {download_command(folder)}",
    )
    free = shutil.disk_usage(_existing(folder)).free
    if free < DISK_WANTED:
        yield Finding(LOOK, f"{free / 1e9:.1f} GB of disk are free, and fetching takes 0.4 GB")


def memory(course):
    available = available_memory()
    if available is None:
        yield Finding(OK, "how much memory is free cannot be told on this system")
    elif available < MEMORY_WANTED:
        yield Finding(
            LOOK,
            f"{available / 1e9:.1f} GB of memory are free, and CIFAR-10 with a training wants "
            f"{MEMORY_WANTED / 1e9:.1f}",
            "Close other programs and shut down notebooks that are done, or load less: "
            "get_CIFAR10_data(num_training=10000).",
        )
    else:
        yield Finding(OK, f"{available / 1e9:.1f} GB of memory are free")


def threads(course):
    from cs231n._internal.fast.threads import thread_count

    if IN_A_BROWSER:
        return
    cores, used = usable_cores(), thread_count()
    if used > cores:
        yield Finding(
            LOOK,
            f"numpy's linear algebra uses {used} threads on {cores} cores, which slows it down",
            f"Set the environment variable OPENBLAS_NUM_THREADS={cores} before you start Jupyter.",
        )
    else:
        yield Finding(OK, f"{_count(used, 'thread')} for linear algebra, {_count(cores, 'core')}")


EXAMINATIONS = (data, memory, threads)


def _count(number, unit):
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _existing(path):
    while not path.exists():
        path = path.parent
    return path
