"""Other models made from the shipped one by writing other numbers into its graph: no training needed."""

from pathlib import Path

import numpy as np

from atomstates.lammps.deepmd_model import _fields
from atomstates.resources import shipped_model

ELEMENTS = ("Li", "Y", "Cl", "Br")


def with_other_zeros(path: Path, shifts: dict[str, float]) -> Path:
    """The shipped model with the energy of every atom of an element shifted (eV): another gauge."""
    graph = bytearray(shipped_model("li-y-cl-br").read_bytes())
    zeros = _numbers(graph, "fitting_attr/t_bias_atom_e", "<f8")
    for element, shift in shifts.items():
        zeros[ELEMENTS.index(element)] += shift
    path.write_bytes(graph)
    return path


def with_other_weights(path: Path, part: float, seed: int = 1) -> Path:
    """The shipped model with the last weights of its fitting net changed at random, by a part of each."""
    graph = bytearray(shipped_model("li-y-cl-br").read_bytes())
    random = np.random.default_rng(seed)
    values = _numbers(graph, "final_layer/matrix", "<f4")
    values *= 1 + part * random.standard_normal(len(values))
    path.write_bytes(graph)
    return path


def _numbers(graph: bytearray, name: str, kind: str) -> np.ndarray:
    """The numbers of a constant, as they lie in the graph: to write into them is to change the model."""
    for number, node in _fields(memoryview(graph)):
        parts = list(_fields(node))
        if number == 1 and bytes(parts[0][1]) == name.encode():
            # single numbers lie in float_val (5), more of them in tensor_content (4)
            entries = [dict(_fields(value)) for field, value in parts if field == 5]
            (value,) = (entry[2] for entry in entries if bytes(entry[1]) == b"value")
            tensor = dict(_fields(dict(_fields(value))[8]))
            return np.frombuffer(tensor.get(4, tensor.get(5)), dtype=kind)
    raise KeyError(name)
