import pytest
from fabricated import fabricated_results

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
