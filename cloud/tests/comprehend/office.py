"""Starting Comprehend's jobs on the documents of a desk, and reading what comes of them."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response["Error"]["Code"]


class Office:
    """Starts jobs on the documents of a desk, and reads what comes of them."""

    def __init__(self, desk: Any, unpacked: Callable[[bytes], dict[str, bytes]]) -> None:
        self.desk = desk
        self._unpacked = unpacked

    def request(self, **further: Any) -> dict[str, Any]:
        folder = further.pop("folder", f"in/{uuid.uuid4().hex}/")
        for name, data in further.pop("files", {}).items():
            self.desk.put(folder + name, data)
        uri = f"s3://{self.desk.bucket}/{folder}"
        return {
            "InputDataConfig": {"S3Uri": uri, "InputFormat": further.pop("form", "ONE_DOC_PER_LINE")},
            "OutputDataConfig": {"S3Uri": f"s3://{self.desk.bucket}/out/jobs"},
            "DataAccessRoleArn": self.desk.role,
            **further,
        }

    def start(self, noun: str, **further: Any) -> str:
        answer = getattr(self.desk.comprehend, f"start_{noun}_job")(**self.request(**further))
        assert answer["JobStatus"] == "SUBMITTED"
        return answer["JobId"]

    def ended(self, noun: str, number: str) -> dict[str, Any]:
        describe = getattr(self.desk.comprehend, f"describe_{noun}_job")

        def look() -> dict[str, Any] | None:
            answer = describe(JobId=number)
            found = next(value for name, value in answer.items() if name.endswith("Properties"))
            return found if found["JobStatus"] in {"COMPLETED", "FAILED", "STOPPED"} else None

        return self.desk.eventually(look)

    def files(self, noun: str, **further: Any) -> dict[str, bytes]:
        """The files of the archive that a job on `files` wrote."""
        found = self.ended(noun, self.start(noun, **further))
        assert found["JobStatus"] == "COMPLETED", found.get("Message")
        return self._unpacked(self.desk.get(found["OutputDataConfig"]["S3Uri"]))

    def lines(self, noun: str, called: str = "output", **further: Any) -> list[dict[str, Any]]:
        files = self.files(noun, **further)
        assert list(files) == [called]
        return [json.loads(line) for line in files[called].splitlines()]
