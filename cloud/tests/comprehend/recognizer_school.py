"""Invented complaints with streets and vehicles in them, and a school that trains recognizers on these."""

import random
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

STREETS = ["Market", "Fairmount", "Balboa", "Texas", "Genesee", "Nimitz", "Voltaire", "Catalina", "Garnet", "Mission"]
FORMS = (
    "There is a pothole on {STREET} near the school.",
    "Scooter {VEHICLE} blocks the ramp at {STREET}.",
    "{VEHICLE} was left on {STREET} since monday",
    "Graffiti at the corner of {STREET} and {STREET}, please come.",
    "Nobody knows who owns {VEHICLE}, it lies in the canyon",
    "The lamp in front of my house flickers for 12 days",
)
Marked = tuple[str, list[tuple[int, int, str]]]
"""A text, and its entities: first code point, that after the last, type."""


def name_of(chance: random.Random, kind: str) -> str:
    if kind == "STREET":
        return f"{chance.choice(STREETS)} {chance.choice(('Street', 'Ave', 'Boulevard'))}"
    return f"{chance.choice(('SD', 'LM'))}-{chance.randint(100, 9999)}"


def complaints(count: int, seed: int = 1) -> list[Marked]:
    """Invented complaints, with the streets and vehicles in them."""
    chance = random.Random(seed)
    made: list[Marked] = []
    for _ in range(count):
        text, places = "", list[tuple[int, int, str]]()
        for part in chance.choice(FORMS).replace("{", "}").split("}"):
            name = name_of(chance, part) if part in {"STREET", "VEHICLE"} else part
            if name is not part:
                places.append((len(text), len(text) + len(name), part))
            text += name
        made.append((text, places))
    return made


def annotations_of(documents: Sequence[Marked], file: str) -> bytes:
    rows = [
        f"{file},{line},{begin},{end},{kind}"
        for line, (_, places) in enumerate(documents)
        for begin, end, kind in places
    ]
    return "\n".join(("File,Line,Begin Offset,End Offset,Type", *rows)).encode()


def lines_of(documents: Sequence[Marked]) -> bytes:
    return "\n".join(text for text, _ in documents).encode()


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


class School:
    """Trains recognizers on the documents of a desk."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.comprehend = desk.comprehend

    def data(self, training: Sequence[Marked], testing: Sequence[Marked] = ()) -> dict[str, Any]:
        """An InputDataConfig of annotated lines."""
        folder = f"in/{uuid.uuid4().hex}"
        uris = {
            "Documents": {"S3Uri": self.desk.put(f"{folder}/train/a.txt", lines_of(training))},
            "Annotations": {"S3Uri": self.desk.put(f"{folder}/train.csv", annotations_of(training, "a.txt"))},
        }
        if testing:
            uris["Documents"]["TestS3Uri"] = self.desk.put(f"{folder}/test/b.txt", lines_of(testing))
            uris["Annotations"]["TestS3Uri"] = self.desk.put(f"{folder}/test.csv", annotations_of(testing, "b.txt"))
        return {"EntityTypes": [{"Type": "STREET"}, {"Type": "VEHICLE"}], **uris}

    def submit(self, data: dict[str, Any], **request: Any) -> str:
        """The ARN of a new recognizer."""
        chosen: dict[str, Any] = {
            "RecognizerName": f"r-{uuid.uuid4().hex[:12]}",
            "DataAccessRoleArn": self.desk.role,
            "InputDataConfig": data,
            "LanguageCode": "en",
        }
        return self.comprehend.create_entity_recognizer(**(chosen | request))["EntityRecognizerArn"]

    def described(self, arn: str) -> dict[str, Any]:
        """A recognizer's description, once its training is over."""

        def ended() -> dict[str, Any] | None:
            answer = self.comprehend.describe_entity_recognizer(EntityRecognizerArn=arn)
            found = answer["EntityRecognizerProperties"]
            return found if found["Status"] not in {"SUBMITTED", "TRAINING", "STOP_REQUESTED"} else None

        return self.desk.eventually(ended)

    def trained(self, data: dict[str, Any], **request: Any) -> str:
        """The ARN of a new trained recognizer."""
        arn = self.submit(data, **request)
        found = self.described(arn)
        assert found["Status"] == "TRAINED", found.get("Message")
        return arn

    def failed(self, data: dict[str, Any], **request: Any) -> str:
        """The message of a recognizer that could not be trained."""
        found = self.described(self.submit(data, **request))
        assert found["Status"] == "IN_ERROR"
        assert "RecognizerMetadata" not in found
        return found["Message"]

    def found(self, endpoint: str, text: str) -> list[tuple[int, int, str]]:
        """What the recognizer at an endpoint finds."""
        answer = self.comprehend.detect_entities(Text=text, EndpointArn=endpoint)
        for entity in answer["Entities"]:
            assert entity["Text"] == text[entity["BeginOffset"] : entity["EndOffset"]]
            assert 0 < entity["Score"] <= 1
        return [(entity["BeginOffset"], entity["EndOffset"], entity["Type"]) for entity in answer["Entities"]]
