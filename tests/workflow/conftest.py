import pytest
from stand_in_campaign import StandInCampaign


@pytest.fixture
def small(tmp_path):
    return StandInCampaign(tmp_path)


@pytest.fixture
def finished(small):
    small.finish()
    return small
