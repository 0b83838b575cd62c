"""All engines, made from what is on this machine; the composition root's one call into this room.

Nothing starts here: a worker starts when it gets its first task, or at `Engines.warm`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from marinelayer.engines import catalogue
from marinelayer.engines.catalogue import Installed
from marinelayer.engines.documents.documents import DocumentEngine, open_documents
from marinelayer.engines.language.classification import ClassificationEngine, TrainingEngine
from marinelayer.engines.language.grammar import GRAMMAR, GrammarEngine
from marinelayer.engines.language.languages import LanguageEngine
from marinelayer.engines.language.passages import KEY_PHRASES, PII, PassageEngine
from marinelayer.engines.language.phrases.finding import languages as phrase_languages
from marinelayer.engines.language.pii.finding import LANGUAGES as PII_LANGUAGES
from marinelayer.engines.language.recognition.recognition import RecognitionEngine, RecognizerTrainingEngine
from marinelayer.engines.language.sentiments import SENTIMENT, SentimentEngine
from marinelayer.engines.language.targets.targets import TargetEngine
from marinelayer.engines.language.topics.topics import TopicEngine
from marinelayer.engines.language.toxicity import TOXICITY, ToxicityEngine
from marinelayer.engines.language.translation import NEURAL_LIMITS, TranslationEngine
from marinelayer.engines.models.shelf import Choice, Shelf, only
from marinelayer.engines.parquet.writing import ParquetEngine, open_parquet_writer
from marinelayer.engines.select.selection import SelectEngine, open_selector
from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.engines.vision.choices import (
    CLASSIFIERS,
    DETECTORS,
    FACE_DETECTORS,
    FACE_RECOGNISERS,
    FURTHER_DETECTORS,
    MODERATORS,
    READERS,
    READING_CLASSIFIERS,
)
from marinelayer.engines.vision.custom_labels import CustomLabelEngine, open_custom_labels
from marinelayer.engines.vision.faces import FaceEngine
from marinelayer.engines.vision.image_properties import ENGINE as PROPERTIES
from marinelayer.engines.vision.image_properties import PropertyEngine
from marinelayer.engines.vision.labels import LabelEngine
from marinelayer.engines.vision.moderation import ModerationEngine
from marinelayer.engines.vision.texts import TextEngine
from marinelayer.engines.vision.videos import VideoEngine, open_videos
from marinelayer.ports import Engine, EngineFailedError, EngineUnavailableError

MODELS: Mapping[str, Sequence[Choice]] = {
    "texts": (READERS,),
    "labels": (DETECTORS, CLASSIFIERS, FURTHER_DETECTORS, READING_CLASSIFIERS),
    "faces": (FACE_DETECTORS, FACE_RECOGNISERS),
    "moderation": (MODERATORS,),
    "languages": (only("py3langid"), only("CLD2"), only("marinelayer-letter-runs")),
    "sentiment": (only("VADER"), *SENTIMENT),
    "toxicity": (TOXICITY,),
    "grammar": (GRAMMAR,),
    "targets": (GRAMMAR, only("marinelayer-targets-en")),
}
"""What each task needs, or can use, of the catalogue."""
LEARNING = Limits(workers=1, queue=64, patience=24 * 3600, deadline=3600, tasks=20, memory=400 << 20)
"""One at a time, for an hour at most; who waits for it waits in an outbox."""
SHORT_TASKS = Limits(workers=1, queue=512, deadline=20, tasks=100_000, memory=400 << 20)


@dataclass(frozen=True, kw_only=True)
class Engines:
    """The adapters of the engine ports, of `Selector`, `ParquetWriter` and `Documents`. `close` must be awaited when
    the cloud stops."""

    faces: FaceEngine
    labels: LabelEngine
    properties: PropertyEngine
    texts: TextEngine
    moderator: ModerationEngine
    languages: LanguageEngine
    sentiments: SentimentEngine
    targets: TargetEngine
    toxicity: ToxicityEngine
    phrases: PassageEngine
    pii: PassageEngine
    entities: GrammarEngine
    words: GrammarEngine
    translator: TranslationEngine
    custom_labels: CustomLabelEngine
    videos: VideoEngine
    selector: SelectEngine
    parquet: ParquetEngine
    documents: DocumentEngine
    shelf: Shelf
    training: TrainingEngine
    classification: ClassificationEngine
    recognizer_training: RecognizerTrainingEngine
    recognition: RecognitionEngine
    topics: TopicEngine
    supervisors: Mapping[str, Supervisor]
    learners: Sequence[Supervisor]
    """Those of what is learned here, which nothing needs to be installed for."""

    @property
    def installed(self) -> Mapping[str, Sequence[Installed]]:
        """The models that each task uses or lacks now."""
        return {task: [self.shelf.best(choice) for choice in choices] for task, choices in MODELS.items()}

    def describe(self) -> dict[str, dict[str, Any]]:
        """What can answer here and what can not, by task (`faces`, `moderation`, `labels`, `properties`, `texts`,
        `languages`, `sentiment`, `targets`, `toxicity`, `phrases`, `pii`, `grammar`, `translation`): `available`,
        `engines` (name, version, languages, accuracy), and `missing`, sentences that say what to install. Fit for JSON;
        no paths."""
        tasks = {task: _described(installed) for task, installed in self.installed.items()}
        # Our head for targets comes with the cloud, and finds none by itself.
        tasks["targets"]["available"] = tasks["grammar"]["available"]
        tasks["properties"] = _computed(PROPERTIES)
        tasks["phrases"] = _computed(KEY_PHRASES, self.phrases.languages)
        tasks["pii"] = _computed(PII, self.pii.languages)
        tasks["translation"] = _translation(self.translator)
        return tasks

    async def warm(self, *tasks: str) -> None:
        """Load a worker for each of the tasks (all that can answer, where none is named), one after the other, so
        that first requests need not wait. An engine that can not is left to say so when it is asked."""
        for task in tasks or tuple(self.supervisors):
            if self.describe()[task]["available"]:
                with contextlib.suppress(EngineFailedError, EngineUnavailableError):
                    await self.supervisors[task].warm()

    async def close(self) -> None:
        """End every worker, and whatever is being downloaded."""
        await self.shelf.close()
        supervisors = (*self.supervisors.values(), *self.learners)
        await asyncio.gather(
            self.custom_labels.close(),
            self.videos.close(),
            self.selector.close(),
            self.parquet.close(),
            self.documents.close(),
            self.translator.close(),
            *(one.close() for one in supervisors),
        )


def open_engines(
    models: Path | None,
    *,
    spool: Path | None = None,
    workers: int | None = None,
    pulling: bool = False,
    device: Literal["auto", "cpu"] = "auto",
) -> Engines:
    """The engines, with the model files of the folder `models` (None: only what the packages bring). With `pulling`,
    those that are needed and lacking are downloaded into it.

    Reads and checks the folder's catalogued files (some 10 MB, milliseconds). `workers` is how many processes each
    of the slower tasks may have at the same time, by default one for each of at most two processors. `spool` is the
    folder for what a query or a report must have in a file (None: the system's for temporary files). `device` lets
    models run on a graphics processor where there is one ("auto"), or not ("cpu").
    """
    processes = workers or min(2, os.cpu_count() or 1)
    options = {"models": str(models) if models else "", "device": device}
    shelf = Shelf(models, pulling=pulling)
    installed = {task: [shelf.best(choice) for choice in choices] for task, choices in MODELS.items()}

    def supervisor(module: str, limits: Limits) -> Supervisor:
        return Supervisor(f"marinelayer.engines.{module}", options=options, limits=limits)

    supervisors = _supervisors(supervisor, processes)
    learner = supervisor("language.classifier_training_task", LEARNING)
    classifying = supervisor("language.classification_task", SHORT_TASKS)
    recognizer_learner = supervisor("language.recognition.training_task", LEARNING)
    recognizing = supervisor("language.recognition.recognition_task", SHORT_TASKS)
    topics = supervisor("language.topics.topics_task", LEARNING)
    return Engines(
        faces=FaceEngine(supervisors["faces"], shelf),
        labels=LabelEngine(supervisors["labels"], shelf),
        properties=PropertyEngine(supervisors["properties"]),
        texts=TextEngine(supervisors["texts"], shelf),
        moderator=ModerationEngine(supervisors["moderation"], shelf),
        languages=LanguageEngine(supervisors["languages"], installed["languages"][0]),
        sentiments=SentimentEngine(supervisors["sentiment"], shelf),
        targets=TargetEngine(supervisors["targets"], shelf),
        toxicity=ToxicityEngine(supervisors["toxicity"], shelf),
        translator=TranslationEngine(
            supervisors["translation"], supervisor("language.neural_task", NEURAL_LIMITS), shelf
        ),
        phrases=PassageEngine(supervisors["phrases"], KEY_PHRASES, phrase_languages()),
        pii=PassageEngine(supervisors["pii"], PII, PII_LANGUAGES),
        entities=GrammarEngine(supervisors["grammar"], shelf, "entities"),
        words=GrammarEngine(supervisors["grammar"], shelf, "words"),
        custom_labels=open_custom_labels(shelf, workers=processes, device=device),
        videos=open_videos(spool),
        selector=open_selector(spool, workers=processes),
        parquet=open_parquet_writer(spool),
        documents=open_documents(),
        shelf=shelf,
        training=TrainingEngine(learner),
        classification=ClassificationEngine(classifying),
        recognizer_training=RecognizerTrainingEngine(recognizer_learner),
        recognition=RecognitionEngine(recognizing),
        topics=TopicEngine(topics),
        supervisors=supervisors,
        learners=(learner, classifying, recognizer_learner, recognizing, topics),
    )


def _supervisors(supervisor: Callable[[str, Limits], Supervisor], processes: int) -> dict[str, Supervisor]:
    """Those of each task that something may have to be installed for, of at most so many processes each.

    Pictures take a processor for a tenth of a second, a text that may be toxic about as long, and the strangest text
    keeps Apertium for three seconds; other texts are done in less than a millisecond, so that one process is enough,
    and many may wait for it.
    """
    return {
        "texts": supervisor("vision.texts_task", Limits(workers=processes, deadline=60, memory=1200 << 20)),
        "labels": supervisor("vision.labels_task", Limits(workers=processes, deadline=20, memory=1400 << 20)),
        "faces": supervisor("vision.faces_task", Limits(workers=processes, deadline=30, memory=900 << 20)),
        "moderation": supervisor("vision.moderation_task", Limits(workers=processes, deadline=20, memory=700 << 20)),
        "properties": supervisor("vision.properties_task", Limits(workers=processes, deadline=20, memory=500 << 20)),
        "languages": supervisor("language.languages_task", SHORT_TASKS),
        "sentiment": supervisor("language.sentiments_task", replace(SHORT_TASKS, workers=processes, memory=1000 << 20)),
        "toxicity": supervisor("language.toxicity_task", replace(SHORT_TASKS, workers=processes, memory=500 << 20)),
        "phrases": supervisor("language.phrases_task", SHORT_TASKS),
        "pii": supervisor("language.pii_task", SHORT_TASKS),
        "grammar": supervisor("language.grammar_task", replace(SHORT_TASKS, memory=600 << 20)),
        "targets": supervisor(
            "language.targets.targets_task", replace(SHORT_TASKS, workers=processes, memory=600 << 20)
        ),
        "translation": supervisor("language.translation_task", replace(SHORT_TASKS, workers=processes)),
    }


def _described(installed: Sequence[Installed]) -> dict[str, Any]:
    present = [found.model for found in installed if found.state == "present"]
    return {
        "available": bool(present),
        "engines": [
            {
                "name": model.name,
                "version": model.version,
                "languages": list(model.languages),
                "accuracy": model.accuracy,
            }
            for model in present
        ],
        "missing": [found.problem for found in installed if found.state != "present"],
    }


def _computed(engine: Engine, languages: Collection[str] = ()) -> dict[str, Any]:
    """An engine that needs nothing but us."""
    described: dict[str, Any] = {
        "name": engine.name,
        "version": engine.version,
        "languages": sorted(languages),
        "accuracy": "none",
    }
    return {"available": True, "engines": [described], "missing": []}


def _translation(translator: TranslationEngine) -> dict[str, Any]:
    model = catalogue.catalogue()["Apertium"]
    pairs = [f"{source}-{target}" for source, target in translator.apertium_pairs]
    apertium = {"name": model.name, "version": model.version, "languages": pairs, "accuracy": model.accuracy}
    models = _described(translator.models)
    return {
        "available": bool(pairs or models["engines"]),
        "engines": ([apertium] if pairs else []) + models["engines"],
        "missing": [] if pairs else [f"{model.name} is not installed: {model.install}"],
    }
