"""`/metrics` for Prometheus: read from the store when asked, so that every process tells the same.

It needs a token like everything else: `authorization: {credentials: ...}` in Prometheus' scrape configuration.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from triage.case import Role, Urgency
from triage.store import health, lists, webhooks
from triage.store.health import ChannelHealth
from triage.store.webhooks import Hook
from triage.web.access import needs
from triage.web.front import TheFront

router = APIRouter()

COUNTERS = {
    "received": "Messages that came in.",
    "received-again": "Messages that came in again and were known.",
    "dropped": "Messages a person threw away from the quarantine.",
    "cases": "Cases opened.",
    "acknowledged": "Acknowledgements sent.",
}
GAUGES = {
    "waiting": "Messages in the inbox, up to the cap of counting.",
    "quarantined": "Messages in the quarantine.",
    "lost": "Messages that came in and are nowhere: anything but 0 is a fault.",
    "overdue": "Open cases whose target has passed, up to the cap of counting.",
    "unassigned": "Open cases that are nobody's, up to the cap of counting.",
}
LABELLED = {
    "messages": ("disposition", "Messages handled."),
    "open": ("urgency", "Open cases, up to the cap of counting."),
    "csp_violations": ("rule", "What browsers were kept from running or loading, by rule of the policy."),
    "promises": ("ended", "Waiting times that were told and ended: kept, or broken."),
    "outbox": ("state", "Replies by state; all but sent up to the cap of counting."),
}
WEBHOOKS = {
    "taken": "Events that the webhook's receiver took.",
    "failed": "Requests of the webhook that failed.",
    "given_up": "Events that the webhook's receiver never took.",
}
CHANNELS = {
    "channel_up": "1 when the channel works.",
    "channel_progress_timestamp_seconds": "When the channel last handed something over or had nothing to.",
    "oldest_waiting_seconds": "Seconds since the oldest message came that no agent answered.",
}


@router.get("/metrics", dependencies=[needs(Role.READ_ONLY)])
def metrics(front: TheFront) -> Response:
    """Return every figure in the text format of Prometheus."""
    now = front.clock()
    with front.store.read() as tx:
        figures: dict[str, int] = lists.totals(tx) | lists.pressing(tx, now)
        channels, oldest, hooks = health.all(tx), lists.oldest_waiting(tx), webhooks.all(tx)
    registry = CollectorRegistry()
    registry.register(_Figures(figures, channels, oldest, hooks, now))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """What was read of the store once."""

    def __init__(
        self,
        figures: dict[str, int],
        channels: list[ChannelHealth],
        oldest: datetime | None,
        hooks: list[Hook],
        now: datetime,
    ) -> None:
        self._figures, self._channels, self._oldest, self._now = figures, channels, oldest, now
        self._hooks = hooks

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        for name, text in COUNTERS.items():
            plain = CounterMetricFamily(f"triage_{name.replace('-', '_')}", text)
            plain.add_metric([], self._figures.get(name, 0))
            yield plain
        for name, text in GAUGES.items():
            yield GaugeMetricFamily(f"triage_{name}", text, value=self._figures.get(name, 0))
        for name, (label, text) in LABELLED.items():
            yield self._labelled(name, label, text)
        yield from self._of_channels()
        yield from self._of_webhooks()

    def _labelled(self, name: str, label: str, text: str) -> Metric:
        family: Any = CounterMetricFamily if name in {"messages", "csp_violations", "promises"} else GaugeMetricFamily
        made: Metric = family(f"triage_{name}", text, labels=[label])
        known = {f"open.{urgency.label}": 0 for urgency in Urgency} if name == "open" else {}
        for key, value in (known | self._figures).items():
            what, _, which = key.partition(".")
            if what == name and which:
                made.add_metric([which], value)  # type: ignore[attr-defined]
        return made

    def _of_webhooks(self) -> Iterator[Metric]:
        for name, text in WEBHOOKS.items():
            counter = CounterMetricFamily(f"triage_webhook_{name}", text, labels=["webhook"])
            for hook in self._hooks:
                counter.add_metric([hook.name], getattr(hook, name))
            yield counter
        waiting = GaugeMetricFamily("triage_webhook_waiting", "Events that are sent once more.", labels=["webhook"])
        for hook in self._hooks:
            waiting.add_metric([hook.name], hook.waiting)
        yield waiting

    def _of_channels(self) -> Iterator[Metric]:
        up, progress, oldest = (
            GaugeMetricFamily(f"triage_{name}", text, labels=["channel"] if name.startswith("channel") else [])
            for name, text in CHANNELS.items()
        )
        for one in self._channels:
            up.add_metric([one.channel], one.state == "up")
            if one.progress_at is not None:
                progress.add_metric([one.channel], one.progress_at.timestamp())
        oldest.add_metric([], (self._now - self._oldest).total_seconds() if self._oldest else 0)
        yield from (up, progress, oldest)
