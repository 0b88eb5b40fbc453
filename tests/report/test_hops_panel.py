"""The films of hops are of the paths that the campaign found."""

import numpy as np
import pytest

from atomstates.campaign.layout import open_results
from atomstates.report.contents import contents
from atomstates.report.interactive.panels import panels
from atomstates.report.profile_pictures import followed_hops, listed_hops


@pytest.fixture(scope="module")
def played(finished):
    """Hops that the table lists, and the data of their films."""
    results = open_results(finished[0] / "results")
    material = contents(results)[0]
    return listed_hops(followed_hops(material)), panels(results.materials[0], material)["profiles"].data


def test_every_listed_hop_has_a_film_with_its_barrier(played):
    hops, data = played
    assert len(data["paths"]) == len(hops) > 0
    for hop, path in zip(hops, data["paths"], strict=True):
        energies = np.array(path["energies"])
        assert energies.max() == pytest.approx(hop.entry["barrier_forward_eV"], abs=2e-6)
        assert energies[-1] == pytest.approx(hop.entry["energy_difference_eV"], abs=2e-6)


def test_ion_that_hops_is_the_mobile_one_and_goes_as_far_as_its_profile_says(played):
    hops, data = played
    for hop, path in zip(hops, data["paths"], strict=True):
        assert path["elements"][0] == "Li"
        assert path["along"][-1] == pytest.approx(hop.entry["profile"]["ion_path_A"][-1], rel=1e-3)
