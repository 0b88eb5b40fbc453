"""What `check` finds beyond single keys: files, elements, charges, supercell, timestep, snapshots, lags."""

import copy

import pytest
from settings_keys import MATERIAL

from atomstates.resources import shipped_model


def said(found, status, name):
    """The message of the one verdict of that status and name."""
    messages = [message for s, n, message in found if (s, n) == (status, name)]
    assert len(messages) == 1, found
    return messages[0]


def test_supercell_of_no_material(verdicts):
    found = verdicts(campaign={"supercells": {"sault": [2, 2, 2]}})
    assert "supercells.sault: no material has that name; did you mean 'salt'?" in said(
        found, "FAIL", "supercells"
    )


def test_supercell_of_the_campaign_is_looked_at(verdicts):
    found = verdicts(campaign={"supercells": {"salt": [2, 2, 2]}})
    assert "a fraction of 0.3 is" in said(
        verdicts(
            campaign={"supercells": {"salt": [2, 2, 2]}},
            material={"substitution": [{"replace": "Cl", "by": "Br", "fraction": 0.3}]},
        ),
        "FAIL",
        "substitution",
    )
    assert [status for status, name, _ in found if name == "substitution"] == ["PASS"]


def test_mobile_element_that_is_not_there(verdicts):
    assert "mobile names 'Li', which is not in the crystal; the crystal has Na, Cl, Br" in said(
        verdicts(material={"mobile": "Li"}), "FAIL", "elements"
    )


def test_anions_that_are_not_there(verdicts):
    assert "anions names 'O'" in said(verdicts(material={"anions": ["Cl", "O"]}), "FAIL", "elements")


def test_ion_that_is_also_called_an_anion(verdicts):
    assert "both name 'Na'" in said(verdicts(material={"anions": ["Cl", "Na"]}), "FAIL", "elements")


def test_charges_that_do_not_add_up(verdicts):
    message = said(verdicts(material={"charges": {"Na": 2, "Cl": -1, "Br": -1}}), "FAIL", "ordering")
    assert "4 Na, 4 Cl" in message
    assert "+4.000 e" in message


def test_charge_that_is_missing(verdicts):
    assert "charge of Na is missing" in said(
        verdicts(material={"charges": {"Cl": -1, "Br": -1}}), "FAIL", "ordering"
    )


def test_ion_without_charge_conducts_nothing(verdicts):
    charges = {"Na": 0, "Cl": 0, "Br": 0}
    assert "the charge of Na is 0" in said(verdicts(material={"charges": charges}), "FAIL", "charges")


def test_charge_of_an_element_that_no_site_has(verdicts):
    charges = {"Na": 1, "Cl": -1, "Br": -1, "K": 1}
    assert "charges names K" in said(verdicts(material={"charges": charges}), "WARN", "charges")


def test_occupancies_that_are_no_whole_atoms(verdicts):
    crystal = copy.deepcopy(MATERIAL["crystal"])
    crystal["sites"][0]["occupancy"] = 0.9
    assert "3.600 Na on 4" in said(verdicts(material={"crystal": crystal}), "FAIL", "ordering")


def test_substitution_of_half_an_atom(verdicts):
    substitution = [{"replace": "Cl", "by": "Br", "fraction": 0.123}]
    assert "whole atoms are needed" in said(
        verdicts(material={"substitution": substitution}), "FAIL", "substitution"
    )


def test_substitution_by_another_charge(verdicts):
    changes = {"substitution": [{"replace": "Cl", "by": "S", "fraction": 0.25}]}
    changes["charges"] = {"Na": 1, "Cl": -1, "S": -2}
    # a quarter of 108 chlorides
    assert "the charge -27 e" in said(verdicts(material=changes), "WARN", "substitution")


def test_substitution_by_no_element(verdicts):
    substitution = [{"replace": "Cl", "by": "Xy", "fraction": 0.25}]
    assert "'Xy', which is no chemical symbol" in said(
        verdicts(material={"substitution": substitution}), "FAIL", "substitution"
    )


def test_supercell_that_the_ordering_does_not_divide(verdicts):
    changes = {"ordering": {"cell": [2, 1, 1]}}
    assert "no multiple of ordering.cell [2, 1, 1]" in said(verdicts(material=changes), "FAIL", "supercell")


def test_lattice_that_lacks_the_symmetry(verdicts):
    crystal = MATERIAL["crystal"] | {"lattice_A": [5, 5, 6]}
    assert "space group 225" in said(verdicts(material={"crystal": crystal}), "FAIL", "crystal")


def test_hop_that_is_no_distance_of_the_crystal(verdicts):
    # neighbours of the fcc sublattice: 5.64/2^½
    assert "3.99 Å apart" in said(verdicts(material={"hop_length_A": 1.0}), "WARN", "hop length")


def test_every_missing_file_is_named(verdicts):
    changes = {"crystal": {"cif": "none.cif"}, "potential": {"deepmd": {"models": ["a.pb", "b.pb"]}}}
    found = verdicts(material=changes)
    messages = [message for status, name, message in found if (status, name) == ("FAIL", "files")]
    assert [next(f for f in ("none.cif", "a.pb", "b.pb") if f in m) for m in messages] == [
        "none.cif",
        "a.pb",
        "b.pb",
    ]


def test_model_that_lacks_an_element(verdicts):
    found = verdicts(
        material={"potential": {"deepmd": {"models": ["shipped:li-y-cl-br"]}}, "substitution": []}
    )
    assert "knows Li, Y, Cl, Br, but the material also has Na" in said(found, "FAIL", "model")


def test_model_that_is_none(verdicts, tmp_path):
    (tmp_path / "model.pb").write_bytes(shipped_model("li-y-cl-br").read_bytes()[:1000])
    found = verdicts(material={"potential": {"deepmd": {"models": ["model.pb"]}}})
    assert "no DeePMD model (1000 bytes" in said(found, "FAIL", "model")


@pytest.mark.parametrize(("femtoseconds", "status"), [(4.0, "PASS"), (8.0, "WARN")])
def test_timestep_for_the_lightest_mass(verdicts, femtoseconds, status):
    # sodium: 1 fs times the root of 23
    changes = {"md.timestep_fs": femtoseconds, "md.frame_every_ps": 0.08, "md.thermo_every_ps": 0.08}
    changes |= {"md.thermo_every_ps": 0.8, "md.snapshot_every_ps": 2.0}
    assert "Na (23 u) allows about 4.8 fs" in said(verdicts(changes), status, "timestep")


def test_interval_of_snapshots_that_is_longer_than_the_run(verdicts):
    assert "longer than md.produce_ps" in said(
        verdicts({"md.snapshot_every_ps": 80.0}), "FAIL", "snapshots"
    )


def test_too_few_blocks_of_snapshots(verdicts):
    changes = {"md.snapshot_every_ps": 10.0}
    assert "4 blocks of doas.block_snapshots = 3; 5 are needed" in said(
        verdicts(changes), "WARN", "snapshots"
    )


def test_window_of_lags_that_holds_none(verdicts):
    changes = {"transport.fit_from_ps": 10.01, "transport.fit_to_ps": 10.05}
    assert "holds 0 lags" in said(verdicts(changes), "FAIL", "lags")


def test_window_beyond_the_run(verdicts):
    assert "transport.fit_to_ps is 30, but lags reach 20 ps" in said(
        verdicts({"transport.fit_to_ps": 30.0}), "FAIL", "campaign"
    )


def test_few_frames(verdicts):
    changes = {"md.frame_every_ps": 2.0, "md.snapshot_every_ps": 2.0, "transport.fit_from_ps": None}
    assert "21 frames" in said(verdicts(changes | {"transport.fit_to_ps": None}), "WARN", "lags")


def test_all_lengths_that_do_not_fit_are_told(verdicts):
    found = verdicts({"md.timestep_fs": 3.0})
    lengths = [message for status, name, message in found if (status, name) == ("FAIL", "lengths")]
    for key in ("frame_every_ps", "snapshot_every_ps", "thermo_every_ps", "restart_every_ps", "produce_ps"):
        assert any(f"md.{key}: found" in message for message in lengths)


@pytest.mark.parametrize(
    ("temperatures", "status", "words"),
    [
        ([300, 400], "WARN", "needs 3 for an activation energy"),
        ([300, 400, 500], "PASS", "6 or more for a kink, 7 for a jump"),
        ([300, 400, 3000], "WARN", "3000 K is likely above melting"),
    ],
)
def test_temperatures(verdicts, temperatures, status, words):
    assert words in said(verdicts({"temperatures_K": temperatures}), status, "temperatures")


def test_results_of_another_campaign(verdicts, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "campaign.json").write_text('{"campaign": {"name": "other"}}')
    assert "holds the results of the campaign 'other'" in said(verdicts(), "FAIL", "results")


def test_checking_leaves_nothing_behind(verdicts, tmp_path):
    verdicts()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["campaign.yaml", "salt.yaml"]
