"""A running daemon takes another model without a restart, and keeps the last good one when files are damaged."""

import shutil

import pytest

from triage.classifier import artefact
from triage.settings import shipped

pytestmark = pytest.mark.slow


async def test_a_running_daemon_takes_another_model_and_keeps_the_last_good_one(desk):
    models = desk.folder / "models"
    shutil.copytree(shipped("models"), models)
    first = artefact.current_version(models)
    shutil.copytree(models / first, models / "2030.1.1")
    shutil.copytree(models / first, models / "2030.1.2")
    for version in ("2030.1.1", "2030.1.2"):
        card = models / version / "card.json"
        card.write_text(card.read_text("utf-8").replace(f'"version": "{first}"', f'"version": "{version}"'), "utf-8")
    desk.config.write_text(desk.config.read_text().replace("[models]\n", '[models]\nfolder = "models"\n'))
    async with desk.running() as daemon:
        await daemon.until(lambda: daemon.events("model.loaded"))
        used = await desk.triage("models", "use", "2030.1.1")
        assert used.code == 0, used.err
        await daemon.until(lambda: [e for e in daemon.events("model.loaded") if e["version"] == "2030.1.1"])
        (models / "2030.1.2" / "weights.npz").write_bytes(b"not a model")
        refused = await desk.triage("models", "use", "2030.1.2")
        assert refused.code == 1
        assert "damaged" in refused.err
        # Whoever writes the file by hand is not asked: then the daemon refuses.
        artefact.make_current(models, "2030.1.2")
        [told] = await daemon.until(lambda: daemon.events("model.unusable"))
        assert told["judging"] == "2030.1.1"
        await daemon.until(lambda: "2030.1.1 (current is unusable)" in daemon.status())
        await desk.crowd.write()
        await daemon.until(desk.crowd.acknowledged)
        found = await desk.triage("cases", "--json")
        assert {case["model"] for case in found.objects} == {"2030.1.1"}
