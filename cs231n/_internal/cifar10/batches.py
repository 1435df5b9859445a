"""What CIFAR-10 consists of, where this machine keeps it, and how its batches are read safely.

Source: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images", in the python
version of https://www.cs.toronto.edu/~kriz/cifar.html.
"""

import hashlib
import os
import pickle
import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
TRAINING_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST_BATCH = "test_batch"
LABEL_NAMES = "batches.meta"
IMAGE_SHAPE = (3, 32, 32)
FOLDER = "cifar-10-batches-py"
KIT = Path(__file__).parents[3]  # the folder that holds the package
DATASETS = KIT / "datasets"
# Where the course's own scripts put the batches.
COURSES_OWN = Path(__file__).parents[2] / "datasets"


class DataError(Exception):
    """The data are missing, or not what they should be; the message says what to do."""


@dataclass(frozen=True)
class File:
    """What a file must be: its size in bytes and its MD5."""

    size: int
    md5: str


@dataclass(frozen=True)
class Release:
    """An archive of batches: where it is fetched, what it is, and the files to take out of it."""

    url: str
    archive: File
    batches: dict  # name -> File


OFFICIAL = Release(
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    archive=File(170_498_071, "c58f30108f718f92721af3b95e74349a"),
    batches={
        "data_batch_1": File(31_035_704, "c99cafc152244af753f735de768cd75f"),
        "data_batch_2": File(31_035_320, "d4bba439e000b95fd0a9bffe97cbabec"),
        "data_batch_3": File(31_035_999, "54ebc095f3ab1f0389bbae665268c751"),
        "data_batch_4": File(31_035_696, "634d18415352ddfa80567beed471001a"),
        "data_batch_5": File(31_035_623, "482c414d41f54cd18b22e5b47cb7c3cb"),
        "test_batch": File(31_035_526, "40351d587109b95175f43aff81a1287e"),
        "batches.meta": File(158, "5ff9c542aee3614f3951f8cda6e48888"),
    },
)


def batches_folder(named=None):
    """Return the folder that holds the batches, or would hold them.

    `named` is a folder that has `cifar-10-batches-py` in it, or that folder itself. By default it
    is what the environment variable CS231N_DATA says, or else `datasets`, next to the package.
    Where that has no batches, and `datasets` in the package has, as in the course's own folders, it
    is the latter.
    """
    named = named or os.environ.get("CS231N_DATA")
    if not named and not (DATASETS / FOLDER).exists() and (COURSES_OWN / FOLDER).exists():
        return (COURSES_OWN / FOLDER).absolute()
    try:
        folder = (Path(named).expanduser() if named else DATASETS).absolute()
    except RuntimeError:  # ~somebody, whom nobody knows
        folder = Path(named).absolute()
    holds_batches = any((folder / name).is_file() for name in (*TRAINING_BATCHES, TEST_BATCH))
    return folder if folder.name == FOLDER or holds_batches else folder / FOLDER


def download_command(folder):
    """Return the command that fetches CIFAR-10 into `folder`, or repairs what is there."""
    to = folder.parent if folder.name == FOLDER else folder
    where = "" if folder == batches_folder() else f" --to {shlex.quote(str(to))}"
    return f"{own_python()} -m cs231n.data_utils download{where}"


def own_python():
    """Return what to type for this Python: that of the kit's own environment has what it takes."""
    for own in (Path(".venv", "bin", "python"), Path(".venv", "Scripts", "python.exe")):
        if (KIT / own).exists():
            return str(own)
    return "python"


def find_damage(folder, release=OFFICIAL, thorough=False):
    """Return a sentence on the first file that is missing or damaged, or None if there is none.

    Sizes are compared, which takes no time, and with `thorough` the MD5 of every file too.
    """
    for name, expected in release.batches.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        size = path.stat().st_size
        if size != expected.size:
            return f"{name} has {size:,} bytes, expected {expected.size:,}"
        if thorough:
            with open(path, "rb") as file:
                md5 = hashlib.file_digest(file, "md5").hexdigest()
            if md5 != expected.md5:
                return f"{name} has MD5 {md5}, expected {expected.md5}"
    return None


def read_batch(path):
    """Read one batch: pixels of shape (N, 3072), dtype uint8, and labels of shape (N,), int64.

    A row of pixels is an image, all of its red, then its green, then its blue, each row by row.

    Raises DataError if the file is missing, or holds anything but such arrays and plain values.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            batch = _ArrayUnpickler(file, encoding="bytes").load()
        # Strings written by Python 2 come as bytes, those written by Python 3 as text.
        batch = {k.decode() if isinstance(k, bytes) else k: _as_array(v) for k, v in batch.items()}
        pixels, labels = batch["data"], _whole_labels(batch["labels"])
    except FileNotFoundError:
        raise _unreadable(path, "is missing") from None
    except Exception as error:  # a damaged pickle can raise anything
        raise _unreadable(path, f"is not a batch of CIFAR-10: {error or repr(error)}") from error
    size = int(np.prod(IMAGE_SHAPE))
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        raise _unreadable(path, "has pixels that are not an array of uint8")
    if pixels.shape != (len(labels), size):
        raise _unreadable(
            path, f"has pixels of shape {pixels.shape}, expected {(len(labels), size)}"
        )
    if not np.isin(labels, range(len(CLASSES))).all():
        raise _unreadable(path, f"has labels outside 0 to {len(CLASSES) - 1}")
    return pixels, labels


def _whole_labels(labels):
    """Return labels as int64. Raises ValueError for anything but a list of whole numbers."""
    if isinstance(labels, np.ndarray):
        if labels.dtype.kind not in "iu" or labels.ndim != 1:
            raise ValueError(
                f"its labels are of dtype {labels.dtype} and shape {labels.shape}, expected whole "
                "numbers, one for each image"
            )
        return labels.astype(np.int64)
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise ValueError("its labels are no list of whole numbers")
    return np.array(labels, dtype=np.int64)


class _PlainDtype:
    """Stands for numpy's dtype while a batch is read: numbers of a known kind and size, no more.

    A pickled dtype can be given a state of its own, with fields that hold objects; an array of such
    a dtype would take bytes of the file for addresses in memory.
    """

    def __new__(cls, name, *_):
        name = name.decode() if isinstance(name, bytes) else name
        if name not in ("u1", "i1", "i2", "i4", "i8", "u2", "u4", "u8", "b1", "f4", "f8"):
            raise pickle.UnpicklingError(f"it holds an array of type {name!r}, expected numbers")
        self = super().__new__(cls)
        self.dtype = np.dtype(name)
        return self

    def __setstate__(self, state):
        order = state[1]
        order = order.decode() if isinstance(order, bytes) else order
        if order not in ("|", "<", ">", "=") or state[2:5] != (None, None, None):
            raise pickle.UnpicklingError("it holds an array of a made-up type, expected numbers")
        self.dtype = self.dtype.newbyteorder(order if order != "|" else "=")


class _PlainArray:
    """Stands for an array while a batch is read, and is turned into one at the end."""

    def __setstate__(self, state):
        _, shape, kind, in_columns, content = state
        if not isinstance(kind, _PlainDtype) or not isinstance(content, bytes):
            raise pickle.UnpicklingError("it holds an array of objects, expected numbers")
        order = "F" if in_columns else "C"
        array = np.frombuffer(content, kind.dtype).reshape(shape, order=order)
        self.array = array.astype(kind.dtype.newbyteorder("="), order="K")


def _new_array(*_):
    return _PlainArray()


def _as_array(value):
    return value.array if isinstance(value, _PlainArray) else value


def write_batch(path, pixels, labels):
    """Write a batch in the form that read_batch reads."""
    with open(path, "wb") as file:
        # Protocol 4: later ones rebuild arrays with a function that read_batch does not allow.
        pickle.dump({"data": pixels, "labels": labels.tolist()}, file, protocol=4)


def _unreadable(path, reason):
    command = download_command(path.parent)
    return DataError(f"{path} {reason}. To fetch it again, in the kit's folder: {command}")


class _ArrayUnpickler(pickle.Unpickler):
    """Reads plain values and numpy arrays, and refuses to look up anything else.

    A pickle is a program: an ordinary unpickler runs whatever function it names.
    """

    # The first name was written by numpy 1, the second is written by numpy 2.
    allowed = {  # noqa: RUF012
        ("numpy.core.multiarray", "_reconstruct"): _new_array,
        ("numpy._core.multiarray", "_reconstruct"): _new_array,
        ("numpy", "ndarray"): _PlainArray,
        ("numpy", "dtype"): _PlainDtype,
    }

    def find_class(self, module, name):
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(
                f"it names {module}.{name}, expected numpy arrays and plain values"
            )
        return self.allowed[module, name]
