"""What a trajectory of other people says about diffusion, and everything that was assumed for it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomstates.errors import InputError
from atomstates.parallel import Communicator
from atomstates.products import Check, Measured
from atomstates.transport.checks import diffusion_checks
from atomstates.transport.fitting import fitted_diffusivity
from atomstates.transport.foreign.pieces import kinds
from atomstates.transport.foreign.trajectory import ForeignTrajectory
from atomstates.transport.reading import RunDisplacements, run_displacements
from atomstates.transport.run import RunTransport, diffusion_content

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HOP_LENGTH = 3.0
ALL = "all"


@dataclass(frozen=True)
class Conditions:
    """What no trajectory tells.

    Attributes
    ----------
    ion
        Label of the mobile ions.
    framework
        Labels of the atoms whose centre of mass stays; ``("all",)`` for all atoms, the ions too;
        empty for all but the ions.
    charge
        e; None if not known.
    temperature
        K; None if not known.
    volume
        Å³; None for the mean one of the cells.
    hop_length
        Å; None for 3 Å.
    window
        First and last lag to fit, ps; None to find them.
    """

    ion: str
    framework: tuple[str, ...] = ()
    charge: float | None = None
    temperature: float | None = None
    volume: float | None = None
    hop_length: float | None = None
    window: tuple[float, float] | None = None

    @property
    def hops(self) -> float:
        """Hop length in Å, given or not."""
        return HOP_LENGTH if self.hop_length is None else self.hop_length

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that some atoms must have."""
        return (self.ion, *(label for label in self.framework if label != ALL))


@dataclass(frozen=True)
class ForeignDiffusion:
    """Content of ``diffusion.json``, displacements, frame interval (ps) and checks."""

    content: dict[str, Any]
    displacements: RunDisplacements
    interval: float
    checks: tuple[Check, ...]


def foreign_diffusion(
    name: str,
    trajectory: ForeignTrajectory,
    given: Conditions,
    comm: Communicator,
    *,
    longest_fraction: float = 0.5,
    most_lags: int = 200,
) -> ForeignDiffusion:
    """Diffusivity, and conductivity where charge, temperature and volume are known.

    Raises
    ------
    InputError
        There is no framework.
    """
    contents = trajectory.contents
    labels = np.asarray(contents.labels)
    mobile, framework = _indices(labels, given)
    masses, weighed = _masses(labels[framework], contents.masses, framework)
    found = run_displacements(
        trajectory,
        mobile,
        framework,
        masses,
        longest_fraction=longest_fraction,
        most_lags=most_lags,
        comm=comm,
    )
    fit, refusal, parts = fitted_diffusivity(
        found, contents.interval, given.hops, longest_fraction, given.ion, given.window
    )
    volume, volume_words = _volume(contents.cells, given.volume)
    result = RunTransport(
        displacements=found,
        frame_interval=contents.interval,
        # NaN for what is not known: whatever needs it has no value then
        temperature=math.nan if given.temperature is None else given.temperature,
        volume=math.nan if volume is None else volume,
        charge=math.nan if given.charge is None else given.charge,
        hop_length=given.hops,
        fit=fit,
        refusal=refusal,
    )
    content = {
        **_known(diffusion_content(name, result), f"not given: {_lacking(given, volume)}"),
        "ion": given.ion,
        "assumptions": (
            *contents.said,
            *_sentences(given, labels[framework], len(mobile), weighed, volume_words),
        ),
    }
    doubts = tuple(Check("unwrapping", "WARN", doubt) for doubt in contents.doubts)
    checks = (*doubts, *diffusion_checks(fit, refusal, parts))
    return ForeignDiffusion(content, found, contents.interval, checks)


def _sentences(
    given: Conditions, framework: NDArray[np.str_], n_ions: int, weighed: str, volume: str
) -> tuple[str, ...]:
    """What was taken for ions, framework and conditions."""
    charge = ", charge not given" if given.charge is None else f" of charge {given.charge:+g} e"
    atoms = "1 atom" if len(framework) == 1 else f"{len(framework)} atoms"
    heat = "not given" if given.temperature is None else f"{given.temperature:g} K, as given"
    return (
        f"ions: {n_ions} {given.ion}{charge}",
        f"framework: {atoms} ({', '.join(kinds(framework.tolist()))}), whose centre of mass is held still, "
        f"{weighed}",
        volume,
        f"temperature: {heat}",
        f"hop length: {given.hops:g} Å, " + ("by default" if given.hop_length is None else "as given"),
    )


def _indices(labels: NDArray[np.str_], given: Conditions) -> tuple[Integers, Integers]:
    """Ions and framework."""
    mobile = np.flatnonzero(labels == given.ion)
    if given.framework == (ALL,):
        return mobile, np.arange(len(labels))
    framework = np.flatnonzero(np.isin(labels, given.framework) if given.framework else labels != given.ion)
    if len(framework) == 0:
        raise InputError(
            f"all atoms are {given.ion}: there is no framework against which they move. "
            "`--framework all` holds the centre of mass of all atoms still."
        )
    return mobile, framework


def _masses(labels: NDArray[np.str_], known: Floats | None, atoms: Integers) -> tuple[Floats, str]:
    """Masses of atoms, and where they are from in words."""
    if known is not None and np.all(known[atoms] > 0):
        return known[atoms], "weighed by the masses in the file"
    from pymatgen.core.periodic_table import Element  # takes a second, which others need not wait

    names = kinds(labels.tolist())
    if unknown := [name for name in names if not Element.is_valid_symbol(name)]:
        return np.ones(len(atoms)), f"every atom weighed alike ({', '.join(unknown)}: no element, no mass)"
    table = {name: float(Element(name).atomic_mass) for name in names}
    return np.array([table[name] for name in labels.tolist()]), "weighed by the masses of the elements"


def _volume(cells: Floats | None, given: float | None) -> tuple[float | None, str]:
    """Volume in Å³, and where it is from in words."""
    if given is not None:
        return given, f"volume: {given:.6g} Å³, as given"
    if cells is None:
        return None, "volume: not known, the file has no cell"
    volumes = np.abs(np.linalg.det(cells))
    mean, spread = float(volumes.mean()), float(volumes.std())
    how = (
        "of a cell that stays"
        if spread < 1e-6 * mean
        else f"mean of the frames, which spread by {spread:.3g} Å³"
    )
    return mean, f"volume: {mean:.6g} Å³, {how}"


def _lacking(given: Conditions, volume: float | None) -> str:
    """Options that a conductivity needs and that were not given."""
    needed = {
        "--charge": given.charge,
        "--temperature-K": given.temperature,
        "--volume-A3": volume,
    }
    return ", ".join(name for name, value in needed.items() if value is None)


def _known(content: Any, why: str) -> Any:
    """The same content with None, and the reason, in place of NaN."""
    if isinstance(content, dict):
        return {key: _known(value, why) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_known(value, why) for value in content]
    if isinstance(content, Measured) and content.value is not None and math.isnan(content.value):
        return Measured(None, None, content.unit, content.sample, why)
    if isinstance(content, float) and math.isnan(content):
        return None
    return content
