"""Faces in AWS's shapes, and which of them are good enough.

Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_FaceDetail.html and its neighbours. Said is
what is seen or measured: box, confidence, five landmarks, roll, brightness and sharpness. No age, gender, emotion or
the like, and no yaw and pitch, since no engine here tells them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marinelayer.ports import Box, SeenFace
from marinelayer.services.rekognition.face_store import StoredFace

if TYPE_CHECKING:
    from marinelayer.model.types import rekognition as wire

QUALITY_BARS = {"NONE": 0.0, "LOW": 70.0, "AUTO": 80.0, "MEDIUM": 80.0, "HIGH": 90.0}
"""The confidence that a face must have to pass each QualityFilter. (AWS's bars are not published.)"""


def good_enough(faces: Sequence[SeenFace], bar: str) -> tuple[list[SeenFace], list[SeenFace]]:
    """Those that pass the QualityFilter, and those that do not."""
    least = QUALITY_BARS[bar]
    return [face for face in faces if face.confidence >= least], [face for face in faces if face.confidence < least]


def face_detail(face: SeenFace) -> wire.FaceDetail:
    """All that is known of a face; the same members stand for a ComparedFace."""
    landmarks: list[wire.Landmark] = [{"Type": name, "X": x, "Y": y} for name, (x, y) in face.landmarks.items()]
    return {
        "BoundingBox": bounding_box(face.box),
        "Confidence": face.confidence,
        "Landmarks": landmarks,
        "Pose": {"Roll": face.roll},
        "Quality": {"Brightness": face.brightness, "Sharpness": face.sharpness},
    }


def compared_face(face: SeenFace) -> wire.ComparedFace:
    """A face of CompareFaces."""
    landmarks: list[wire.Landmark] = [{"Type": name, "X": x, "Y": y} for name, (x, y) in face.landmarks.items()]
    return {
        "BoundingBox": bounding_box(face.box),
        "Confidence": face.confidence,
        "Landmarks": landmarks,
        "Pose": {"Roll": face.roll},
        "Quality": {"Brightness": face.brightness, "Sharpness": face.sharpness},
    }


def stored_face(face: StoredFace) -> wire.Face:
    """A face of a collection. (IndexFacesModelVersion is left out: it may hold digits only.)"""
    written: wire.Face = {
        "FaceId": face.face_id,
        "BoundingBox": bounding_box(face.box),
        "ImageId": face.image_id,
        "Confidence": face.confidence,
    }
    if face.external_id:
        written["ExternalImageId"] = face.external_id
    if face.user_id:
        written["UserId"] = face.user_id
    return written


def bounding_box(box: Box) -> wire.BoundingBox:
    """A box."""
    return {"Left": box.left, "Top": box.top, "Width": box.width, "Height": box.height}
