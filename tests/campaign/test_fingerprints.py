"""A changed setting changes the fingerprints of the stages that depend on it, and of no others."""

import pytest
import yaml

from atomstates.campaign.layout import lay_out
from atomstates.errors import InputError
from atomstates.stages import STAGES, downstream
from atomstates.workflow import all_work

MATERIAL = {
    "name": "argon",
    "title": "Argon",
    "crystal": {
        "space_group": 225,
        "lattice_A": [5.3, 5.3, 5.3],
        "sites": [{"label": "Ar", "element": "Ar", "position": [0, 0, 0]}],
    },
    "mobile": "Ar",
    "anions": ["Ar"],
    "charges": {"Ar": 0},
    "potential": {
        "lammps": {"pair_style": "lj/cut 8", "pair_coeff": ["* * 0.0104 3.4"], "files": ["lj.txt"]}
    },
}
CAMPAIGN = {"name": "small", "materials": ["argon.yaml"], "temperatures_K": [20, 40]}
FROM_MD = {"md", "minimize", "doas", "transport", "barriers", "report"}
ALL = {stage.name for stage in STAGES}


def fingerprints(folder, campaign=None, material=None, parameters="1"):
    folder.mkdir(exist_ok=True)
    (folder / "lj.txt").write_text(parameters)
    (folder / "argon.yaml").write_text(yaml.safe_dump(MATERIAL | (material or {})))
    (folder / "small.yaml").write_text(yaml.safe_dump(CAMPAIGN | (campaign or {})))
    results = lay_out(folder / "small.yaml", folder / "results")
    prints = {work.name: work.place.fingerprint(work.stage.name) for work in all_work(results)}
    return prints, {run.id: run.trajectory_fingerprint for run in results.runs}


def changed(before, after):
    """Names of the stages whose fingerprints are not what they were."""
    return {name.split()[0] for name in before if before[name] != after.get(name)}


@pytest.mark.parametrize(
    ("campaign", "material", "stages"),
    [
        ({"title": "x"}, {}, {"report"}),
        ({}, {"title": "x"}, {"report"}),
        ({}, {"source": "x"}, {"report"}),
        ({"doas": {"bin_width_eV": 0.5}}, {}, {"doas", "barriers", "report"}),
        ({"transport": {"extrapolate_K": 310}}, {}, {"transport", "barriers", "report"}),
        ({"transport": {"most_lags": 99}}, {}, {"transport", "barriers", "report"}),
        ({"transport": {"map_spacing_A": 0.3}}, {}, {"transport", "barriers", "report"}),
        ({"transport": {"fit_from_ps": 2}}, {}, {"transport", "barriers", "report"}),
        ({}, {"hop_length_A": 2.0}, {"transport", "barriers", "report"}),
        ({"barriers": {"hops_per_class": 1}}, {}, {"barriers", "report"}),
        ({"barriers": {"bin_width_eV": 0.1}}, {}, {"barriers", "report"}),
        ({"minimize": {"most_steps": 99}}, {}, {"minimize", "doas", "barriers", "report"}),
        ({"md": {"produce_ps": 7}}, {}, FROM_MD),
        ({"md": {"timestep_fs": 1}}, {}, FROM_MD),
        ({"md": {"cell": "mean-npt"}}, {}, FROM_MD),
        ({"md": {"cell": "given"}}, {}, FROM_MD | {"potentials"}),
        ({}, {"supercell": [2, 2, 2]}, ALL),
        ({"supercells": {"argon": [2, 2, 2]}}, {}, ALL),
        ({"supercells": {"argon": [1, 1, 1]}}, {}, set()),
        ({"seed": 2}, {}, ALL),
        ({"lammps_command": ["mpiexec", "-n", "2", "lmp"]}, {}, set()),
    ],
)
def test_setting_changes_what_depends_on_it(tmp_path, campaign, material, stages):
    before, _ = fingerprints(tmp_path)
    after, _ = fingerprints(tmp_path, campaign, material)
    assert changed(before, after) == stages


def test_supercell_of_the_campaign_stands_for_that_of_the_material(tmp_path):
    by_campaign, _ = fingerprints(tmp_path, {"supercells": {"argon": [2, 2, 2]}}, {"supercell": [3, 3, 3]})
    by_material, _ = fingerprints(tmp_path, {}, {"supercell": [2, 2, 2]})
    assert by_campaign == by_material


def test_supercell_of_no_material_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(
        InputError, match=r"supercells\.argn: no material has that name; did you mean 'argon'"
    ):
        fingerprints(tmp_path, {"supercells": {"argn": [2, 2, 2]}})


def test_content_of_the_potential_counts_not_its_name(tmp_path):
    before, _ = fingerprints(tmp_path)
    after, _ = fingerprints(tmp_path, parameters="2")
    assert changed(before, after) == FROM_MD | {"potentials"}
    elsewhere, _ = fingerprints(tmp_path / "elsewhere")
    assert elsewhere == before


def test_longer_run_is_the_same_trajectory(tmp_path):
    _, before = fingerprints(tmp_path)
    _, longer = fingerprints(tmp_path, {"md": {"produce_ps": 7}})
    _, other = fingerprints(tmp_path, {"md": {"timestep_fs": 1}})
    assert longer == before
    assert set(other.values()).isdisjoint(before.values())


def test_new_temperature_leaves_the_other_runs_alone(tmp_path):
    before, trajectories = fingerprints(tmp_path)
    after, _ = fingerprints(tmp_path, {"temperatures_K": [20, 40, 60]})
    stale = {name for name in before if before[name] != after[name]}
    assert stale == {"doas argon", "transport argon", "barriers argon", "report small"}
    assert len(set(trajectories.values())) == 2


def test_fingerprints_of_all_places_differ(tmp_path):
    prints, _ = fingerprints(tmp_path, {"replicas": 3})
    assert len(set(prints.values())) == len(prints)


def test_seeds_of_runs_differ_and_are_reproducible(tmp_path):
    fingerprints(tmp_path, {"replicas": 2})
    seeds = [run.seed for run in lay_out(tmp_path / "small.yaml", tmp_path / "results").runs]
    assert len(set(seeds)) == 4
    assert seeds == [run.seed for run in lay_out(tmp_path / "small.yaml", tmp_path / "results").runs]


def test_all_that_stands_on_relaxation_is_downstream():
    assert [(stage.name, stage.level) for stage in downstream("minimize")] == [
        ("minimize", "run"),
        ("doas", "run"),
        ("doas", "material"),
        ("barriers", "run"),
        ("barriers", "material"),
        ("report", "campaign"),
    ]


def test_laying_out_again_leaves_the_settings_file_alone(tmp_path):
    fingerprints(tmp_path)
    before = (tmp_path / "results" / "campaign.json").stat().st_mtime_ns
    fingerprints(tmp_path)
    assert (tmp_path / "results" / "campaign.json").stat().st_mtime_ns == before


def test_results_opened_again_have_the_same_fingerprints(tmp_path):
    from atomstates.campaign.layout import open_results

    prints, _ = fingerprints(tmp_path, {"temperatures_K": [300.5, 20]})
    again = {
        work.name: work.place.fingerprint(work.stage.name)
        for work in all_work(open_results(tmp_path / "results"))
    }
    assert again == prints


def test_distributions_leave_hops_alone_and_other_runs_leave_the_ordered_crystal_alone(tmp_path):
    """Bands are the costly part: what is counted from them may change as often as one likes."""
    before, _ = fingerprints(tmp_path)
    after, _ = fingerprints(tmp_path, {"barriers": {"bin_width_eV": 0.1, "prefactor_per_ps": 1.0}})
    assert {name for name in before if before[name] != after[name]} == {"barriers argon", "report small"}
    ordered = lay_out(tmp_path / "small.yaml", tmp_path / "results").materials[0]
    fingerprints(tmp_path, {"temperatures_K": [20, 40, 60], "barriers": {"hops_per_class": 1}})
    longer = lay_out(tmp_path / "small.yaml", tmp_path / "results").materials[0]
    assert longer.ordered_barriers_fingerprint == ordered.ordered_barriers_fingerprint


def test_further_models_leave_the_trajectory_alone(tmp_path):
    """They are compared along it, relax its snapshots and give a spread; the first model drives."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.pb").write_text(name)

    def under(*models, **md):
        material = {"potential": {"deepmd": {"models": [f"{name}.pb" for name in models]}}}
        return fingerprints(tmp_path, {"md": md}, material)

    alone, trajectories = under("a")
    several, same = under("a", "b", "c")
    _, another = under("b", "a", "c")
    assert same == trajectories
    assert changed(alone, several) == FROM_MD | {"potentials"}
    assert set(another.values()).isdisjoint(trajectories.values())
    stricter, same = under("a", "b", "c", deviation_threshold_eV_per_A=0.1)
    assert same == trajectories
    assert changed(several, stricter) == FROM_MD
    assert under("a", deviation_threshold_eV_per_A=0.1)[0] == alone
