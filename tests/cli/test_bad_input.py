"""Bad input ends with a clear error, exit code 1 and no traceback."""

import pytest

from atomstates.errors import ProductError
from atomstates.products import written_whole

LINES = {
    "name": "name: small",
    "materials": "materials: [argon.yaml]",
    "temperatures_K": "temperatures_K: [20, 40]",
}


def campaign(folder, **changes):
    lines = LINES | changes
    (folder / "small.yaml").write_text("\n".join(lines.values()) + "\n")


def refusal(result):
    """The error of a command that must fail in the way meant for users."""
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert result.stderr.startswith("error: ")
    return result.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"md": "md: {prodce_ps: 3}"}, ["md.prodce_ps", "unknown key", "'produce_ps'"]),
        ({"md": "md: {temperature_K: 3}"}, ["md.temperature_K", "unknown key", "'temperatures_K'"]),
        ({"doas": "doas: {bin_width: 0.1}"}, ["doas.bin_width", "'bin_width_eV'"]),
        ({"temperatures_K": "temperature_K: [300]"}, ["temperature_K", "'temperatures_K'"]),
        ({"temperatures_K": "temperatures_K: [-300]"}, ["temperatures_K", "greater than 0", "-300"]),
        ({"temperatures_K": "temperatures_K: [hot]"}, ["temperatures_K", "'hot'"]),
        ({"temperatures_K": "temperatures_K: [300, 300]"}, ["names a temperature twice"]),
        ({"md": "md: {timestep_fs: 0}"}, ["md.timestep_fs", "greater than 0"]),
        ({"md": "md: {timestep_fs: 2000}"}, ["md.timestep_fs", "less than or equal to 10"]),
        ({"md": "md: {timestep_fs: 0.3}"}, ["md.frame_every_ps", "found 0.1 ps", "multiple", "0.0999 ps"]),
        ({"materials": "materials: [argno]"}, ["argno", "materials"]),
        ({"name": "name: ../x"}, ["name", "../x"]),
        ({"broken": "broken: [1, 2"}, ["not readable as YAML"]),
    ],
)
def test_campaign_that_makes_no_sense(folder, command, changes, words):
    campaign(folder, **changes)
    message = refusal(command("run", "small.yaml"))
    assert any(name in message for name in ("small.yaml", "argno", "md."))
    for word in words:
        assert word in message
    assert not (folder / "results").exists()


def test_unknown_stage_names_the_nearest(command):
    assert "did you mean 'minimize'" in refusal(command("run", "small.yaml", "minimise"))
    assert "did you mean 'doas'" in refusal(command("run", "small.yaml", "--force", "dos"))


def test_missing_campaign_names_the_shipped_ones(command):
    assert "did you mean 'tutorial'" in refusal(command("run", "tutorail"))


def test_missing_model_is_named(folder, command):
    text = (folder / "argon.yaml").read_text()
    lammps = text[text.index("potential:") :]
    (folder / "argon.yaml").write_text(text.replace(lammps, "potential: {deepmd: {models: [none.pb]}}\n"))
    message = refusal(command("run", "small.yaml"))
    assert "none.pb" in message
    assert "'argon'" in message


def test_unknown_shipped_model_is_named(folder, command):
    text = (folder / "argon.yaml").read_text()
    lammps = text[text.index("potential:") :]
    (folder / "argon.yaml").write_text(
        text.replace(lammps, "potential: {deepmd: {models: ['shipped:ne']}}\n")
    )
    assert "no shipped potential is named 'ne'" in refusal(command("run", "small.yaml"))


def test_results_of_another_campaign_are_left_alone(folder, command, results):
    campaign(folder, name="name: other")
    before = (results / "campaign.json").read_text()
    message = refusal(command("run", "small.yaml", "--results", results))
    assert "'small'" in message
    assert "'other'" in message
    assert "--results" in message
    assert (results / "campaign.json").read_text() == before


def test_folder_of_something_else_is_left_alone(folder, command):
    (folder / "photos").mkdir()
    (folder / "photos" / "cat.jpg").write_text("cat")
    assert "not a results folder" in refusal(command("run", "small.yaml", "--results", "photos"))


def test_truncated_settings_are_named(command, results):
    file = results / "campaign.json"
    file.write_text(file.read_text()[:100])
    message = refusal(command("md", "--results", results))
    assert "campaign.json" in message
    assert "truncated" in message


def test_stage_whose_forerunner_is_missing_says_which(command, results):
    message = refusal(command("md", "--run", "argon_20K_1", "--results", results))
    assert "potentials/done.json" in message


def test_unknown_run_names_the_nearest(command, results):
    assert "did you mean 'argon_20K_1'" in refusal(
        command("md", "--run", "argon_20K", "--results", results)
    )


def test_full_disk_is_said(tmp_path):
    def fill():
        with written_whole(tmp_path / "product"):
            raise OSError(28, "No space left on device")

    with pytest.raises(ProductError, match=r"the disk is full.*what was finished is kept"):
        fill()
    assert list(tmp_path.iterdir()) == []
