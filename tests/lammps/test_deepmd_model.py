import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from atomstates.errors import InputError
from atomstates.lammps.deepmd_model import model_cutoff, model_elements
from atomstates.resources import shipped_model


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    size, length = len(content), b""
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def graph(elements: str, name: bytes = b"model_attr/tmap") -> bytes:
    """A TensorFlow graph with one large constant and the constant that holds the elements."""
    tensor = field(8, bytes([0x08, 7]) + field(8, elements.encode()))
    value = field(1, b"value") + field(2, tensor)
    node = field(1, name) + field(2, b"Const") + field(5, value)
    large = field(1, b"weights") + field(2, b"Const") + field(5, bytes(0) + field(1, b"x" * 300))
    return field(1, large) + field(1, node)


def with_cutoff(cutoff: float) -> bytes:
    """A TensorFlow graph that also holds the radius of the model."""
    tensor = field(8, bytes([0x08, 2]) + field(6, struct.pack("<d", cutoff)))
    value = field(1, b"value") + field(2, tensor)
    node = field(1, b"descrpt_attr/rcut") + field(2, b"Const") + field(5, value)
    return graph("Li Y Cl") + field(1, node)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_elements_of_a_tensorflow_graph(tmp_path) -> None:
    assert model_elements(written(tmp_path / "a.pb", graph("Li Y Cl"))) == ("Li", "Y", "Cl")


def test_elements_of_a_torchscript_archive(tmp_path) -> None:
    settings = json.dumps({"type": "dpa1", "type_map": ["O", "H"]})
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        buffer = io.BytesIO()
        pickle.dump({"model_def_script": settings}, buffer, protocol=2)
        archive.writestr("a/data.pkl", buffer.getvalue())
    assert model_elements(tmp_path / "a.pth") == ("O", "H")


def test_cutoff_of_a_tensorflow_graph(tmp_path) -> None:
    assert model_cutoff(written(tmp_path / "a.pb", with_cutoff(6.5))) == 6.5
    assert model_cutoff(shipped_model("li-y-cl-br")) == 6.5


def test_cutoff_of_a_torchscript_archive(tmp_path) -> None:
    settings = json.dumps({"type_map": ["O", "H"], "descriptor": {"type": "se_e2_a", "rcut": 6.0}})
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps({"model_def_script": settings}, protocol=2))
    assert model_cutoff(tmp_path / "a.pth") == 6.0


def test_cutoff_that_a_file_does_not_say_is_none(tmp_path) -> None:
    assert model_cutoff(written(tmp_path / "a.pb", graph("Li Y Cl"))) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"version https://git-lfs.github.com/spec/v1\n",
        graph("Li Y Cl")[:-5],
        graph("Li Y Cl", b"other"),
        b"PK\x05\x06" + bytes(18),
    ],
    ids=["empty", "pointer", "cut short", "no type map", "empty archive"],
)
def test_what_is_no_model_is_refused_by_name(tmp_path, content) -> None:
    with pytest.raises(InputError, match=r"a\.pb: no DeePMD model"):
        model_elements(written(tmp_path / "a.pb", content))


def test_a_missing_model_is_refused_by_name(tmp_path) -> None:
    with pytest.raises(InputError, match=r"a\.pb: the model cannot be read"):
        model_elements(tmp_path / "a.pb")
