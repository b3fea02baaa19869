"""The parts of a running application: the same in web processes, workers, tests and the command line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from bot.brain import BrainHolder
from bot.channels import open_channels
from bot.conversation import Conversation
from bot.dispatch import Dispatcher
from bot.durable.inbox import Inbox
from bot.durable.outbox import Outbox
from bot.durable.sealing import Sealer
from bot.durable.sender import Sender
from bot.durable.worker import Worker
from bot.limits import TurnLimits, storage_url
from bot.places.search import Search
from bot.queueing import Waker
from bot.secrets import deployment_secret, derived
from bot.service import Service
from bot.settings import Settings
from bot.storage.engine import open_database
from bot.storage.statistics import Statistics
from bot.storage.store import Store
from bot.switches import Switches
from intents.safety import detect_crisis


@dataclass(frozen=True)
class Parts:
    """One process's parts."""

    settings: Settings
    holder: BrainHolder
    store: Store
    inbox: Inbox
    outbox: Outbox
    service: Service
    sender: Sender
    dispatcher: Dispatcher
    waker: Waker
    statistics: Statistics

    def worker(self, threads: int | None = None, senders: int | None = None) -> Worker:
        """Start a worker on these parts."""
        settings = self.settings
        return Worker(
            self.inbox,
            self.outbox,
            self.sender,
            self.service.work.answer,
            threads or settings.worker_threads,
            senders or settings.senders,
        )

    def settle(self, seconds: float) -> bool:
        """Do all work that waits, here and now. Return whether none was left within `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.dispatcher.wait(max(0.0, deadline - time.monotonic()))
            try:
                if not self._some() and not self.inbox.backlog()[0] and not self.outbox.backlog()[0]:
                    return True
            except SQLAlchemyError:  # without a database all work was the dispatcher's
                return self.dispatcher.wait(max(0.0, deadline - time.monotonic()))
            time.sleep(0.005)
        return False

    def _some(self) -> bool:
        """Answer one conversation and send one reply. Return whether there was one."""
        owner = self.sender.owner
        claimed = self.inbox.claim(owner, 1)
        try:
            self.service.work.answer(claimed, owner, self.sender.send)
        finally:
            self.inbox.release(owner, [waiting.conversation for waiting in claimed])
        letters = self.outbox.claim(owner, 1)
        self.sender.send(letters)
        return bool(claimed or letters)

    def close(self) -> None:
        """Finish what is held and let go of the database."""
        self.dispatcher.close()
        self.service.close()
        self.waker.close()
        self.store.close()


def build_parts(settings: Settings, holder: BrainHolder | None = None, patient: bool = False) -> Parts:
    """Build everything but HTTP. `holder`: a brain to share. `patient`: waits for locks.

    Raises `KnowledgeError`, `OSError`.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = deployment_secret(settings)
    holder = holder or BrainHolder(settings.knowledge, settings.data_dir / "knowledge-last-good.json")
    detect_crisis("")  # the detector is built now, not for the first who is in danger
    engine = open_database(settings.database, patient=patient)
    store = Store(engine, derived(secret, "user-ids"))
    sealer = Sealer(derived(secret, "sealed"))
    inbox, outbox = Inbox(store.database, sealer, store.key), Outbox(store.database, sealer)
    conversation = Conversation(
        lambda: holder.brain,
        settings.retention_days,
        places=Search(engine),
        expired=settings.expired,
    )
    dispatcher = Dispatcher(settings.threads)
    limits = TurnLimits(settings.turn_limit, storage_url(settings))
    waker = Waker(settings.queue)
    switches = Switches(store.switched_off)
    service = Service(
        holder, conversation, store, inbox, outbox, dispatcher, limits, switches, wake=waker.wake
    )
    service.adapters.update(open_channels(settings))
    sender = Sender(outbox, service.adapters, uuid4().hex, settings.late_seconds)
    service.sender = sender
    return Parts(
        settings, holder, store, inbox, outbox, service, sender, dispatcher, waker, Statistics(store.database)
    )
