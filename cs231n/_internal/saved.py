"""Parameters of a network in a file under `cs231n/saved`, which holds arrays and no pickles."""

from pathlib import Path

import numpy as np

from .files import replacing

__all__ = ["Savable"]

FOLDER = Path(__file__).parents[1] / "saved"


class Savable:
    """What can be saved under a name, and loaded again: anything with `params`."""

    def save(self, fname):
        """Save the parameters as `cs231n/saved/FNAME`, and return the path.

        The file is one of numpy's with several arrays (`np.load` reads it), whatever its ending.

        Raises ValueError for a name that leads out of that folder.
        """
        path = _path(self, fname)
        with replacing(path) as fresh, fresh.open("wb") as file:
            np.savez(file, **self.params)
        return path

    def load(self, fname):
        """Load the parameters that `save` wrote under a name.

        Returns True, or False if nothing was saved under it.

        Raises ValueError for a file that does not hold arrays of the names and shapes of `params`;
        then nothing is changed.
        """
        path = _path(self, fname)
        if not path.exists():
            return False
        found = _read(path)
        wanted = {name: values.shape for name, values in self.params.items()}
        shapes = {name: values.shape for name, values in found.items()}
        if shapes != wanted:
            raise ValueError(f"{path} holds {shapes}, expected {wanted}")
        self.params = {
            name: values.astype(self.params[name].dtype) for name, values in found.items()
        }
        return True


def _path(model, fname):
    name = Path(str(fname))
    if not name.name or name.is_absolute() or ".." in name.parts:
        raise ValueError(
            f"{type(model).__name__}: fname is {str(fname)!r}, expected the name of a file in "
            f"{FOLDER}"
        )
    return FOLDER / name


def _read(path):
    """Return the arrays in a file that np.savez wrote. Raises ValueError for any other."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except OSError:
        raise
    except Exception as error:  # a damaged file fails in more ways than could be listed
        reason = str(error) or type(error).__name__
        raise ValueError(f"{path} is damaged or was not saved here ({reason})") from None
