"""What ``diffusion.json`` and ``msd.csv`` of a run hold."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from atomstates.errors import TooLittleDiffusion
from atomstates.products import Measured
from atomstates.transport.conductivity import haven_ratio, nernst_einstein_conductivity
from atomstates.transport.convergence import Prefix
from atomstates.transport.diffusivity import Diffusivity
from atomstates.transport.reading import RunDisplacements
from atomstates.transport.tensor import DiffusionTensor, charge_diffusion_tensor, diffusion_tensor
from atomstates.transport.window import diffusivity_upper_bound
from atomstates.units import A2_PER_PS_TO_CM2_PER_S

MSD_COLUMNS = ("lag_ps", "msd_A2", "msd_error_A2", "xx_A2", "yy_A2", "zz_A2", "mscd_A2")
D_UNIT, SIGMA_UNIT = "cm²/s", "mS/cm"
_COMPONENTS = {"xx": (0, 0), "yy": (1, 1), "zz": (2, 2), "xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}


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
    convergence: tuple[Prefix, ...] = ()

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
        **_tracer_tensor(result),
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
        "convergence": [_prefix_content(prefix, result) for prefix in result.convergence],
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


def _tracer_tensor(result: RunTransport) -> dict[str, Any]:
    """Tensors of the self-diffusion and of the conductivity that follows from it; None when refused."""
    if result.fit is None:
        return {"diffusivity_tensor": None, "conductivity_tensor": None}
    found = diffusion_tensor(
        result.fit,
        result.displacements.whole.lags,
        result.displacements.whole.tensor,
        **_sizes(result),
    )
    return {
        "diffusivity_tensor": _tensor_content(found, A2_PER_PS_TO_CM2_PER_S, D_UNIT, result.n_ions),
        "conductivity_tensor": _tensor_content(found, result.conductivity(1.0), SIGMA_UNIT, result.n_ions),
    }


def _collective(result: RunTransport) -> dict[str, Any]:
    """Charge diffusivity, conductivity and Haven ratio where the collective displacement rises."""
    fit, found, words = result.fit, result.displacements, result.refusal or ""
    if fit is not None:
        try:
            tensor = charge_diffusion_tensor(
                fit, found.whole.lags, found.collective_tensor, **_sizes(result)
            )
        except TooLittleDiffusion as refusal:
            words = str(refusal)
        else:
            return _collective_content(result, fit, tensor)
    return {
        "charge_diffusivity": Measured(None, None, D_UNIT, 1, words),
        "collective_conductivity": Measured(None, None, SIGMA_UNIT, 1, words),
        "collective_conductivity_tensor": None,
        "haven_ratio": Measured(None, None, "1", 1, words),
    }


def _collective_content(result: RunTransport, fit: Diffusivity, tensor: DiffusionTensor) -> dict[str, Any]:
    """What the collective displacement says; all ions are one sample."""
    d, sigma, note = A2_PER_PS_TO_CM2_PER_S, result.conductivity(1.0), "all ions are one sample"
    shared = min(fit.closed_form_error, tensor.mean_error / tensor.mean * fit.value)
    try:
        ratio = Measured(
            *haven_ratio(fit.value, fit.error, tensor.mean, tensor.mean_error, shared), "1", 1, note
        )
    except ValueError:
        ratio = Measured(None, None, "1", 1, "the charge diffusivity is within two errors of zero")
    return {
        "charge_diffusivity": Measured(tensor.mean * d, tensor.mean_error * d, D_UNIT, 1, note),
        "collective_conductivity": Measured(
            tensor.mean * sigma, tensor.mean_error * sigma, SIGMA_UNIT, 1, note
        ),
        "collective_conductivity_tensor": _tensor_content(tensor, sigma, SIGMA_UNIT, 1),
        "haven_ratio": ratio,
    }


def _sizes(result: RunTransport) -> dict[str, Any]:
    """What the errors of a tensor depend on."""
    return {
        "n_frames": result.displacements.whole.n_frames,
        "n_ions": result.n_ions,
        "frame_interval": result.frame_interval,
        "hop_length": result.hop_length,
    }


def _tensor_content(found: DiffusionTensor, scale: float, unit: str, sample: int) -> dict[str, Any]:
    """Components in the Cartesian frame of the cell, and principal values with their directions."""
    content: dict[str, Any] = {
        name: Measured(float(found.value[at]) * scale, float(found.error[at]) * scale, unit, sample)
        for name, at in _COMPONENTS.items()
    }
    content["principal"] = [
        {
            **asdict(Measured(float(value) * scale, float(error) * scale, unit, sample)),
            "direction": direction,
        }
        for value, error, direction in zip(
            found.principal, found.principal_error, found.directions, strict=True
        )
    ]
    return content


def _prefix_content(prefix: Prefix, result: RunTransport) -> dict[str, Any]:
    """D of a first part of the run."""
    value, error = prefix.value, prefix.error
    scale = A2_PER_PS_TO_CM2_PER_S
    return {
        "produce_ps": prefix.length,
        "diffusivity": Measured(
            None if value is None else value * scale,
            None if error is None else error * scale,
            D_UNIT,
            result.n_ions,
            prefix.refusal or f"the first {prefix.length:.4g} ps",
        ),
    }


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
        "exponent": Measured(
            fit.exponent, fit.exponent_error, "1", len(fit.lags), "log–log slope of the MSD less its offset"
        ),
        "dimensions": fit.dimensions,
    }
