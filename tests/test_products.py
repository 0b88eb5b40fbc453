"""A product that exists is complete."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from atomstates.errors import ProductError
from atomstates.products import (
    Check,
    Measured,
    Summary,
    fingerprint,
    is_done,
    mark_done,
    read_json,
    read_marker,
    readable,
    write_csv,
    write_json,
    written_whole,
)


def test_failure_while_writing_keeps_the_old_product(tmp_path):
    product = tmp_path / "product"
    product.write_text("old")

    def fail():
        with written_whole(product) as unfinished:
            unfinished.write_text("new, but only ha")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert product.read_text() == "old"
    assert list(tmp_path.iterdir()) == [product]


def test_killed_process_leaves_no_product(tmp_path):
    code = (
        "import os, sys, pathlib\n"
        "from atomstates.products import written_whole\n"
        "with written_whole(pathlib.Path(sys.argv[1])) as unfinished:\n"
        "    unfinished.write_text('half')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    product = tmp_path / "product"
    result = subprocess.run([sys.executable, "-c", code, str(product)], check=False)
    assert result.returncode == -9
    assert not product.exists()


def test_truncated_product_is_named(tmp_path):
    product = tmp_path / "doas.json"
    write_json(product, {"a": [1, 2, 3]})
    product.write_text(product.read_text()[:-5])
    with pytest.raises(ProductError, match=r"doas\.json: truncated.*run its stage again"):
        read_json(product)


def test_missing_product_is_named(tmp_path):
    with pytest.raises(ProductError, match=r"doas\.json: this product is missing"):
        read_json(tmp_path / "doas.json")


def test_truncated_binary_product_is_named(tmp_path):
    h5py = pytest.importorskip("h5py")
    product = tmp_path / "states.h5"
    with h5py.File(product, "w") as file:
        file["energy"] = np.arange(100_000.0)
    product.write_bytes(product.read_bytes()[:5000])

    def read():
        with readable(product), h5py.File(product) as file:
            return file["energy"][:]

    with pytest.raises(ProductError, match=r"states\.h5: missing, truncated"):
        read()


def test_marker_holds_for_its_settings_only(tmp_path):
    mark_done(tmp_path, "md", "abc", Summary())
    assert is_done(tmp_path, "abc")
    assert not is_done(tmp_path, "abd")
    assert not is_done(tmp_path / "elsewhere", "abc")


def test_truncated_marker_is_no_marker(tmp_path):
    mark_done(tmp_path, "md", "abc", Summary())
    marker = tmp_path / "done.json"
    marker.write_text(marker.read_text()[:40])
    assert not is_done(tmp_path, "abc")


def test_marker_gives_back_what_the_stage_said(tmp_path):
    summary = Summary(
        numbers={"diffusivity": Measured(1e-6, 1e-7, "cm²/s", 12, interval=(8e-7, 1.2e-6))},
        checks=(Check("temperature", "PASS", "300 ± 1 K"),),
        facts={"array": np.arange(3), "number": np.float64(0.5)},
    )
    mark_done(tmp_path, "transport", "abc", summary)
    marker = read_marker(tmp_path)
    assert marker["numbers"]["diffusivity"]["interval"] == [8e-7, 1.2e-6]
    assert marker["checks"] == [{"name": "temperature", "status": "PASS", "message": "300 ± 1 K"}]
    assert marker["facts"] == {"array": [0, 1, 2], "number": 0.5}
    assert marker["provenance"]["atomstates"] != "not installed"


def test_nan_is_refused_in_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"a": math.nan})
    assert list(tmp_path.iterdir()) == []


def test_csv_is_what_was_written(tmp_path):
    write_csv(tmp_path / "msd.csv", ["lag_ps", "msd_A2"], [(0.1, 0.25), (0.2, 0.5)])
    assert (tmp_path / "msd.csv").read_text() == "lag_ps,msd_A2\n0.1,0.25\n0.2,0.5\n"


def test_order_of_keys_leaves_the_fingerprint_alone():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint(json.loads('{"b": 2, "a": 1}'))
    assert fingerprint(1, 2) != fingerprint(2, 1)
