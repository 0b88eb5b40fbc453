"""From diffusivity to ionic conductivity."""

from atomstates.units import BOLTZMANN, CONDUCTIVITY_TO_MS_PER_CM


def nernst_einstein_conductivity(
    diffusivity: float, n_ions: int, charge: float, volume: float, temperature: float
) -> float:
    """Conductivity in mS/cm of ions that move independently.

    σ = N (z e)² D / (V k T)

    It is linear in D: the same function turns the error of D into the error of σ. With the
    charge diffusivity (from the collective displacement) in place of D it is the true one.

    Parameters
    ----------
    diffusivity
        D in Å²/ps.
    n_ions
        Mobile ions N in the volume.
    charge
        z in units of e.
    volume
        V in Å³.
    temperature
        T in K.

    Raises
    ------
    ValueError
        Volume or temperature is not positive.
    """
    if volume <= 0 or temperature <= 0:
        raise ValueError(f"a volume of {volume} Å³ or a temperature of {temperature} K makes no sense")
    return CONDUCTIVITY_TO_MS_PER_CM * n_ions * charge**2 * diffusivity / (volume * BOLTZMANN * temperature)


def haven_ratio(
    tracer: float, tracer_error: float, charge: float, charge_error: float, shared_error: float = 0.0
) -> tuple[float, float]:
    """Haven ratio H = D*/D_σ of tracer and charge diffusivity (same unit), with its error.

    (δH/H)² = (δD*/D*)² + (δD_σ/D_σ)² − 2 (δ_s/D*)²

    <|Σ Δr|²>/N holds the N squares that D* is a mean over; its other terms do not vary with them
    when ions are independent, so the relative covariance of the two is the relative variance of
    D* for independent ions, (δ_s/D*)². Without it the error is a little too large.

    Parameters
    ----------
    tracer, tracer_error
        D* and its standard error.
    charge, charge_error
        D_σ and its standard error.
    shared_error
        δ_s, the standard error that D* has for independent ions
        (``Diffusivity.closed_form_error``); at most ``tracer_error``.

    Raises
    ------
    ValueError
        The charge diffusivity is within two standard errors of zero, or ``shared_error`` is larger
        than either error allows.
    """
    if charge < 2 * charge_error:
        raise ValueError(f"a charge diffusivity of {charge:.3g} ± {charge_error:.1g} gives no ratio")
    own, collective, shared = tracer_error / tracer, charge_error / charge, shared_error / tracer
    if shared > min(own, collective) * (1 + 1e-9):
        raise ValueError(
            f"errors {own:.2g} and {collective:.2g} share no more than the smaller, not {shared:.2g}"
        )
    ratio = tracer / charge
    error: float = ratio * (own**2 + collective**2 - 2 * shared**2) ** 0.5
    return ratio, error
