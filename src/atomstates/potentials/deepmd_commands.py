"""Commands of DeePMD one after the other in one interpreter, which starts TensorFlow only once.

Run as a file: ``python deepmd_commands.py '[["train", "input.json"], ["freeze"]]'``.
"""

import json
import sys
from typing import Any

import numpy as np


def main(commands: list[list[str]]) -> None:
    """Do the commands (the words after ``dp --tf``) in the current folder; the first failure ends it."""
    from deepmd.tf.descriptor import se_atten
    from deepmd.tf.entrypoints.main import main as dp

    se_atten.make_data = tabulated_pairs
    for words in commands:
        dp(words)


def tabulated_pairs(descriptor: Any, pairs: np.ndarray) -> np.ndarray:
    """What the embedding network says of each pair of elements, as training has it.

    DeePMD-kit 3.2.0 compresses this network (``deepmd.tf.utils.compress.make_data``) as if no first
    layer had a shortcut and every other one doubled: layers of equal width fail, and a first layer
    that is as wide as its input, or twice, comes out wrong without a word.

    Parameters
    ----------
    descriptor
        DeePMD's ``DescrptSeAtten``, with the weights in ``matrix`` and ``bias``, by layer.
    pairs
        Embeddings of both elements, shape (pairs, 2 * type embedding).

    Returns
    -------
    NDArray
        Shape (pairs, last layer).
    """
    from deepmd.tf.env import tf

    x = pairs
    for layer, matrix in descriptor.matrix.items():
        y = np.tanh(x @ tf.make_ndarray(matrix) + tf.make_ndarray(descriptor.bias[layer]))
        ratio, rest = divmod(y.shape[1], x.shape[1])
        if rest == 0 and ratio in (1, 2):
            y = y + np.tile(x, ratio)
        x = y
    return x


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
