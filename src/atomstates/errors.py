"""Errors that are the user's to mend, and the exit codes that say what to do next."""

DONE = 0
USER_ERROR = 1
HOPELESS = 65
MORE_TO_DO = 75


class AtomStatesError(Exception):
    """Something that the user can mend: shown without a traceback.

    The message says where, what was found, what was needed and what to do.
    """

    exit_code = USER_ERROR


class InputError(AtomStatesError):
    """A campaign, material, crystal, potential or option that makes no sense."""


class ProductError(AtomStatesError):
    """A product on disk that is missing, truncated or belongs to another campaign."""


class ProgramError(AtomStatesError):
    """LAMMPS, DeePMD or another program failed; the message quotes its log."""


class HopelessRun(AtomStatesError):
    """A run that would fail again in the same way (a cell that fell apart): not repeated."""

    exit_code = HOPELESS


class Unfinished(AtomStatesError):
    """A run that was checkpointed before its end: the same command goes on from there."""

    exit_code = MORE_TO_DO


class TooLittleDiffusion(AtomStatesError):
    """The ions moved too little for a slope; the message has the numbers."""
