from __future__ import annotations

from pathlib import Path

import pytest

from rag.models import weights as models
from tests.conftest import ENCODER


@pytest.fixture(scope="session")
def base() -> Path:
    """The folder of the encoder that ships."""
    return models.find(ENCODER, "encoder").path


@pytest.fixture(scope="session")
def shipped_judge() -> Path:
    return models.find("nutgraf-judge", "judge").path
