"""What the stage ``barriers`` would cost, from counts of its relaxations and force evaluations.

For each hop of a run, with n frames from one snapshot to the next, the search relaxes log2(n) frames at
most, half a relaxation goes to the ends (most are relaxed already), and the bands, the curvatures at
their ends and the energies of atoms take ``EVALUATIONS``. A run has at most ``CLASSES`` classes of hops,
of each at most ``hops_per_class``. Of the ordered crystal every distinct end is relaxed, and some paths
are followed.

The counts are those of Li3YCl6 with 60 atoms: 27 hops took 158 evaluations each, between 128 (600 K) and
188 (ordered crystal); searches over 20 frames took 2.9 relaxations a hop, and the ends 0.2. An evaluation
takes as long as a step of a relaxation (11.0 and 10.7 ms). Cold runs, in which little moves, have fewer
hops: so this is an upper estimate.
"""

from math import ceil, log2

from atomstates.campaign.schema import Barriers

CLASSES = 3
"""Pairs of octahedral and tetrahedral sites, in either direction."""
EVALUATIONS = 160
"""Force evaluations of a path: its band of some nine replicas, and the curvature at its ends."""
END_RELAXATIONS = 0.5
ORDERED_ENDS = 20
"""Distinct ends of the hops of an ordered crystal."""
ORDERED_CLASSES = 6
"""Classes of an ordered crystal's hops, by path and environment."""
_REPLICAS = 9


def hops_of_a_run(settings: Barriers) -> int:
    """Hops that are followed in each run, at most."""
    return CLASSES * settings.hops_per_class


def paths_of_ordered_crystal(settings: Barriers) -> int:
    """Paths that are followed in the ordered crystal, about."""
    return ORDERED_CLASSES * settings.ordered_hops_per_class


def run_seconds(settings: Barriers, frames_between: int, step: float, relaxation: float) -> float:
    """Time of the hops of one run.

        C h ((ceil(log2 n) + 1/2) ρ + E τ)

    Parameters
    ----------
    settings
        How many hops of each class (h).
    frames_between
        n, frames from one snapshot to the next.
    step
        τ, s, of dynamics.
    relaxation
        ρ, s.
    """
    searched = ceil(log2(max(1, frames_between)))
    a_hop = (searched + END_RELAXATIONS) * relaxation + EVALUATIONS * step
    return hops_of_a_run(settings) * a_hop


def ordered_seconds(settings: Barriers, step: float, relaxation: float) -> float:
    """Time of the hops and pairs of the ordered crystal; arguments as of ``run_seconds``."""
    paths = paths_of_ordered_crystal(settings)
    ends = (ORDERED_ENDS if paths else 0) + settings.separated_pairs
    return ends * relaxation + paths * EVALUATIONS * step


def hop_bytes(n_atoms: int) -> float:
    """Files of one hop: what the search found, the path as HDF5 and as XYZ, and the log of LAMMPS.

    48 N (both ends) + 98 N a replica (positions and energies in double precision, a line of text), 30 kB of
    HDF5 and JSON, 0.4 kB of log an evaluation.
    """
    return 48.0 * n_atoms + _REPLICAS * 98.0 * n_atoms + 30e3 + 400.0 * EVALUATIONS
