"""Which calls to the system are refused in the sandbox, as a filter that bubblewrap loads.

They are calls that no exercise needs, and that would lead around the limits: new namespaces, memory
that counts for no process, other processes' memory and open files, sockets of every family, and
corners of the system that are known for their holes.
"""

import errno
import platform
import struct
import tempfile

# The number of each call, for x86-64 and for 64-bit ARM.
_REFUSED = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "open_by_handle_at": (304, 265),
    "personality": (135, 92),
}
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_NEW_NAMESPACES = 0x7E020080  # the flags of clone that ask for a namespace
_X32 = 0x40000000  # added to numbers of the second table of calls that x86-64 has

# Instructions of the filter: load a word, jump if equal, if greater or equal, if a bit is set, end.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where the words lie
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


def program(allowed=()):
    """Return the filter for this machine, or None for a machine whose numbers are not known.

    `allowed` are names of calls that it lets through all the same.
    """
    if platform.machine() not in _ARCHITECTURES:
        return None
    column, architecture = _ARCHITECTURES[platform.machine()]
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE | errno.ENOSYS),
    ]
    for numbers in (numbers for name, numbers in _REFUSED.items() if name not in allowed):
        steps += _refuse(numbers[column], errno.EPERM)
    # Its flags lie in memory, where no filter can look. Without it, clone is called instead.
    steps += _refuse(_CLONE3[column], errno.ENOSYS)
    steps += [
        (_EQUAL, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _REFUSE | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def program_file(allowed=()):
    """Return an open file that holds the filter, or None where there is none."""
    content = program(allowed)
    if content is None:
        return None
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it, when it is handed over
    file.write(content)
    file.seek(0)
    return file


def _refuse(number, error):
    return [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | error)]
