"""The names that the course has used over the years, mapped to today's, all in this one place.

    what                      today                    before
    ------------------------  -----------------------  ---------------------------------------------
    optimizer rules           w, dw                    x, dx (2016, 2017)
    FullyConnectedNet         dropout_keep_ratio       dropout: the share to keep (2018 to 2020), or
                                                       the share to drop (2016, 2017)
                              normalization            use_batchnorm=True (2016, 2017)

`dropout=0` and `dropout=1` both meant no dropout. A value between them is read as the share to
keep, unless `use_batchnorm` is given too, which is of the years when it was the share to drop.
Alone it does not tell its year, so a warning says how it is read.

One output of old notebooks is not repeated. The course's dropout, given a seed, reseeded numpy's
global stream, from which the notebook draws the weights of its next network; here that stream is
left alone. So the first network with dropout begins with the loss that was printed, and the second
one, at a keep ratio of 0.5, with 2.2983 in place of 2.3043. Both are right.
"""

import functools
import warnings


def names_of(module):
    """Return the names that a star import brings, also of a file of a year without __all__."""
    return getattr(module, "__all__", [name for name in vars(module) if name[0] != "_"])


def renamed(**today):
    """Let a function be called with old keyword names: `@renamed(x="w", dx="dw")`."""

    def decorate(function):
        @functools.wraps(function)
        def accepting_old_names(*args, **kwargs):
            for old, new in today.items():
                if old in kwargs and new in kwargs:
                    raise TypeError(
                        f"{function.__name__}: got both {new} and its old name {old}, expected one"
                    )
                if old in kwargs:
                    kwargs[new] = kwargs.pop(old)
            # Not `function`: a notebook that has imported this by name keeps it when the file is
            # loaded again, and autoreload gives it a new __wrapped__ but no new closure.
            return accepting_old_names.__wrapped__(*args, **kwargs)

        return accepting_old_names

    return decorate


def dropout_and_normalization(dropout_keep_ratio, normalization, older):
    """Resolve the two switches of FullyConnectedNet from today's and from older keywords.

    `older` holds the keywords that today's signature does not name. Returns the pair
    (dropout_keep_ratio, normalization).

    Raises TypeError for a keyword that no year had, and ValueError if two keywords contradict each
    other or a value is outside its range.
    """
    unknown = sorted(older.keys() - {"dropout", "use_batchnorm"})
    if unknown:
        raise TypeError(f"FullyConnectedNet got an unexpected keyword argument {unknown[0]!r}")
    if isinstance(normalization, bool):  # the fifth argument was use_batchnorm once
        normalization = "batchnorm" if normalization else None
    return _keep_ratio(dropout_keep_ratio, older), _normalization(normalization, older)


def _keep_ratio(dropout_keep_ratio, older):
    if "dropout" not in older:
        return dropout_keep_ratio
    dropout = older["dropout"]
    if not 0 <= dropout <= 1:
        raise ValueError(f"FullyConnectedNet: dropout is {dropout!r}, expected a share in [0, 1]")
    if dropout in (0, 1):
        keep = 1
    elif "use_batchnorm" in older:
        keep = 1 - dropout
    else:
        keep = dropout
        if dropout_keep_ratio == 1:
            warnings.warn(
                f"FullyConnectedNet: dropout={dropout!r} is read as the share to keep, as in 2018 "
                "to 2020. In 2016 and 2017 it was the share to drop: then say "
                f"dropout_keep_ratio={1 - dropout:g}, else dropout_keep_ratio={dropout:g}",
                stacklevel=4,
            )
    if dropout_keep_ratio not in (1, keep):
        raise ValueError(
            f"FullyConnectedNet: dropout={dropout!r} means keeping {keep:g}, which contradicts "
            f"dropout_keep_ratio={dropout_keep_ratio!r}; expected one of the two"
        )
    return keep


def _normalization(normalization, older):
    if "use_batchnorm" not in older:
        return normalization
    wanted = "batchnorm" if older["use_batchnorm"] else None
    if normalization not in (None, wanted):
        raise ValueError(
            f"FullyConnectedNet: use_batchnorm={older['use_batchnorm']!r} contradicts "
            f"normalization={normalization!r}; expected one of the two"
        )
    return wanted
