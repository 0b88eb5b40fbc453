"""One value at a time: given by a flag, asked on a terminal, or guessed and marked as a guess."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import typer

from atomstates.errors import InputError
from atomstates.init.guesses import Guess
from atomstates.init.writing import Said

T = TypeVar("T")


@dataclass(frozen=True)
class Asker:
    """Settles values; with ``asks`` each that was not given is asked for, its guess the default."""

    asks: bool

    def settled(
        self,
        flag: str,
        question: str,
        given: str | None,
        guess: Guess[T] | None,
        parsed: Callable[[str], T],
        shown: Callable[[T], str] = str,
    ) -> Said:
        """A value and where it comes from.

        Parameters
        ----------
        flag
            Option of the command line that gives it.
        question
            What is asked for.
        given
            What the option said, if anything.
        guess
            What the crystal tells, if anything.
        parsed, shown
            From and to what people type.

        Raises
        ------
        InputError
            What was given makes no sense, or there is neither a terminal nor a guess.
        """
        if given is not None:
            try:
                return Said(parsed(given))
            except ValueError as error:
                raise InputError(f"{flag} {given}: {error}") from error
        if self.asks:
            return Said(self._answer(question, guess, parsed, shown))
        if guess is None:
            raise InputError(f"{question}: neither given nor to be guessed; give it with {flag}")
        return Said(guess.value, guess.because)

    def _answer(
        self, question: str, guess: Guess[T] | None, parsed: Callable[[str], T], shown: Callable[[T], str]
    ) -> T:
        """The answer of a person, asked for until it makes sense."""
        because = "" if guess is None else f" ({guess.because})"
        while True:
            default = None if guess is None else shown(guess.value)
            said: str = typer.prompt(f"{question}{because}", default=default, err=True)
            try:
                return parsed(said)
            except ValueError as error:
                typer.echo(f"  {error}", err=True)

    def lines(self, question: str) -> tuple[str, ...]:
        """Lines that a person types, up to an empty one."""
        found: list[str] = []
        while line := str(typer.prompt(question, default="", show_default=False, err=True)).strip():
            found.append(line)
        return tuple(found)


def words(text: str) -> tuple[str, ...]:
    """Words with commas or blanks between them."""
    found = tuple(text.replace(",", " ").split())
    if not found:
        raise ValueError("one at least is needed")
    return found


def symbols(text: str) -> tuple[str, ...]:
    """Chemical symbols with commas or blanks between them."""
    from pymatgen.core.periodic_table import Element

    found = words(text)
    for word in found:
        if not Element.is_valid_symbol(word):
            raise ValueError(f"{word!r} is no chemical symbol; write it as in 'Li'")
    return found


def symbol(text: str) -> str:
    """One chemical symbol."""
    found = symbols(text)
    if len(found) != 1:
        raise ValueError(f"one element is needed, found {', '.join(found)}")
    return found[0]


def charges(text: str) -> dict[str, float]:
    """Charges as ``Li=1,Y=3,Cl=-1``."""
    found = {}
    for word in words(text):
        element, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{word!r}: charges are given as Li=1,Y=3,Cl=-1")
        try:
            found[symbol(element)] = float(value)
        except ValueError as error:
            raise ValueError(f"{word!r}: charges are given as Li=1,Y=3,Cl=-1") from error
    return found


def positive(text: str) -> float:
    """A positive number."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 < found < float("inf"):
        raise ValueError(f"found {text!r}, a positive number is needed")
    return found


def temperatures(text: str) -> tuple[float, ...]:
    """Different temperatures in K, coldest first."""
    found = tuple(sorted(positive(word) for word in words(text)))
    if len(set(found)) != len(found):
        raise ValueError("a temperature is named twice")
    return found


def listed(values: Sequence[object]) -> str:
    """Values as people type them."""
    return ",".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def charges_text(found: dict[str, float]) -> str:
    """Charges as people type them."""
    return ",".join(f"{element}={value:g}" for element, value in found.items())
