"""Rekognition: what pictures show. Knows no engine, no protocol and no other service; S3 is reached by `Calls`.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/.
"""

from __future__ import annotations

from collections.abc import Callable

from marinelayer.ports import (
    Calls,
    Clock,
    ContentModerator,
    CustomLabelDetector,
    FaceReader,
    Ids,
    Keyring,
    LabelDetector,
    Mandates,
    Principals,
    PropertyMeter,
    ServiceRoles,
    Tables,
    TextReader,
    VideoReader,
)
from marinelayer.services.operation import ServiceTable, service_table
from marinelayer.services.paging import PageTokens
from marinelayer.services.rekognition.collected_faces import CollectedFaces
from marinelayer.services.rekognition.collection_users import CollectionUsers
from marinelayer.services.rekognition.copying import CopiedModels, Copying
from marinelayer.services.rekognition.custom_label_detection import CustomLabelDetection
from marinelayer.services.rekognition.dataset_entries import DatasetEntries
from marinelayer.services.rekognition.dataset_jobs import DatasetJobs
from marinelayer.services.rekognition.datasets import Datasets
from marinelayer.services.rekognition.face_collections import FaceCollections
from marinelayer.services.rekognition.face_detection import FaceDetection
from marinelayer.services.rekognition.face_search import FaceSearch
from marinelayer.services.rekognition.face_store import FORGET, ForgottenFaces
from marinelayer.services.rekognition.images import Images
from marinelayer.services.rekognition.label_detection import LabelDetection
from marinelayer.services.rekognition.media_analysis import MediaAnalysis
from marinelayer.services.rekognition.media_runs import MediaRuns
from marinelayer.services.rekognition.moderation import Moderation
from marinelayer.services.rekognition.project_access import ProjectAccess
from marinelayer.services.rekognition.project_policies import ProjectPolicies
from marinelayer.services.rekognition.project_versions import ProjectVersions
from marinelayer.services.rekognition.projects import Projects
from marinelayer.services.rekognition.resource_tags import ResourceTags
from marinelayer.services.rekognition.running import RunningModels
from marinelayer.services.rekognition.text_detection import TextDetection
from marinelayer.services.rekognition.training import Training
from marinelayer.services.rekognition.user_faces import UserFaces
from marinelayer.services.rekognition.user_search import UserSearch
from marinelayer.services.rekognition.video_face_detection import FacesOfVideo, VideoFaceDetection
from marinelayer.services.rekognition.video_face_search import KnownFacesOfVideo, VideoFaceSearch
from marinelayer.services.rekognition.video_jobs import VideoJobs
from marinelayer.services.rekognition.video_label_detection import LabelsOfVideo, VideoLabelDetection
from marinelayer.services.rekognition.video_moderation import ModerationOfVideo, VideoModeration
from marinelayer.services.rekognition.video_text_detection import TextsOfVideo, VideoTextDetection

__all__ = [
    "FORGET",
    "CopiedModels",
    "DatasetJobs",
    "ForgottenFaces",
    "MediaRuns",
    "ProjectAccess",
    "RunningModels",
    "Training",
    "VideoJobs",
    "rekognition_service",
    "video_jobs",
]


def rekognition_service(
    *,
    labels: LabelDetector,
    properties: PropertyMeter,
    texts: TextReader,
    moderator: ContentModerator,
    faces: FaceReader,
    custom_labels: CustomLabelDetector,
    calls: Calls,
    tables: Tables,
    clock: Clock,
    ids: Ids,
    keyring: Keyring,
    mandates: Mandates,
    principals: Principals,
    videos: VideoJobs,
    poke: Callable[[], None],
) -> ServiceTable:
    """Rekognition's operations, over the given engines; `calls` reads pictures from S3 as the caller. `poke` is called
    when an outbox job was written; `DatasetJobs`, `Training`, `RunningModels`, `CopiedModels` and `ForgottenFaces` have
    the jobs' handlers."""
    images, pages = Images(calls), PageTokens(keyring)
    return service_table(
        "rekognition",
        (
            LabelDetection(labels, properties, images),
            TextDetection(texts, images),
            Moderation(moderator, images),
            Projects(tables, clock, pages),
            Datasets(tables, clock, pages, calls, mandates, poke),
            DatasetEntries(tables, clock, pages, poke),
            ProjectVersions(tables, clock, pages, mandates, poke),
            ProjectPolicies(tables, clock, ids, pages, principals),
            Copying(tables, clock, mandates, poke),
            CustomLabelDetection(tables, custom_labels, images),
            ResourceTags(tables),
            VideoLabelDetection(videos, pages),
            VideoTextDetection(videos, pages),
            VideoModeration(videos, pages),
            VideoFaceDetection(videos, pages),
            VideoFaceSearch(tables, videos, pages),
            FaceDetection(faces, images),
            FaceCollections(tables, clock, ids, pages, faces, poke),
            CollectedFaces(tables, ids, pages, faces, images),
            FaceSearch(tables, faces, images),
            CollectionUsers(tables, clock, ids, pages),
            UserFaces(tables, clock, faces),
            UserSearch(tables, faces, images),
            MediaAnalysis(tables, clock, ids, pages, calls, mandates, poke),
        ),
        access=ProjectAccess(tables),
    )


def video_jobs(
    *,
    labels: LabelDetector,
    texts: TextReader,
    moderator: ContentModerator,
    faces: FaceReader,
    reader: VideoReader,
    tables: Tables,
    clock: Clock,
    ids: Ids,
    calls: Calls,
    mandates: Mandates,
    roles: ServiceRoles,
    poke: Callable[[], None],
) -> VideoJobs:
    """The jobs that look at videos, which `reader` makes pictures of."""
    return VideoJobs(
        tables=tables,
        clock=clock,
        ids=ids,
        calls=calls,
        mandates=mandates,
        roles=roles,
        videos=reader,
        looking={
            "labels": lambda _, request: LabelsOfVideo(labels, request),
            "texts": lambda _, request: TextsOfVideo(texts, request),
            "moderation": lambda _, request: ModerationOfVideo(moderator, request),
            "faces": lambda _, _request: FacesOfVideo(faces),
            "face search": lambda caller, request: KnownFacesOfVideo(tables, faces, caller, request),
        },
        poke=poke,
    )
