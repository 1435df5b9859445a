"""Measure the package beside PyTorch and beside its plain first version, and print a table.

python -m benchmarks                       # all, at one thread and at two
python -m benchmarks --quick               # the same in less than two minutes
python -m benchmarks --only convolution --threads 1
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

GROUPS = (
    "convolution",
    "max pool",
    "norms",
    "softmax loss",
    "affine with relu",
    "adam",
    "sgd_momentum",
    "training step",
    "loading",
    "cache of a convolution",
)


def main():
    options = _parser().parse_args()
    if importlib.util.find_spec("torch") is None:
        sys.exit(
            "The benchmarks measure against PyTorch, which is not installed here. To install it:\n"
            f"{sys.executable} -m pip install torch --index-url "
            "https://download.pytorch.org/whl/cpu"
        )
    from . import table

    print(describe_machine(), end="\n\n", flush=True)
    results = []
    for group in options.only or GROUPS:
        for result in measure_group(group, options):
            results.append(result)
            table.print_row(result, first=len(results) == 1)
    table.print_goals(results)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    parser.add_argument(
        "--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="default: 1 2"
    )
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, metavar="GROUP", help=f"of: {', '.join(GROUPS)}"
    )
    return parser


def measure_group(group, options):
    """Yield the results of a group, at each number of threads.

    A process measures one group at one number of threads. What memory a process holds, and how,
    depends on what it did before, and a page that has to be fetched anew costs more than the
    arithmetic on it.
    """
    if group in ("loading", "cache of a convolution"):
        from . import memory
        from .cases import CONVOLUTIONS

        yield from (
            memory.loading(1 if options.quick else 5)
            if group == "loading"
            else (memory.caches(CONVOLUTIONS))
        )
        return
    seconds = 0.2 if options.quick else 4
    for threads in options.threads:
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | dict.fromkeys(names, str(threads))
        command = [sys.executable, "-m", "benchmarks.measure", group, str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            for line in process.stdout:
                yield json.loads(line)
        if process.returncode:
            sys.exit(f"measuring {group} at {threads} threads failed")


def describe_machine():
    """Say on what is measured: processor, cores, versions."""
    import numpy
    import torch

    return (
        f"{_processor()}, {os.cpu_count()} cores; Python {platform.python_version()}, "
        f"numpy {numpy.__version__}, PyTorch {torch.__version__}"
    )


def _processor():
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
