"""What models, endpoints and jobs stand on: the ports that their nouns and handlers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from marinelayer.ports import (
    Blobs,
    Calls,
    Classifier,
    ClassifierTrainer,
    Clock,
    Documents,
    EntityRecognizer,
    Ids,
    Keyring,
    Principals,
    RecognizerTrainer,
    ServiceRoles,
    Tables,
    TextReader,
    TopicModeller,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """`poke` is called when there is something to do later; files that are made on the way lie in `spool`."""

    tables: Tables
    blobs: Blobs
    clock: Clock
    ids: Ids
    keyring: Keyring
    principals: Principals
    calls: Calls
    roles: ServiceRoles
    trainer: ClassifierTrainer
    classifier: Classifier
    recognizer_trainer: RecognizerTrainer
    recognizer: EntityRecognizer
    documents: Documents
    reader: TextReader
    topics: TopicModeller
    poke: Callable[[], None]
    spool: Path | None = None
