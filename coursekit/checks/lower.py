"""Blocks that another block calls, answered by the reference: one mistake costs once.

A network calls the student's layers. Where it is judged, it is run a second time with those layers
answered from outside, by the reference. What then is wrong is the network's own mistake. Nothing of
the reference is there where the student's code runs: a question goes out as bytes, what is asked
and with which numbers, and an answer comes back.

A layer and its backward pass are answered as a pair or not at all, since what one leaves in its
cache is for the other. In the place of a cache the student's code gets a Token, a number that means
something to whoever answers.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .comparison import agrees
from .run import is_unfilled

if TYPE_CHECKING:
    from .under_test import UnderTest

_SINGLE = (np.float32, np.float16)

# What one run may ask, at most: a layer that is made of others asks for each of them, and so do the
# forward passes that are probed.
MOST_QUESTIONS = 4000


class Token:
    """Stands for the cache of a layer that was answered from outside."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return "a cache"


class CannotAsk(Exception):
    """A call cannot be answered from outside: it was given something that only lives inside."""


def pair_of(function: str) -> str:
    """Return what a function's name has in common with its partner's: the part before _forward."""
    return re.sub(r"_(forward|backward)(_\w+)?$", "", function)


class Asking:
    """In the place of lower blocks, in the process that runs the student's code.

    Parameters
    ----------
    ask : function
        Takes a question as bytes and returns the answer as bytes.
    """

    def __init__(self, ask: Callable[[bytes], bytes]) -> None:
        self._ask = ask
        self._asked = 0
        # Whether to note which of the student's own functions answer otherwise.
        self.compares = True
        # What the student's own forward passes left for backward ones, by the number of a Token, or
        # by the identity of an array that the answer has as its cache.
        self._own_caches: dict[int, Any] = {}
        self._own_beside: dict[int, tuple[Any, Any]] = {}
        self._wrong: dict[str, bool] = {}

    @property
    def wrong(self) -> tuple[str, ...]:
        """The functions of the student's that answer otherwise, in the order of the calls."""
        return tuple(self._wrong)

    @contextlib.contextmanager
    def in_place_of(self, under_test: UnderTest, names: Collection[str]) -> Iterator[None]:
        """Put questions in the place of the named functions of a package."""
        found = {}
        for name in sorted(names):
            with contextlib.suppress(Exception):  # a file that is missing, or does not import
                found[name] = self._asking(under_test.find(name), name)
        with under_test.replaced(**found):
            yield

    def _asking(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            arguments = _in_order(function, args, kwargs)
            if self._asked >= MOST_QUESTIONS:
                raise CannotAsk("too many questions")
            self._asked += 1
            about, (answer, left) = unpack(self._ask(pack({"function": name}, arguments)))
            if "raised" in about:
                raise ValueError(about["raised"])
            if self.compares:
                self._compare(function, name, arguments, answer)
            for argument, after in zip(arguments, left, strict=True):
                if isinstance(argument, dict) and isinstance(after, dict):
                    argument.update(after)
            return answer

        return call

    def _compare(
        self, function: Callable[..., Any], name: str, arguments: Sequence[Any], answer: Any
    ) -> None:
        """Note whether the student's own function would have answered the same.

        In single precision right answers differ in their last digits, and nothing is noted. Nor is
        a backward pass to blame for what its own forward pass left it, or did not leave it.
        """
        forward = pair_of(name) != name and "_backward" not in name
        try:
            own = [_copied(self._own(argument)) for argument in arguments]
        except KeyError:
            return
        if not forward and any(pair_of(name) == pair_of(other) for other in self._wrong):
            return
        exact = not any(np.asarray(a).dtype in _SINGLE for a in own if _is_plain(a))
        try:
            result = function(*own)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if not is_unfilled(error):  # that is told where it is checked
                self._wrong[name] = True
            return
        parts = result if isinstance(result, tuple) else (result,)
        truths = answer if isinstance(answer, tuple) else (answer,)
        if len(parts) != len(truths):
            self._wrong[name] = True
            return
        for place, (part, truth) in enumerate(zip(parts, truths, strict=True)):
            if isinstance(truth, Token):
                self._own_caches[truth.number] = part
            elif place and forward:  # a cache is its owner's affair, whatever is in it
                self._own_beside[id(truth)] = truth, part
            elif exact and not _same(part, truth):
                self._wrong[name] = True

    def _own(self, argument: Any) -> Any:
        """Put what the student's own functions left in the place of what came from outside.

        Raises KeyError where a function left nothing.
        """

        def own(value: Any) -> Any:
            if isinstance(value, Token):
                return self._own_caches[value.number]
            kept = self._own_beside.get(id(value))
            return value if kept is None else kept[1]

        return _with(own, argument)


class Answering:
    """Answers of the reference, in the process that judges.

    Parameters
    ----------
    reference : UnderTest
        The package with the reference in its blocks.
    names : collection of str
        The functions that may be asked for.
    """

    def __init__(self, reference: UnderTest, names: Collection[str]) -> None:
        self._reference = reference
        self._names = frozenset(names)
        self._caches: list[Any] = []

    def answer(self, question: bytes) -> bytes:
        """Return the answer to a question, both as bytes. Raises ValueError for what is none."""
        asked, arguments = unpack(question)
        name = asked.get("function")
        if name not in self._names:
            raise ValueError(f"{name!r} was asked for, expected one of {sorted(self._names)}")
        given = [_with(self._cache, argument) for argument in arguments]
        try:
            with np.errstate(all="ignore"):
                result = self._reference.find(name)(*given)
        except Exception as error:  # it was called as no right block would call it
            return pack({"raised": str(error)}, [None, []])
        if isinstance(result, tuple):
            result = tuple(part if _is_plain(part) else self._token(part) for part in result)
        left = [a if isinstance(a, dict) else None for a in given]
        return pack({}, [result, left])

    def _token(self, cache: Any) -> Token:
        self._caches.append(cache)
        return Token(len(self._caches) - 1)

    def _cache(self, value: Any) -> Any:
        if not isinstance(value, Token):
            return value
        if not 0 <= value.number < len(self._caches):
            raise ValueError(f"there is no cache {value.number}")
        return self._caches[value.number]


def pack(about: dict[str, str], values: Sequence[Any]) -> bytes:
    """Return words and values as bytes: arrays, numbers, texts, Tokens, and what holds such.

    That is a line of JSON, and after it the bytes of the arrays. A network asks hundreds of times,
    and a zip for each question would take longer than the answer.

    Raises CannotAsk for anything else.
    """
    arrays: list[bytes] = []
    described = json.dumps([about, [_described(value, arrays) for value in values]])
    return b"".join([described.encode(), b"\n", *arrays])


def unpack(content: bytes) -> tuple[dict[str, str], list[Any]]:
    """Return what was packed. Raises ValueError for bytes that are something else."""
    try:
        described, _, rest = content.partition(b"\n")
        about, values = json.loads(described)
        reader = io.BytesIO(rest)
        read = [_read(value, reader) for value in values]
        return {str(key): str(value) for key, value in about.items()}, read
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"these bytes are no question and no answer: {error}") from None


def _described(value: Any, arrays: list[bytes], depth: int = 4) -> dict[str, Any]:
    if isinstance(value, Token):
        return {"token": value.number}
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise CannotAsk(f"an array of {array.dtype}")
        arrays.append(array.tobytes())
        return {"array": [array.dtype.str, array.shape]}
    if value is None or isinstance(value, bool | int | float | str):
        return {"value": value}
    if isinstance(value, dict) and depth and all(isinstance(key, str) for key in value):
        items = {key: _described(item, arrays, depth - 1) for key, item in value.items()}
        return {"dictionary": items}
    if isinstance(value, list | tuple) and depth:
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_described(item, arrays, depth - 1) for item in value]}
    raise CannotAsk(type(value).__name__)


def _read(described: dict[str, Any], rest: io.BytesIO) -> Any:
    """Read a value, and the arrays in it from what is left of the bytes."""
    ((kind, value),) = described.items()
    if kind == "token":
        return Token(int(value))
    if kind == "array":
        type_of_number, shape = value
        return _array(type_of_number, shape, rest)
    if kind == "value":
        return value
    if kind == "dictionary":
        return {str(key): _read(item, rest) for key, item in value.items()}
    if kind in ("tuple", "list"):
        items = [_read(item, rest) for item in value]
        return tuple(items) if kind == "tuple" else items
    raise ValueError(f"{kind!r} is no kind of value")


def _array(type_of_number: str, shape: list[int], rest: io.BytesIO) -> NDArray[Any]:
    if not re.fullmatch(r"[<>|][biufc]\d{1,2}", type_of_number):
        raise ValueError(f"an array is of {type_of_number!r}, expected numbers")
    dtype, lengths = np.dtype(type_of_number), [int(length) for length in shape]
    if len(lengths) > 32 or min(lengths, default=0) < 0:
        raise ValueError(f"an array has the shape {shape}")
    size = dtype.itemsize * math.prod(lengths)
    content = rest.read(size)
    if len(content) != size:
        raise ValueError("an array is longer than what there is of it")
    return np.frombuffer(bytearray(content), dtype).reshape(lengths)


def _is_plain(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic | int | float)


def _with(change: Callable[[Any], Any], value: Any) -> Any:
    """Return `value` with a change made in it, or in each part if it is a tuple or a list."""
    if type(value) in (tuple, list):  # a sandwich keeps the caches of its layers in one
        return type(value)(_with(change, part) for part in value)
    return change(value)


def _same(got: Any, expected: Any) -> bool:
    """Whether an answer is the expected one, as far as that has numbers in it to go by."""
    try:
        truth = np.asarray(expected)
        return not np.isfinite(truth).all() or agrees(np.asarray(got), truth)
    except Exception:  # an object with an __array__ of its own
        return False


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value


def _in_order(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    """Return the arguments of a call in the order of the function's parameters."""
    if not kwargs:
        return args
    try:
        return tuple(inspect.signature(function).bind(*args, **kwargs).arguments.values())
    except (TypeError, ValueError):  # the call itself says what is wrong with it
        return (*args, *kwargs.values())
