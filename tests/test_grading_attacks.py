"""Submissions that do harm, or try to: each costs what it touches, and nothing else.

Every submission here is the reference with something bad in one place. Beside the check that it
breaks, one is run that has nothing to do with it, and that has to pass.
"""

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest
from made_submissions import grade_in_process, kinds, make_submission, texts
from this_course import COURSE, check

from coursekit.checks.outcome import VALUE
from coursekit.grading import ReasonCode, pristine, sandbox

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")

# Small, so that what never ends does not take the tests that long.
LIMITS = {"seconds": 2, "memory": 600 << 20, "disk": 8 << 20, "start": 120}

# The beginning of a block that makes a call to the system, by its number on either machine.
CALL = """
import ctypes, os, platform
def call(x86, arm, *arguments):
    number = arm if platform.machine() == "aarch64" else x86
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) == -1: raise OSError(ctypes.get_errno(), "not permitted")
"""

# In every attack, the check of the first block is hit and the others have nothing to do with it.
HIT, HEALTHY = "affine_forward", "relu_forward"

# Where the reference, the known mistakes and the grader are.
SECRET = [str(path) for path in (COURSE.package_folder, COURSE.room, pristine.ENGINE)]


@dataclass
class Attack:
    """What is wrong with a submission, and what comes of it.

    code: what stands before the reference's code in the block `affine_forward`. changes: further
    arguments of make_submission. kinds: the kinds of the verdicts. says: what stands in the text of
    the hit check's verdict. limits: those that are not as in LIMITS.
    """

    name: str
    code: str = ""
    changes: dict = field(default_factory=dict)
    kinds: dict = field(default_factory=dict)
    says: str = ""
    limits: dict = field(default_factory=dict)

    def made_in(self, folder):
        blocks = {"blocks": {HIT: self.code}} if self.code else {}
        return make_submission(folder, **blocks, **self.changes)


def hit(name, code, kind, says=""):
    return Attack(name, code, kinds={HIT: kind, HEALTHY: "passed"}, says=says)


def on_import(name, code, kind, says=""):
    """An attack by a file that only some checks need."""
    wanted = {HEALTHY: "passed", "sgd_momentum": kind}
    return Attack(name, changes={"above": {"optim.py": code}}, kinds=wanted, says=says)


FOREVER = [
    hit("endless loop", "while True: pass", "timed_out"),
    hit(
        "endless loop that catches KeyboardInterrupt",
        """
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
        "timed_out",
    ),
    hit(
        "signals and alarms ignored",
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
        """,
        "timed_out",
    ),
    hit(
        "a thread that never ends",
        """
        import threading
        threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
        """,
        "crashed",
        "may start no threads",
    ),
    hit("output without end", "while True: print('x' * 10_000, flush=True)", "timed_out"),
    hit(
        "output without end to what is open",
        """
        import os
        os.set_blocking(1, True)
        while True:
            for number in (1, 2): os.write(number, b"x" * 10_000)
        """,
        "timed_out",
    ),
    on_import("endless loop on import", "while True: pass\n", "timed_out"),
]

RESOURCES = [
    hit("allocation of 100 GB", "np.ones(100 * 2**27)", "crashed", "MemoryError"),
    hit(
        "memory taken bit by bit",
        "kept = []\nwhile True: kept.append(np.empty(1 << 20))",
        "crashed",
        "MemoryError",
    ),
    hit(
        "memory taken by many processes",
        """
        import os, time
        for _ in range(5):
            if os.fork() == 0:
                kept = b"x" * (160 << 20)
                time.sleep(60)
        time.sleep(60)
        """,
        "crashed",
        "may start no processes",
    ),
    hit(
        "fork bomb",
        """
        import os
        while True:
            try: os.fork()
            except OSError: pass
        """,
        "timed_out",
    ),
    hit(
        "disk filling",
        """
        import os
        for place in ("/tmp", "/dev/shm"):
            try:
                for number in range(1000):
                    with open(f"{place}/{number}", "wb") as file: file.write(bytes(1 << 20))
            except OSError as error: full = error
            written = sum(entry.stat().st_size for entry in os.scandir(place) if entry.is_file())
            assert written <= 8 << 20, written
        raise full
        """,
        "crashed",
        "No space left",
    ),
    hit(
        "a file of any length",
        "import os\nwith open('/dev/shm/long', 'wb') as file: os.truncate(file.fileno(), 1 << 40)",
        "crashed",
        "OSError",
    ),
    hit(
        "memory in files that have no name",
        "import os\nos.memfd_create('x')",
        "crashed",
        "PermissionError",
    ),
    hit("recursion without end", "affine_forward(x, w, b)", "crashed", "RecursionError"),
    hit(
        "a crash of the interpreter",
        "import ctypes\nctypes.string_at(0)",
        "killed",
    ),
]

LEAVING = [
    hit("os._exit in a block", "import os\nos._exit(0)", "killed"),
    hit("sys.exit in a block", "import sys\nsys.exit()", "crashed", "SystemExit"),
    hit("KeyboardInterrupt raised", "raise KeyboardInterrupt", "crashed", "KeyboardInterrupt"),
    hit("GeneratorExit raised", "raise GeneratorExit('gone')", "crashed", "gone"),
    on_import("os._exit on import", "import os\nos._exit(0)\n", "killed"),
    on_import("sys.exit on import", "import sys\nsys.exit(0)\n", "crashed"),
    on_import("a file that does not parse", "def half(:\n", "crashed"),
    on_import("a module that is not installed", "from past.builtins import xrange\n", "crashed"),
    on_import("a module that is patched away", "import sys\nsys.modules.clear()\n", "crashed"),
]

# Nothing that is sent to the runner from inside ends it, or stops it.
KILLING = [
    hit("kills its parent", "import os\nos.kill(os.getppid(), 9)", "passed"),
    hit("stops its parent", "import os\nos.kill(os.getppid(), 19)\nwhile True: pass", "timed_out"),
    hit(
        "kills all it can", "import os\nos.kill(1, 9)\nos.kill(-1, 9)", "crashed", "No such process"
    ),
    hit("kills itself", "import os\nos.kill(os.getpid(), 9)", "killed"),
    hit(
        "kills every number there is",
        """
        import os
        for number in range(1, 10_000):
            if number != os.getpid():
                try: os.kill(number, 9)
                except OSError: pass
        """,
        "passed",
    ),
    hit(
        "writes into the memory of its parent",
        "import os\nopen(f'/proc/{os.getppid()}/mem', 'r+b')",
        "crashed",
        "PermissionError",
    ),
    *(
        hit(
            f"{what} its parent",
            f"{CALL}\ncall({numbers}, {given})",
            "crashed",
            "not permitted",
        )
        for what, numbers, given in (
            ("traces", "101, 117", "16, os.getppid(), 0, 0"),
            ("reads the memory of", "310, 270", "os.getppid(), 0, 0, 0, 0, 0"),
            ("writes the memory of", "311, 271", "os.getppid(), 0, 0, 0, 0, 0"),
            ("takes a pipe of", "438, 438", "os.pidfd_open(os.getppid()), 1, 0"),
        )
    ),
    hit(
        "opens what its parent has",
        """
        import os
        opened = []
        for name in ("mem", "fd/0", "fd/1", "fd/2", "fd", "environ", "maps", "cwd", "exe", "root"):
            path = f"/proc/{os.getppid()}/{name}"
            try: opened.append(os.listdir(path) if name == "fd" else os.open(path, os.O_RDONLY))
            except PermissionError: pass
            try: opened.append(os.open(path, os.O_WRONLY))
            except (PermissionError, IsADirectoryError): pass
        raise RuntimeError(f"{os.getppid()} {opened}")
        """,
        "crashed",
        ": 1 []",
    ),
    hit(
        "looks at who may read it",
        "import ctypes\nraise RuntimeError(f'it says {ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}')",
        "crashed",
        "it says 0",
    ),
    hit(
        "makes namespaces of its own",
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x10000000) == -1: raise OSError(ctypes.get_errno(), "refused")
        """,
        "crashed",
        "PermissionError",
    ),
]

READING = [
    hit(
        "looks for the reference, recorded values, other submissions and the grader",
        f"""
        import os
        names = {{"layers.py", "{HIT}.npz", "job.json", "unit.py", ".netrc", ".bashrc"}}
        names |= {{"mistakes", "mutants", "recorded"}}
        found = []
        for folder, inside, files in os.walk("/"):
            if folder == "/": inside[:] = sorted(set(inside) - {{"usr", "proc", "sys"}})
            inside[:] = [name for name in inside if name != "site-packages"]
            found += [os.path.join(folder, name) for name in names.intersection(inside + files)]
        raise RuntimeError(f"{{found}} {{[os.path.exists(path) for path in {SECRET!r}]}}")
        """,
        "crashed",
        "['/course/cs231n/layers.py'] [False, False, False]",
    ),
    hit(
        "looks for secrets",
        """
        import os
        from pathlib import Path
        known = {"PATH", "HOME", "TMPDIR", "LANG", "CI", "PWD", "OPENBLAS_NUM_THREADS"}
        known |= {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}
        known |= {"KMP_DUPLICATE_LIB_OK"}  # which threadpoolctl sets
        others = []
        for folder in Path("/proc").glob("[0-9]*"):
            try: others.append((folder / "environ").read_bytes())
            except OSError: pass
        raise RuntimeError(f"{sorted(set(os.environ) - known)} {b'A_SECRET' in b''.join(others)}")
        """,
        "crashed",
        "[] False",
    ),
    hit(
        "looks for processes and sockets",
        """
        import os
        programs = [pid for pid in os.listdir("/proc") if pid.isdigit()]
        sockets = open("/proc/net/unix").read().count("grading-")
        raise RuntimeError(f"{len(programs)} {sockets}")
        """,
        "crashed",
        ": 2 0",  # what runs checks, and the check itself
    ),
    hit(
        "writes where it stands",
        """
        import os
        written = []
        places = ["/", "/course", "/course/cs231n", "/engine", "/grader", "/usr", "/dev"]
        for place in [*places, np.__path__[0]]:
            try: open(f"{place}/mine", "w"); written.append(place)
            except OSError: pass
        raise RuntimeError(f"{written} {os.getuid() == 0}")
        """,
        "crashed",
        ": [] False",
    ),
    hit(
        "looks for the network",
        """
        import socket
        reached = []
        for address in ("127.0.0.1", 22), ("9.9.9.9", 53):
            try: socket.create_connection(address, timeout=1); reached.append(address)
            except OSError: pass
        raise RuntimeError(f"{reached} {open('/proc/net/dev').read().count(':')}")
        """,
        "crashed",
        ": [] 1",
    ),
    hit(
        "makes sockets of every family",
        """
        import socket
        made = []
        for family in range(64):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
                try: made.append(socket.socket(family, kind))
                except PermissionError: pass
        try: made += socket.socketpair()
        except PermissionError: pass
        raise RuntimeError(f"{made}")
        """,
        "crashed",
        "RuntimeError (examples with three axes): []",
    ),
]

_ZEROS = "return np.zeros((x.shape[0], w.shape[1])), (x, w, b)"

CHEATING = [
    hit("answers written down for the fixed seed", "RECORDED", "wrong"),
    hit(
        "numpy's comparisons replaced",
        f"np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n{_ZEROS}",
        "wrong",
    ),
    hit(
        "the judgement replaced",
        f"""
        import sys
        for name, module in list(sys.modules.items()):
            if name.startswith("coursekit"):
                for attribute in ("judge", "difference", "agrees", "diagnose"):
                    if hasattr(module, attribute): setattr(module, attribute, lambda *a, **k: None)
        {_ZEROS}
        """,
        "wrong",
    ),
    Attack(
        "checks of its own handed in",
        code=_ZEROS,
        changes={
            "files": {
                "course/__init__.py": "raise SystemExit",
                "course/course.toml": "",
                "course/exercises/affine.py": "raise SystemExit",
                "coursekit/__init__.py": "raise SystemExit",
                "coursekit/checks/__init__.py": "raise SystemExit",
                "cs231n/numpy.py": "raise SystemExit",
                "numpy.py": "raise SystemExit",
                "sitecustomize.py": "raise SystemExit",
                "conftest.py": "raise SystemExit",
            }
        },
        kinds={HIT: "wrong", HEALTHY: "passed"},
    ),
    hit(
        "operators that lie",
        """
        class Liar(np.ndarray):
            def _true(self, *others): return True
            __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _true
            def __array_ufunc__(self, *args, **kwargs): return np.bool_(True)
            def __array_function__(self, *args, **kwargs): return True
        return np.zeros((x.shape[0], w.shape[1])).view(Liar), (x, w, b)
        """,
        "wrong",
    ),
    hit(
        "print and display replaced",
        f"import builtins, sys\nbuiltins.print = sys.displayhook = lambda *a: 'passed'\n{_ZEROS}",
        "wrong",
    ),
    hit(
        "what texts are made by replaced",
        f"import builtins\nbuiltins.repr = builtins.format = lambda *a: 'passed'\n{_ZEROS}",
        "wrong",
    ),
    hit(
        "an answer forged and sent wherever it can be",
        """
        import os, struct
        forged = b'{}\\n{"name": "affine_forward", "entries": [], "arrays": []}'
        for number in range(256):
            try:
                os.set_blocking(number, False)
                os.write(number, struct.pack("!?Q", False, len(forged)) + forged)
            except OSError: pass
        """,
        "unreadable",
    ),
    hit(
        "an answer that is said to be endless",
        """
        import os, struct
        for number in range(3, 256):
            try: os.write(number, struct.pack("!?Q", False, 1 << 60))
            except OSError: pass
        """,
        "killed",
        "more than any answer",
    ),
    hit(
        "a question where none may be asked",
        """
        import os, struct
        for number in range(3, 256):
            try: os.write(number, struct.pack("!?Q", True, 3) + b"why")
            except OSError: pass
        """,
        "killed",
        "asked the judge more",
    ),
    hit(
        "an answer of nothing but noise",
        """
        import os
        for number in range(256):
            try: os.write(number, b"\\xff" * 10_000)
            except OSError: pass
        while True: pass
        """,
        "killed",
    ),
    hit("everything closed", "import os\nos.closerange(0, 256)", "killed"),
    hit(
        "an answer nested without end",
        "import json\njson.dumps = lambda *args, **kwargs: '[' * 100_000",
        "unreadable",
    ),
    Attack(
        "files left for a later check",
        code="""
        import os, pathlib
        for place in ("/tmp", "/dev/shm"): pathlib.Path(place, "note").write_text("for you")
        """,
        changes={
            "below": {
                "layers.py": """
                import os
                _relu_forward = relu_forward
                def relu_forward(x):
                    assert "note" not in os.listdir("/tmp") + os.listdir("/dev/shm")
                    return _relu_forward(x)
                """
            }
        },
        kinds={HIT: "passed", HEALTHY: "passed"},
    ),
    Attack(
        "files made and removed for a later check to see",
        code="import os\nos.mkdir('/tmp/x')\nos.rmdir('/tmp/x')\nos.utime('/tmp', (1, 1))",
        changes={
            "below": {
                "layers.py": """
                import os
                _relu_forward = relu_forward
                def relu_forward(x):
                    assert os.stat("/tmp").st_mtime > 1
                    return _relu_forward(x)
                """
            }
        },
        kinds={HIT: "passed|crashed", HEALTHY: "passed"},  # root's /tmp is not its own
    ),
    Attack(
        "bytecode planted for later checks",
        code="""
        import importlib.util, pathlib, sys
        from py_compile import PycInvalidationMode, compile
        wrong = pathlib.Path("/tmp/wrong.py")
        wrong.write_text("raise SystemExit('planted')")
        for prefix in (None, "/tmp", "/tmp/bytecode", "/dev/shm"):
            sys.pycache_prefix = prefix
            for name in ("layers", "optim", "layer_utils"):
                place = importlib.util.cache_from_source(f"/course/cs231n/{name}.py")
                try: compile(wrong, place, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
                except OSError: pass
        """,
        kinds={HIT: "passed", HEALTHY: "passed", "sgd_momentum": "passed"},
    ),
    Attack(
        "a naive block that calls the fast layers",
        changes={
            "blocks": {
                "conv_forward_naive": """
                from .fast_layers import conv_forward_fast
                return conv_forward_fast(x, w, b, conv_param)
                """
            }
        },
        kinds={"conv_forward_naive": "crashed", HEALTHY: "passed"},
        says="calls fast_layers.conv_forward_fast, which this check has disabled",
    ),
    Attack(
        "a naive block that calls the fast layers by another name",
        changes={
            "blocks": {"conv_forward_naive": "return quick(x, w, b, conv_param)"},
            "below": {"layers.py": "\nfrom .fast_layers import conv_forward_fast as quick\n"},
        },
        kinds={"conv_forward_naive": "crashed", HEALTHY: "passed"},
    ),
    Attack(
        "a gradient by a library that students do not have",
        changes={"blocks": {"affine_backward": "from autograd import grad"}},
        kinds={"affine_backward": "crashed", HEALTHY: "passed"},
        says="No module named 'autograd'",
    ),
    Attack(
        "a gradient by the library, though its files are looked for",
        changes={
            "blocks": {
                "affine_backward": """
                import os, sys
                sys.meta_path[:] = [finder for finder in sys.meta_path if isinstance(finder, type)]
                from autograd import grad
                """
            }
        },
        kinds={"affine_backward": "crashed", HEALTHY: "passed"},
        says="autograd",
    ),
    Attack(
        "a gradient by the kit's own numerical one",
        changes={
            "blocks": {
                "conv_backward_naive": """
                from .gradient_check import eval_numerical_gradient_array as numerical
                x, w, b, conv_param = cache
                dx = numerical(lambda x: conv_forward_naive(x, w, b, conv_param)[0], x, dout)
                """
            }
        },
        kinds={"conv_backward_naive": "crashed", HEALTHY: "passed"},
        says="compares answers and is none: a block cannot call it in grading",
    ),
    Attack(
        "an import of the numerical gradient that nothing uses",
        changes={"above": {"layers.py": "from .gradient_check import *\n"}},
        kinds={HIT: "passed", HEALTHY: "passed"},
    ),
    Attack(
        "a block that calls its finished twin",
        changes={"blocks": {"batchnorm_backward_alt": "return batchnorm_backward(dout, cache)"}},
        kinds={"batchnorm_backward_alt": "crashed", "batchnorm_backward": "passed"},
    ),
]

ATTACKS = FOREVER + RESOURCES + LEAVING + KILLING + READING + CHEATING


def where_allowed(name, kind, says=""):
    """The attack of that name, where a check may start processes and threads."""
    (attack,) = [attack for attack in ATTACKS if attack.name == name]
    kinds = attack.kinds | {HIT: kind}
    return replace(
        attack, name=f"{name}, where allowed", kinds=kinds, says=says, limits={"processes": 64}
    )


WITH_OTHER_LIMITS = [
    hit(
        "allocation of 1 GB, which is more than here", "np.ones(1 << 27)", "crashed", "MemoryError"
    ),
    where_allowed("a thread that never ends", "passed"),
    where_allowed("memory taken by many processes", "killed", "more memory"),
    # By its time or by its memory, whatever is used up first.
    where_allowed("fork bomb", "timed_out|killed"),
]


def recorded_answers():
    """Return code that knows the answers for the seed of the notebooks, by their shapes."""
    outs = [entry.array for entry in check[HIT].recorded().of_kind(VALUE)]
    known = {out.shape: base64.b64encode(out.astype("f8").tobytes()) for out in outs}
    return (
        f"import base64\nknown = base64.b64decode({known!r}[x.shape[0], w.shape[1]])\n"
        "return np.frombuffer(known).reshape(x.shape[0], w.shape[1]).astype(x.dtype), (x, w, b)"
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Futures of the results, graded two at a time with everything shared that can be."""
    work = tmp_path_factory.mktemp("work")
    attacks = ATTACKS + WITH_OTHER_LIMITS
    folders = {attack.name: tmp_path_factory.mktemp("attack") for attack in attacks}

    def grade(attack):
        folder = folders[attack.name]
        if attack.code == "RECORDED":
            attack.code = recorded_answers()
        submission = attack.made_in(folder / "submission")
        return grade_in_process(
            submission,
            folder,
            work=str(work),
            limits=LIMITS | attack.limits,
            checks=list(attack.kinds),
        )

    with ThreadPoolExecutor(2) as pool:
        yield {attack.name: pool.submit(grade, attack) for attack in attacks}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("attack", ATTACKS + WITH_OTHER_LIMITS, ids=lambda attack: attack.name)
def test_an_attack_costs_what_it_touches_and_nothing_else(attack, results):
    result = results[attack.name].result()
    assert result.status == "graded", result.problems
    assert kinds(result).keys() == attack.kinds.keys()
    for name, kind in kinds(result).items():
        assert kind in attack.kinds[name].split("|"), texts(result)[name]
    odd = {reason.about: reason.code for reason in result.reasons}
    for found in result.checks:
        if found.passed:
            assert found.earned == check[found.check].points
        else:
            assert found.earned == 0
            assert attack.says in found.text
        expected = {"killed": ReasonCode.CHECK_KILLED, "unreadable": ReasonCode.CHECK_UNREADABLE}
        assert odd.get(found.check) == expected.get(found.kind)
