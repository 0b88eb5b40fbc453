"""Transitions among the fabricated levels: in equilibrium, over barriers from the lower to the higher."""

import numpy as np

from atomstates.doas.transition_outcome import (
    COLUMNS,
    joined_content,
    transition_content,
    transition_rates,
    transition_rows,
)
from atomstates.doas.transitions import TransitionCounts
from atomstates.products import write_csv, write_json

CLASSES = np.array([[0, 1], [0, 2], [1, 1], [2, 0]])
CENTRES = np.array([0.16, 0.31, 0.52, 0.70])
ATTEMPTS = 20.0
"""1/ps"""
KT = 8.617333e-5
N_STATES = 3600


def write_transitions(folder, material, shares) -> None:
    """``transitions.json`` and ``transitions.csv`` for shares (4,) of the classes by temperature."""
    entries, rows = [], []
    for temperature, share in shares.items():
        found = transition_rates(fabricated_counts(temperature, np.asarray(share)), 0.1, 20, 1)
        entries.append(transition_content(temperature, found, 1, 0.0))
        rows += transition_rows(temperature, "", found)
    write_json(folder / "transitions.json", joined_content(material, 0.1, entries))
    write_csv(folder / "transitions.csv", COLUMNS, rows)


def fabricated_counts(temperature, share) -> TransitionCounts:
    """Ten alike blocks: n_ij = N_i k dt exp(-(E_top - E_i)/kT), the same there as back."""
    top = np.maximum(CENTRES[:, None], CENTRES) + 0.02
    top += 0.15 * np.eye(len(CENTRES))  # to another site of the class is farther
    flow = ATTEMPTS * 0.1 * np.exp(-(top - CENTRES[0]) / (KT * temperature))
    flow[3], flow[:, 3] = 0, 0  # nothing goes to neither
    changes = np.round(N_STATES / 10 * share[0] * flow).astype(np.int64)
    starts = np.maximum(np.round(N_STATES / 10 * share).astype(np.int64), 2 * changes.sum(axis=1))
    states = np.round(N_STATES * share).astype(np.int64)
    return TransitionCounts(
        classes=CLASSES,
        changes=np.repeat(changes[None], 10, axis=0),
        starts=np.repeat(starts[None], 10, axis=0),
        energy=CENTRES * states,
        states=states,
        n_pairs=49,
        n_gaps=1,
    )
