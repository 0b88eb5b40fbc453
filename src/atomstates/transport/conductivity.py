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
    tracer: float, tracer_error: float, charge: float, charge_error: float
) -> tuple[float, float]:
    """Haven ratio H = D*/D_σ of tracer and charge diffusivity (same unit), with its error.

    (δH/H)² = (δD*/D*)² + (δD_σ/D_σ)²: the two are taken for uncorrelated, which overstates
    the error a little, since the collective one dominates by far.

    Raises
    ------
    ValueError
        The charge diffusivity is within two standard errors of zero.
    """
    if charge < 2 * charge_error:
        raise ValueError(f"a charge diffusivity of {charge:.3g} ± {charge_error:.1g} gives no ratio")
    ratio = tracer / charge
    error: float = ratio * ((tracer_error / tracer) ** 2 + (charge_error / charge) ** 2) ** 0.5
    return ratio, error
