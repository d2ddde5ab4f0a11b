import shutil
from pathlib import Path

import pytest

from triage.classifier import dataset, predict
from triage.classifier.retrain import retrain

SHIPPED = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="session")
def few_rows():
    """Every eighth row of the English and Chinese corpus: enough to learn something, quick to learn."""
    paths = [dataset.CORPUS / "en.jsonl", dataset.CORPUS / "zh-Hans.jsonl"]
    return dataset.load(paths)[::8]


@pytest.fixture(scope="session")
def small_models(few_rows, tmp_path_factory):
    models = tmp_path_factory.mktemp("models")
    retrain(few_rows, models, "small", seed=3, force=True)
    return models


@pytest.fixture
def a_copy(small_models, tmp_path):
    """A models folder that a test may damage."""
    return Path(shutil.copytree(small_models, tmp_path / "models"))


@pytest.fixture(scope="session")
def shipped():
    return predict.current(SHIPPED)
