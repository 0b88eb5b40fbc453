"""The tables in ``benchmarks/README.md``, each between two comments that name its script."""

from pathlib import Path

README = Path(__file__).with_name("README.md")


def write_table(script: str, text: str) -> None:
    """Replace what stands between the two comments of a script (``sites.py``) by this text."""
    begin, end = f"<!-- {script} writes from here -->", f"<!-- {script}: to here -->"
    before, _, rest = README.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    if not after:
        raise SystemExit(f"{README}: {begin!r} and {end!r} must stand in it, in this order")
    README.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
