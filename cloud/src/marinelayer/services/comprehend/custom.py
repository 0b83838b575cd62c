"""Models, endpoints and what is done with them: the nouns and the handlers of their jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from marinelayer.outbox import JobHandler
from marinelayer.services.comprehend.classification import Classifying, DocumentClassification
from marinelayer.services.comprehend.classifier_training import ClassifierTrainings
from marinelayer.services.comprehend.document_classifiers import TRAIN, DocumentClassifiers
from marinelayer.services.comprehend.endpoints import SETTLE, Endpoints, EndpointSetting
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.listing import Lists
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.models import FORGET
from marinelayer.services.comprehend.tags import Tags
from marinelayer.services.paging import PageTokens


def custom_nouns(ground: Ground) -> Sequence[object]:
    """Classifiers, endpoints, tags."""
    lists = Lists(ground.tables, PageTokens(ground.keyring))
    files = ModelFiles(ground.blobs, ground.keyring)
    return (
        DocumentClassifiers(ground, lists),
        Endpoints(ground, lists),
        DocumentClassification(ground.tables, Classifying(ground.classifier, files)),
        Tags(ground.tables),
    )


def custom_handlers(ground: Ground) -> Mapping[str, JobHandler]:
    """The handler of each kind of job, of which one at a time is to run."""
    files = ModelFiles(ground.blobs, ground.keyring)
    trainings = ClassifierTrainings(ground, files)
    return {TRAIN: trainings.train, FORGET: trainings.forget, SETTLE: EndpointSetting(ground, files).settle}
