"""The small Protocols that services need, and that adapters in `storage`, `engines` and `delivery` fulfil.

Nothing here does anything. A port is declared by what its callers need, never by what an adapter can.
"""

from __future__ import annotations

from marinelayer.ports.access import (
    Access,
    AssumableRole,
    Authoriser,
    Caller,
    Calls,
    CorsRules,
    Credentials,
    Identities,
    Principals,
    Sessions,
    Topics,
    Websites,
)
from marinelayer.ports.chance import Clock, Ids
from marinelayer.ports.custom_labels import CustomLabelDetector, CustomLabelTrainer, Lesson, Taught, Teacher
from marinelayer.ports.delivery import Channel, Mailbox, MailState, Message, Relay, RelayError
from marinelayer.ports.documents import BadDocumentError, Documents
from marinelayer.ports.engines import Engine, EngineBusyError, EngineFailedError, EngineUnavailableError
from marinelayer.ports.faces import FaceReader, Faces, LandmarkName, SeenFace
from marinelayer.ports.learning import (
    Classifier,
    ClassifierTrainer,
    GoOn,
    Read,
    TextLesson,
    TrainedClassifier,
    TrainingDataError,
    TrainingStoppedError,
    Weights,
)
from marinelayer.ports.mandates import Mandates
from marinelayer.ports.passages import Passage, PassageFinder
from marinelayer.ports.pictures import (
    BadImageError,
    Box,
    DominantColor,
    ImageProperties,
    ImageTooLargeError,
    ImageTooSmallError,
    LabelDetector,
    Labels,
    PartProperties,
    PropertyMeter,
    SeenLabel,
    SeenText,
    TextReader,
    Texts,
)
from marinelayer.ports.reports import ColumnKind, ParquetWriter
from marinelayer.ports.roles import Errand, ServiceRoles
from marinelayer.ports.selection import Selected, SelectionError, Selector, StoredBytes
from marinelayer.ports.state import Blobs, BlobWriter, Keyring, Revision, Row, Statement, Tables, Transaction, Value
from marinelayer.ports.texts import LanguageDetector, Run, Sentiment, SentimentScorer, Text, Translated, Translator
from marinelayer.ports.videos import BadVideoError, Frame, VideoFacts, VideoReader

__all__ = [
    "Access",
    "AssumableRole",
    "Authoriser",
    "BadDocumentError",
    "BadImageError",
    "BadVideoError",
    "BlobWriter",
    "Blobs",
    "Box",
    "Caller",
    "Calls",
    "Channel",
    "Classifier",
    "ClassifierTrainer",
    "Clock",
    "ColumnKind",
    "CorsRules",
    "Credentials",
    "CustomLabelDetector",
    "CustomLabelTrainer",
    "Documents",
    "DominantColor",
    "Engine",
    "EngineBusyError",
    "EngineFailedError",
    "EngineUnavailableError",
    "Errand",
    "FaceReader",
    "Faces",
    "Frame",
    "GoOn",
    "Identities",
    "Ids",
    "ImageProperties",
    "ImageTooLargeError",
    "ImageTooSmallError",
    "Keyring",
    "LabelDetector",
    "Labels",
    "LandmarkName",
    "LanguageDetector",
    "Lesson",
    "MailState",
    "Mailbox",
    "Mandates",
    "Message",
    "ParquetWriter",
    "PartProperties",
    "Passage",
    "PassageFinder",
    "Principals",
    "PropertyMeter",
    "Read",
    "Relay",
    "RelayError",
    "Revision",
    "Row",
    "Run",
    "SeenFace",
    "SeenLabel",
    "SeenText",
    "Selected",
    "SelectionError",
    "Selector",
    "Sentiment",
    "SentimentScorer",
    "ServiceRoles",
    "Sessions",
    "Statement",
    "StoredBytes",
    "Tables",
    "Taught",
    "Teacher",
    "Text",
    "TextLesson",
    "TextReader",
    "Texts",
    "Topics",
    "TrainedClassifier",
    "TrainingDataError",
    "TrainingStoppedError",
    "Transaction",
    "Translated",
    "Translator",
    "Value",
    "VideoFacts",
    "VideoReader",
    "Websites",
    "Weights",
]
