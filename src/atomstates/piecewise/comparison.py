"""Which of one line, a kink and a jump the points support: AICc calibrated for a break that is searched."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atomstates.piecewise.fits import Design, Fits

Floats = NDArray[np.float64]
Broken = Literal["kink", "jump"]

PARAMETERS = {"line": 2, "kink": 4, "jump": 5, "curve": 3}
"""Coefficients of each model, the position of a break counted as one."""
SIGNIFICANCE = 0.05
"""Share of one-line data sets in which a break is claimed."""


@dataclass(frozen=True)
class Model:
    """How one model does.

    ``effective_parameters`` is what the model's freedom is worth, with the search for its break.
    ``aicc`` is chi²/φ + 2 ``effective_parameters``; None where the model is out of reach, with
    the reason in ``out_of_reach``. ``textbook_aicc`` is chi²/φ + 2k + 2k(k + 1)/(n − k − 1).
    """

    name: str
    chi_squared: float
    n_parameters: int
    effective_parameters: float
    aicc: float | None
    textbook_aicc: float | None
    weight: float
    """Akaike weight among the models in reach, the curve left out."""
    out_of_reach: str = ""


@dataclass(frozen=True)
class Comparison:
    """Verdict of the data on the models; see :func:`compared`."""

    models: dict[str, Model]
    best: Broken | None
    """The better of the two broken lines; None where neither is in reach."""
    gain: float
    """AICc of one line minus that of ``best``."""
    threshold: float
    """The gain that one line gives in 5 % of all cases."""
    p_value: float
    """Share of one-line data sets that gain as much."""
    inflation: float
    """φ, by which all variances are multiplied."""

    @property
    def supports_break(self) -> bool:
        """Whether one line would give that gain in 5 % of all cases at most."""
        return self.best is not None and self.p_value <= SIGNIFICANCE


def compared(found: Fits, design: Design, noise: Floats) -> Comparison:
    """Comparison of the models for points whose errors are known.

    AICc = chi²/φ + 2 k,   φ = max(1, chi²(richest)/(n − k(richest)))

    The textbook's correction 2k(k + 1)/(n − k − 1) is the bias of AIC when one unknown variance is
    estimated from the same points. (At seven temperatures it asks a kink to lower chi² by 21 and a
    jump by 63, and prefers a kink that chi² refutes to the true jump.) Here the errors are known,
    and what biases AIC is that a break is searched. So k is the *generalised degrees of freedom*
    (Ye, J. Am. Stat. Assoc. 1998, 93, 120), the mean by which a model lowers chi² on data that are
    one line: 2 for the line, 3.8 to 4.5 for the kink and 5.0 to 6.6 for the jump with 6 to 12
    temperatures. The textbook's condition n − k − 1 > 0 decides what is in reach: a kink needs
    six different temperatures, a jump seven.

    The errors are multiplied by φ^½ where even the richest model in reach scatters beyond them:
    scatter about one line may be a break, scatter about the best broken line is not.

    The smaller AICc alone would claim a break in 7 to 10 % of all data sets without one. So a
    break is supported only if the gain in AICc is one that one line gives in at most 5 % of
    all cases (parametric bootstrap with the same abscissas, errors and φ, which is estimated anew
    each time). Where the true errors are twice those stated, that is 10 to 17 %.

    Parameters
    ----------
    found
        Fits of the one set of values.
    noise
        Standard normal numbers (B, n) for the bootstrap.
    """
    null = design.fits(noise * design.error)
    reach = {name: "" if _denominator(design, name) > 0 else _words(design, name) for name in PARAMETERS}
    extra = {
        "line": np.zeros(1),
        "kink": found.kink_gain,
        "jump": found.jump_gain,
        "curve": found.curve_gain,
    }
    freedom = {
        "line": 2.0,
        "kink": 2 + float(null.kink_gain.mean()),
        "jump": 2 + float(null.jump_gain.mean()),
        "curve": 3.0,
    }
    broken: list[Broken] = [name for name in ("kink", "jump") if not reach[name]]
    inflation = float(_inflation(found, design, broken, freedom)[0])
    chi = {name: float(found.chi_squared[0] - gain[0]) for name, gain in extra.items()}
    aicc = {name: chi[name] / inflation + 2 * freedom[name] for name in PARAMETERS}
    weights = _weights({name: aicc[name] for name in ("line", *broken)})
    models = {
        name: Model(
            name=name,
            chi_squared=chi[name],
            n_parameters=PARAMETERS[name],
            effective_parameters=freedom[name],
            aicc=None if reach[name] else aicc[name],
            textbook_aicc=_textbook(chi[name] / inflation, design, name),
            weight=weights.get(name, 0.0),
            out_of_reach=reach[name],
        )
        for name in PARAMETERS
    }
    if not broken:
        return Comparison(models, None, np.nan, np.nan, 1.0, inflation)
    best = min(broken, key=lambda name: aicc[name])
    gain = aicc["line"] - aicc[best]
    one_line = gains_over_line(null, design, broken, freedom, inflation)
    threshold = float(np.quantile(one_line, 1 - SIGNIFICANCE))
    return Comparison(
        models=models,
        best=best,
        gain=gain,
        threshold=threshold,
        p_value=float((1 + np.sum(one_line >= gain)) / (1 + len(one_line))),
        inflation=inflation,
    )


def _denominator(design: Design, name: str) -> int:
    """n − k − 1 of the textbook's AICc."""
    return design.n_distinct - PARAMETERS[name] - 1


def _words(design: Design, name: str) -> str:
    """Why a model is out of reach."""
    return f"{design.n_distinct} temperatures; a {name} needs {PARAMETERS[name] + 2}"


def _textbook(chi_squared: float, design: Design, name: str) -> float | None:
    """AICc as the textbook has it."""
    k, rest = PARAMETERS[name], _denominator(design, name)
    return chi_squared + 2 * k + 2 * k * (k + 1) / rest if rest > 0 else None


def _inflation(
    found: Fits, design: Design, broken: list[Broken], freedom: dict[str, float], factor: float = 1.0
) -> Floats:
    """φ of each set of values, whose chi² is multiplied by ``factor``."""
    richest = broken[-1] if broken else "line"
    gain = {
        "line": np.zeros(1),
        "kink": found.kink_gain,
        "jump": np.maximum(found.jump_gain, found.kink_gain),
    }
    rest = factor * (found.chi_squared - gain[richest])
    inflated: Floats = np.maximum(1.0, rest / (len(design.x) - freedom[richest]))
    return inflated


def gains_over_line(
    null: Fits, design: Design, broken: list[Broken], freedom: dict[str, float], inflation: float
) -> Floats:
    """Gain in AICc of the better broken line over one line, of data that are one line."""
    phi = _inflation(null, design, broken, freedom, inflation)
    gain = {"kink": null.kink_gain, "jump": null.jump_gain}
    each = [inflation * gain[name] / phi - 2 * (freedom[name] - 2) for name in broken]
    best: Floats = np.array(each).max(axis=0)
    return best


def _weights(aicc: dict[str, float]) -> dict[str, float]:
    """Akaike weights, exp(−Δ/2) over their sum."""
    lowest = min(aicc.values())
    likelihood = {name: float(np.exp(-(value - lowest) / 2)) for name, value in aicc.items()}
    total = sum(likelihood.values())
    return {name: value / total for name, value in likelihood.items()}
