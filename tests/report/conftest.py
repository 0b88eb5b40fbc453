import os

import pytest
from fabricated import fabricated_results
from opened import CHROMIUM, OPTIONS, chromium

from atomstates.parallel import Serial
from atomstates.report.stage import write_report


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """A campaign all of whose stages are done, with its report."""
    found = fabricated_results(tmp_path_factory.mktemp("campaign"), temperatures=(300, 500, 600, 700))
    write_report(found, Serial())
    return found


@pytest.fixture(scope="session")
def page(results):
    return (results.path / "report" / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser():
    program = chromium()
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"none of {', '.join(CHROMIUM)} is installed"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield browser
        browser.close()
