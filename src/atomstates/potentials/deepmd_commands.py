"""Commands of DeePMD one after the other in one interpreter, which starts TensorFlow only once.

Run as a file: ``python deepmd_commands.py '[["train", "input.json"], ["freeze"]]'``.
"""

import json
import sys


def main(commands: list[list[str]]) -> None:
    """Do the commands (the words after ``dp --tf``) in the current folder; the first failure ends it."""
    from deepmd.tf.entrypoints.main import main as dp

    for words in commands:
        dp(words)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
