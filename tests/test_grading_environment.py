"""What a check can import: what students have, and nothing of what only staff installs."""

import types
from importlib import metadata

import pytest
from this_course import COURSE

from coursekit.grading import environment
from coursekit.grading.environment import not_for_students


def test_what_only_staff_installs_is_hidden():
    modules, places = not_for_students(COURSE)
    assert {"autograd", "hypothesis", "mypy", "dask"} <= set(modules)
    assert {place.name for place in places} >= {"autograd", "hypothesis"}


def test_what_students_have_is_there_with_all_that_it_brings():
    modules, _ = not_for_students(COURSE)
    theirs = {"numpy", "scipy", "matplotlib", "tqdm", "threadpoolctl", "nbval", "pytest", "IPython"}
    theirs |= {"dateutil", "kiwisolver", "ipykernel", "zmq", "pip", "setuptools", "coursekit"}
    assert not theirs & set(modules)


class Distribution:
    """A distribution with a few files, as importlib.metadata shows one."""

    def __init__(self, folder, name, files, requires=()):
        self.metadata, self.requires = {"Name": name}, list(requires)
        self.files = [metadata.PackagePath(file) for file in files]
        self._folder = folder
        for file in files:
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")

    def locate_file(self, name):
        return self._folder / name


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Pretend that only some distributions are installed. Returns the folder they lie in."""
    site = tmp_path / "site"
    bring = ["wanted[more]>=1", "not valid at all!", "windows-only; sys_platform == 'win32'"]
    found = [
        Distribution(site, "Needed_One", ["needed/__init__.py", "shared/one.py"], bring),
        Distribution(site, "wanted", ["wanted.py"], ["extra-one; extra == 'more'"]),
        Distribution(site, "extra.one", ["extra_one/__init__.py"]),
        Distribution(site, "staff", ["staff/__init__.py", "shared/two.py", "tool.so", "x.pth"]),
        Distribution(site, "windows-only", ["windows.py"]),
        Distribution(site, "staff-data", ["../../bin/staff", "staff-1.dist-info/METADATA"]),
    ]
    monkeypatch.setattr(environment.metadata, "distributions", lambda: iter(found))
    environment._beside.cache_clear()
    yield site
    environment._beside.cache_clear()


def course_in(folder, **settings):
    return types.SimpleNamespace(folder=folder, settings=settings)


def test_requirements_are_followed_with_their_extras_and_markers(installed, tmp_path):
    (tmp_path / "requirements.txt").write_text("-e .\n")
    needs = {"requires": ["needed-one"]}
    modules, places = not_for_students(course_in(tmp_path, handout=needs))
    assert modules == ("staff", "tool", "windows")
    assert places == (installed / "staff", installed / "tool.so", installed / "windows.py")


def test_requirements_are_read_from_the_course(installed, tmp_path):
    (tmp_path / "requirements.txt").write_text("staff>=1  # why\n-e .\n# windows-only\n")
    modules, _ = not_for_students(course_in(tmp_path))
    assert modules == ("extra_one", "needed", "wanted", "windows")


def test_without_a_list_of_requirements_nothing_is_hidden(installed, tmp_path):
    needs = {"requires": ["needed-one"]}
    assert not_for_students(course_in(tmp_path, handout=needs)) == ((), ())
