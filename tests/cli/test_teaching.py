"""Help that teaches, shell completion, exit codes as documented, JSON for machines."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stand_in_campaign import STAND_INS

from atomstates.cli.campaigns import EXAMPLES
from atomstates.cli.teaching import EXIT_CODES, FIRST_STEPS, VARIABLES
from atomstates.errors import DONE, HOPELESS, MORE_TO_DO, USER_ERROR

ATOMSTATES = Path(sys.executable).with_name("atomstates")


def completions(folder, *words):
    """What TAB offers after these words in bash, the last of which is unfinished."""
    environment = {
        **os.environ,
        "_ATOMSTATES_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("atomstates", *words)),
        "COMP_CWORD": str(len(words)),
    }
    environment.pop("ATOMSTATES_RESULTS", None)
    shown = subprocess.run(
        [ATOMSTATES], env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return shown.stdout.split()


def test_completion_knows_verbs_options_stages_campaigns_and_runs(folder, results):
    assert completions(folder, "ch") == ["check"]
    assert completions(folder, "check", "--no") == ["--no-timing"]
    assert completions(folder, "run", "tu") == ["tutorial", "tutorial-br", "tutorial-pnma"]
    assert completions(folder, "run", "sm") == ["small.yaml"]
    assert completions(folder, "run", "small.yaml", "m") == ["md", "minimize"]
    assert completions(folder, "md", "--run", "argon_2") == ["argon_20K_1"]
    assert completions(folder, "structures", "--material", "") == ["argon"]


def test_completion_is_silent_where_there_are_no_results(tmp_path):
    assert completions(tmp_path, "md", "--run", "a") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_of_each_shell(shell):
    shown = subprocess.run(
        [ATOMSTATES], env={**os.environ, "_ATOMSTATES_COMPLETE": f"source_{shell}"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "_ATOMSTATES_COMPLETE" in shown.stdout
    assert shown.returncode == 0


def test_help_shows_first_steps_exit_codes_and_variables(command):
    shown = command("--help").stdout
    for line in (*FIRST_STEPS, *map(str, EXIT_CODES), *VARIABLES):
        assert line in shown


def test_help_of_every_verb_of_campaigns_has_examples_that_exist(command):
    verbs = {verb.__name__ for verb in EXAMPLES}
    for verb, examples in EXAMPLES.items():
        text = command(verb.__name__, "--help").stdout
        shown = " ".join(text.split())
        for example in examples:
            assert example in shown
            assert example.split()[1] in verbs
            options = re.findall(r" (--[\w-]+)", example)
            assert all(option in text.partition("Examples")[0] for option in options)


def test_exit_codes_are_those_that_are_documented(command, folder, results):
    assert {DONE, USER_ERROR, HOPELESS, MORE_TO_DO} <= set(EXIT_CODES)
    assert command("status").returncode == DONE
    assert command("status", "--results", "nowhere").returncode == USER_ERROR
    assert command("status", "--nonsense").returncode == 2
    for code in (HOPELESS, MORE_TO_DO):
        (folder / "fail-structures-argon").write_text(str(code))
        ended = command("structures", PYTHONPATH=str(STAND_INS), ORDERS=str(folder))
        assert ended.returncode == code


def test_interrupted_command_says_so_by_its_exit_code(folder, results):
    (folder / "sleep-structures").write_text("30")
    process = subprocess.Popen(
        [sys.executable, "-m", "atomstates.cli", "structures"], cwd=folder, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(STAND_INS), "ORDERS": str(folder)},
        # shells have their background jobs ignore the signal
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    with process:
        begin = time.monotonic()
        while not (folder / "trace").exists() and time.monotonic() - begin < 60:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def test_json_of_status_has_places_with_stages(command, results):
    content = json.loads(command("status", "--json").stdout)
    assert set(content) == {"campaign", "results", "places"}
    assert {"place", "stages", "failures"} <= set(content["places"][0])


def test_json_of_report_has_numbers_and_checks(finished):
    folder, _ = finished
    shown = subprocess.run(
        [ATOMSTATES, "report", "--results", folder / "results", "--json"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    content = json.loads(shown.stdout)
    assert set(content) == {"campaign", "page", "numbers_file", "numbers", "checks"}
    assert Path(content["page"]).is_file()
    assert Path(content["numbers_file"]).is_file()
    assert {"stage", "place", "name", "status", "message"} == set(content["checks"][0])


@pytest.mark.parametrize("kind", ["campaign", "material"])
def test_schema_is_shown_and_written(command, folder, kind):
    shown = json.loads(command("schema", kind).stdout)
    assert shown["title"] == f"atomstates {kind}"
    assert command("schema", kind, "-o", "schema.json").returncode == 0
    assert json.loads((folder / "schema.json").read_text()) == shown
