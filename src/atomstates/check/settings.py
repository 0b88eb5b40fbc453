"""Whether the settings of a campaign make sense together, beyond what each key says of itself."""

from atomstates.campaign.schema import Campaign
from atomstates.errors import InputError
from atomstates.md.plan import Plan, plan
from atomstates.piecewise.comparison import PARAMETERS
from atomstates.products import Check
from atomstates.transport.arrhenius_line import FEWEST_TEMPERATURES
from atomstates.transport.window import FEWEST_FITTED_LAGS

_FEWEST_FOR_A_KINK = PARAMETERS["kink"] + 2
"""The corrected criterion of Akaike needs one more point than parameters, and one to spare."""
_FEWEST_BLOCKS = 5
"""Blocks of snapshots below which bootstrap errors are not sound (`doas` warns of them too)."""
_FEWEST_FRAMES = 100
_HOT = 2000.0
"""K: solid electrolytes are liquid there, and potentials outside of what they were trained on."""
LONGEST_TIMESTEP_FS = 1.0
"""Times the root of the mass in u. An atom of 1 u on a bond of 20 eV/Å² vibrates with a period of 14 fs,
and an oscillator is followed well with 14 steps a period."""


def settings_checks(campaign: Campaign) -> tuple[list[Check], Plan | None]:
    """Verdicts on lengths, snapshots, lags, temperatures and seeds; the plan unless lengths do not fit."""
    try:
        steps = plan(campaign.md)
    except InputError as error:
        return [Check("lengths", "FAIL", line) for line in str(error).splitlines()], None
    checks = [
        Check(
            "lengths",
            "PASS",
            f"{steps.last_step - steps.first_step} steps a run, {steps.n_frames} frames, "
            f"{steps.n_snapshots} snapshots",
        ),
        _snapshots(campaign, steps),
        _lags(campaign, steps),
        _temperatures(campaign),
        _restarts(campaign),
    ]
    return checks, steps


def timestep_check(campaign: Campaign, lightest: str, mass: float) -> Check:
    """Whether the timestep follows the fastest vibration, that of the lightest element (u)."""
    longest, found = LONGEST_TIMESTEP_FS * mass**0.5, campaign.md.timestep_fs
    words = f"md.timestep_fs is {found:g}; {lightest} ({mass:.3g} u) allows about {longest:.1f} fs"
    if found > 1.25 * longest:
        return Check(
            "timestep", "FAIL" if found > 2.5 * longest else "WARN", f"{words}: choose a shorter one"
        )
    return Check("timestep", "PASS", words)


def _snapshots(campaign: Campaign, steps: Plan) -> Check:
    """Snapshots are frames, and blocks of them give the errors of the density of states."""
    md, size = campaign.md, campaign.doas.block_snapshots
    n = steps.n_snapshots * campaign.replicas
    blocks = -(-n // size)
    if md.snapshot_every_ps > md.produce_ps:
        return Check(
            "snapshots",
            "FAIL",
            f"md.snapshot_every_ps ({md.snapshot_every_ps:g}) is longer than md.produce_ps "
            f"({md.produce_ps:g}): only the first frame would be relaxed",
        )
    words = f"{n} snapshots at each temperature are {blocks} blocks of doas.block_snapshots = {size}"
    if blocks < _FEWEST_BLOCKS:
        return Check(
            "snapshots",
            "WARN",
            f"{words}; {_FEWEST_BLOCKS} are needed for sound errors: raise md.produce_ps, or lower "
            "md.snapshot_every_ps or doas.block_snapshots",
        )
    return Check("snapshots", "PASS", words)


def _lags(campaign: Campaign, steps: Plan) -> Check:
    """Whether the displacements have lags enough, and a window that holds some."""
    md, transport = campaign.md, campaign.transport
    longest = transport.longest_lag_fraction * md.produce_ps
    n_lags = int(longest / md.frame_every_ps)
    if steps.n_frames < _FEWEST_FRAMES:
        return Check(
            "lags",
            "WARN",
            f"{steps.n_frames} frames a run are few for a diffusivity ({_FEWEST_FRAMES} are wanted): lower "
            "md.frame_every_ps, or raise md.produce_ps",
        )
    start, end = transport.fit_from_ps or 0.0, transport.fit_to_ps or longest
    inside = int(end / md.frame_every_ps + 1e-9) - int(start / md.frame_every_ps - 1e-9)
    if transport.fit_window_ps is not None and inside < FEWEST_FITTED_LAGS:
        return Check(
            "lags",
            "FAIL",
            f"transport.fit_from_ps to fit_to_ps ({start:g} to {end:g} ps) holds {max(inside, 0)} lags at "
            f"md.frame_every_ps = {md.frame_every_ps:g}; {FEWEST_FITTED_LAGS} at least are needed",
        )
    return Check("lags", "PASS", f"lags up to {longest:g} ps, {n_lags} frames of {md.frame_every_ps:g} ps")


def _temperatures(campaign: Campaign) -> Check:
    """Whether the temperatures can give a line, and a break of it."""
    found = sorted(campaign.temperatures_K)
    words = f"{len(found)} from {found[0]:g} to {found[-1]:g} K"
    if found[-1] > _HOT:
        return Check("temperatures", "WARN", f"{words}: {found[-1]:g} K is likely above melting")
    if len(found) < FEWEST_TEMPERATURES:
        return Check(
            "temperatures",
            "WARN",
            f"{words}: temperatures_K needs {FEWEST_TEMPERATURES} for an activation energy and a "
            f"conductivity at {campaign.transport.extrapolate_K:g} K",
        )
    if len(found) < _FEWEST_FOR_A_KINK:
        return Check(
            "temperatures",
            "PASS",
            f"{words}: enough for an activation energy; a transition temperature wants "
            f"{_FEWEST_FOR_A_KINK} or more for a kink, {_FEWEST_FOR_A_KINK + 1} for a jump",
        )
    return Check("temperatures", "PASS", words)


def _restarts(campaign: Campaign) -> Check:
    """A run that is killed must not begin again from nothing."""
    md = campaign.md
    whole = md.equilibrate_ps + md.produce_ps
    if md.restart_every_ps > whole:
        return Check(
            "restarts",
            "WARN",
            f"md.restart_every_ps ({md.restart_every_ps:g}) is longer than a run ({whole:g} ps): a killed "
            "run loses all",
        )
    return Check("restarts", "PASS", f"a killed run loses {md.restart_every_ps:g} ps at most")
