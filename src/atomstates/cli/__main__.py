"""``python -m atomstates.cli``."""

from atomstates.cli.main import main

main()
