"""What ``diffusion.json`` and ``msd.csv`` of a run hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from atomstates.errors import TooLittleDiffusion
from atomstates.products import Measured
from atomstates.transport.conductivity import haven_ratio, nernst_einstein_conductivity
from atomstates.transport.diffusivity import Diffusivity, charge_diffusivity
from atomstates.transport.reading import RunDisplacements
from atomstates.transport.window import diffusivity_upper_bound
from atomstates.units import A2_PER_PS_TO_CM2_PER_S

MSD_COLUMNS = ("lag_ps", "msd_A2", "msd_error_A2", "xx_A2", "yy_A2", "zz_A2", "mscd_A2")
D_UNIT, SIGMA_UNIT = "cm²/s", "mS/cm"


@dataclass(frozen=True)
class RunTransport:
    """Displacements of a run and the diffusivity that was fitted or refused.

    ``frame_interval`` ps, ``temperature`` K, ``volume`` Å³, ``charge`` e, ``hop_length`` Å.
    """

    displacements: RunDisplacements
    frame_interval: float
    temperature: float
    volume: float
    charge: float
    hop_length: float
    fit: Diffusivity | None
    refusal: str | None

    def __post_init__(self) -> None:
        if (self.fit is None) == (self.refusal is None):
            raise ValueError("a diffusivity is either fitted or refused")

    @property
    def n_ions(self) -> int:
        """Mobile ions."""
        return self.displacements.whole.n_ions

    def conductivity(self, diffusivity: float) -> float:
        """σ in mS/cm of a D (or of its error) in Å²/ps."""
        return nernst_einstein_conductivity(
            diffusivity, self.n_ions, self.charge, self.volume, self.temperature
        )


def diffusion_content(run: str, result: RunTransport) -> dict[str, Any]:
    """Content of ``diffusion.json``; ``diffusivity`` and ``conductivity`` have no value when refused."""
    msd, fit, interval = result.displacements.whole, result.fit, result.frame_interval
    last = len(msd.lags) - 1
    bound = diffusivity_upper_bound(
        float(msd.mean.max()), msd.lags[last] * interval, result.n_ions, result.hop_length
    )
    error = float(msd.error[last])
    return {
        "run": run,
        "temperature_K": result.temperature,
        "n_ions": result.n_ions,
        "volume_A3": result.volume,
        "produce_ps": (msd.n_frames - 1) * interval,
        "diffusivity": _measured(result, A2_PER_PS_TO_CM2_PER_S, D_UNIT),
        "conductivity": _measured(result, result.conductivity(1.0), SIGMA_UNIT),
        **_collective(result),
        "refusal": result.refusal,
        "upper_bound": None
        if fit is not None
        else {
            "diffusivity_cm2_per_s": bound * A2_PER_PS_TO_CM2_PER_S,
            "conductivity_mS_per_cm": result.conductivity(bound),
            "note": "95 %, if the MSD does not bend upwards at longer times",
        },
        "relative_error_he_2018": None if fit is None else fit.relative_error_he_2018,
        "lags": None
        if fit is None
        else {"first_ps": fit.lags[0] * interval, "last_ps": fit.lags[-1] * interval, "n": len(fit.lags)},
        "largest_msd": Measured(
            float(msd.mean.max()), error if np.isfinite(error) else None, "Å²", result.n_ions
        ),
        "fit": None if fit is None else _fit_content(fit),
    }


def msd_rows(found: RunDisplacements, interval: float) -> Iterator[tuple[float | str, ...]]:
    """Rows of ``msd.csv``; the error is empty when there are too few ions for one."""
    msd = found.whole
    for lag, mean, error, axes, collective in zip(
        msd.lags * interval, msd.mean, msd.error, msd.axes, found.collective, strict=True
    ):
        shown = float(error) if np.isfinite(error) else ""
        yield (round(float(lag), 9), float(mean), shown, *map(float, axes), float(collective))


def _measured(result: RunTransport, scale: float, unit: str) -> Measured:
    """D or σ with its error, or none with the sentence of the refusal."""
    if result.fit is None:
        return Measured(None, None, unit, result.n_ions, result.refusal or "")
    note = f"sample: ions; {result.fit.n_hops:.0f} hops"
    return Measured(result.fit.value * scale, result.fit.error * scale, unit, result.n_ions, note)


def _collective(result: RunTransport) -> dict[str, Measured]:
    """Charge diffusivity and Haven ratio where the collective slope can be told from zero."""
    fit, found = result.fit, result.displacements
    if fit is None:
        none = result.refusal or ""
        return {
            "charge_diffusivity": Measured(None, None, D_UNIT, 1, none),
            "haven_ratio": Measured(None, None, "1", 1, none),
        }
    try:
        charge, error = charge_diffusivity(
            fit,
            found.whole.lags,
            found.collective,
            n_frames=found.whole.n_frames,
            n_ions=result.n_ions,
            frame_interval=result.frame_interval,
            hop_length=result.hop_length,
        )
    except TooLittleDiffusion as refusal:
        return {
            "charge_diffusivity": Measured(None, None, D_UNIT, 1, str(refusal)),
            "haven_ratio": Measured(None, None, "1", 1, str(refusal)),
        }
    scale = A2_PER_PS_TO_CM2_PER_S
    measured = Measured(charge * scale, error * scale, D_UNIT, 1, "all ions are one sample")
    try:
        ratio = Measured(*haven_ratio(fit.value, fit.error, charge, error), "1", 1)
    except ValueError:
        ratio = Measured(None, None, "1", 1, "the charge diffusivity is within two errors of zero")
    return {"charge_diffusivity": measured, "haven_ratio": ratio}


def _fit_content(fit: Diffusivity) -> dict[str, Any]:
    """How D was fitted and what other estimators say, in cm²/s and Å²."""
    scale = A2_PER_PS_TO_CM2_PER_S
    return {
        "method": "generalised least squares of MSD = c + 6 D t, covariance of overlapping windows",
        "closed_form_error_cm2_per_s": fit.closed_form_error * scale,
        "spread_error_cm2_per_s": None if fit.spread_error is None else fit.spread_error * scale,
        "ordinary_cm2_per_s": fit.ordinary * scale,
        "ordinary_error_cm2_per_s": fit.ordinary_error * scale,
        "offset_A2": fit.offset,
        "offset_error_A2": fit.offset_error,
        "n_hops": fit.n_hops,
        "chi_squared": fit.chi_squared,
        "degrees_of_freedom": fit.degrees_of_freedom,
        "rank": fit.rank,
    }
