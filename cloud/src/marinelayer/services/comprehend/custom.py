"""Models, endpoints and what is done with them: the nouns and the handlers of their jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marinelayer.outbox import JobHandler
from marinelayer.services.comprehend.classification import Classifying, DocumentClassification
from marinelayer.services.comprehend.classification_jobs import ClassificationJobs
from marinelayer.services.comprehend.classifier_training import ClassifierTeaching
from marinelayer.services.comprehend.document_classifiers import DocumentClassifiers
from marinelayer.services.comprehend.endpoints import SETTLE, Endpoints, EndpointSetting
from marinelayer.services.comprehend.entities import Entities
from marinelayer.services.comprehend.entity_jobs import EntityJobs
from marinelayer.services.comprehend.entity_recognizers import EntityRecognizers
from marinelayer.services.comprehend.given_documents import GivenDocuments
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.importing import IMPORT, ImportedModels, Imports
from marinelayer.services.comprehend.job_kinds import Jobs
from marinelayer.services.comprehend.job_running import JobRuns
from marinelayer.services.comprehend.jobs import RUN, STUDY
from marinelayer.services.comprehend.key_phrase_jobs import KeyPhraseJobs
from marinelayer.services.comprehend.key_phrases import KeyPhrases
from marinelayer.services.comprehend.language_jobs import LanguageJobs
from marinelayer.services.comprehend.languages import Languages
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.models import FORGET
from marinelayer.services.comprehend.pii import Pii
from marinelayer.services.comprehend.pii_jobs import PiiJobs
from marinelayer.services.comprehend.recognition import Recognizing
from marinelayer.services.comprehend.recognizer_training import RecognizerTeaching
from marinelayer.services.comprehend.resource_policies import ResourcePolicies
from marinelayer.services.comprehend.sentiment_jobs import SentimentJobs
from marinelayer.services.comprehend.sentiments import Sentiments
from marinelayer.services.comprehend.tags import Tags
from marinelayer.services.comprehend.targeted_sentiment_jobs import TargetedSentimentJobs
from marinelayer.services.comprehend.targeted_sentiments import TargetedSentiments
from marinelayer.services.comprehend.topics_jobs import TopicsJobs
from marinelayer.services.comprehend.training import ForgottenModels, Trainings
from marinelayer.services.paging import PageTokens

AT_ONCE: Mapping[str, int] = {RUN: 4}
"""Outbox jobs of a kind that may run at once, where that is more than one: no short job is to wait for a long one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Immediate:
    """The nouns that look at single documents."""

    languages: Languages
    sentiments: Sentiments
    targets: TargetedSentiments
    phrases: KeyPhrases
    pii: Pii
    entities: Entities


def recognizing(ground: Ground) -> Recognizing:
    """What asks custom recognizers."""
    return Recognizing(ground.tables, ground.recognizer, ModelFiles(ground.blobs, ground.keyring))


def job_kinds(ground: Ground, immediate: Immediate) -> Sequence[Jobs]:
    """The kinds of jobs: each has its operations and does the work."""
    lists = Lists(ground.tables, PageTokens(ground.keyring))
    classifying = Classifying(ground.classifier, ModelFiles(ground.blobs, ground.keyring))
    return (
        ClassificationJobs(ground, lists, classifying),
        LanguageJobs(ground, lists, immediate.languages),
        SentimentJobs(ground, lists, immediate.sentiments.document),
        TargetedSentimentJobs(ground, lists, immediate.targets.document),
        KeyPhraseJobs(ground, lists, immediate.phrases.document),
        PiiJobs(ground, lists, immediate.pii.document),
        EntityJobs(ground, lists, immediate.entities.document, recognizing(ground)),
        TopicsJobs(ground, lists),
    )


def custom_nouns(ground: Ground, immediate: Immediate) -> Sequence[object]:
    """Classifiers, recognizers, endpoints, jobs, tags."""
    lists = Lists(ground.tables, PageTokens(ground.keyring))
    files = ModelFiles(ground.blobs, ground.keyring)
    return (
        DocumentClassifiers(ground, lists),
        EntityRecognizers(ground, lists),
        Endpoints(ground, lists),
        DocumentClassification(
            ground.tables,
            Classifying(ground.classifier, files),
            GivenDocuments(ground.documents, ground.reader),
        ),
        *job_kinds(ground, immediate),
        ResourcePolicies(ground),
        ImportedModels(ground),
        Tags(ground.tables),
    )


def custom_handlers(ground: Ground, immediate: Immediate) -> Mapping[str, JobHandler]:
    """The handler of each kind of outbox job. How many of a kind may run at once: `AT_ONCE`, else one."""
    runs = JobRuns(ground, job_kinds(ground, immediate))
    files = ModelFiles(ground.blobs, ground.keyring)
    classifiers = Trainings(ground, files, ClassifierTeaching(ground.trainer))
    recognizers = Trainings(ground, files, RecognizerTeaching(ground.recognizer_trainer))
    return {
        DocumentClassifiers.kind.training: classifiers.train,
        EntityRecognizers.kind.training: recognizers.train,
        FORGET: ForgottenModels(ground, files).forget,
        IMPORT: Imports(ground, files).do,
        SETTLE: EndpointSetting(ground, files).settle,
        RUN: runs.run,
        STUDY: runs.run,
    }
