"""A CIFAR-10 of a few random images in the official form, and the release that describes it."""

import hashlib
import io
import pickle
import struct
import tarfile

import numpy as np

from cs231n._internal.cifar10.batches import (
    FOLDER,
    LABEL_NAMES,
    TEST_BATCH,
    TRAINING_BATCHES,
    File,
    Release,
)


def python2_batch(pixels, labels):
    """Pickle a batch with the opcodes that Python 2 and numpy 1 wrote into the official files."""
    shape = b"".join(b"J" + struct.pack("<i", size) for size in pixels.shape) + b"\x86"
    dtype = (
        b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN"
        + 2 * b"J\xff\xff\xff\xff"
        + b"K\x00tb"
    )
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    bytes_ = b"T" + struct.pack("<i", pixels.size) + pixels.tobytes()
    array += b"(K\x01" + shape + dtype + b"\x89" + bytes_ + b"tb"
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\x02}(U\x06labels" + numbers + b"U\x04data" + array + b"u."


def small_files(seed=0, count=4):
    """Return the seven files of a small CIFAR-10: name -> bytes."""
    rng = np.random.default_rng(seed)
    files = {}
    for name in (*TRAINING_BATCHES, TEST_BATCH):
        pixels = rng.integers(0, 256, (count, 3072), dtype=np.uint8)
        files[name] = python2_batch(pixels, rng.integers(0, 10, count))
    files[LABEL_NAMES] = pickle.dumps({"label_names": ["airplane"]})
    return files


def as_archive(files, extra=()):
    """Return a .tar.gz of the files in their folder, followed by `extra` members, as bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in extra:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return buffer.getvalue()


def as_release(files, archive, url):
    """Return the release that has exactly these files in exactly this archive."""
    return Release(
        url=url,
        archive=_file(archive),
        batches={name: _file(content) for name, content in files.items()},
    )


def write(folder, files):
    """Write the files into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _file(content):
    return File(len(content), hashlib.md5(content).hexdigest())
