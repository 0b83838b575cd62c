"""What each operation answers about datasets that are being made, changed or removed, or could not be made: an error that
botocore's model of the operation has, so that clients can catch it by its name."""

import itertools
from collections.abc import Mapping
from typing import Any, cast

import botocore.session
import pytest

from marinelayer.model.errors import ServiceError
from marinelayer.ports import Statement, Tables, Transaction
from marinelayer.services.operation import ServiceTable
from marinelayer.services.rekognition import rekognition_service
from marinelayer.services.rekognition.dataset_rows import SQL, set_status
from marinelayer.services.rekognition.projects import SQL as PROJECTS

from .conftest import CALLER, Bucket

ACCOUNT = Statement("account", "INSERT INTO accounts (account, name, canonical_id, created) VALUES ('1', 'n', 'c', 1)")
ARN = f"arn:aws:rekognition:{CALLER.region}:{CALLER.account}:project"
PROJECT, EMPTY = f"{ARN}/full/1", f"{ARN}/empty/2"
TRAIN, TEST = f"{ARN}/full/dataset/train/3", f"{ARN}/full/dataset/test/4"
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "CreateDataset": {"ProjectArn": EMPTY, "DatasetType": "TRAIN", "DatasetSource": {"DatasetArn": TRAIN}},
    "CreateProjectVersion": {"ProjectArn": PROJECT, "VersionName": "v", "OutputConfig": {"S3Bucket": "results"}},
    "DeleteDataset": {"DatasetArn": TRAIN},
    "DistributeDatasetEntries": {"Datasets": [{"Arn": TRAIN}, {"Arn": TEST}]},
    "ListDatasetEntries": {"DatasetArn": TRAIN},
    "ListDatasetLabels": {"DatasetArn": TRAIN},
    "UpdateDatasetEntries": {"DatasetArn": TRAIN, "Changes": {"GroundTruth": b"{}"}},
}
IN_USE, NOT_READY, INVALID = "ResourceInUseException", "ResourceNotReadyException", "InvalidParameterException"
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "CREATE_COMPLETE": {},
    "UPDATE_FAILED": {},
    "CREATE_IN_PROGRESS": {
        "CreateDataset": INVALID,
        "CreateProjectVersion": IN_USE,
        "DeleteDataset": IN_USE,
        "DistributeDatasetEntries": NOT_READY,
        "ListDatasetEntries": NOT_READY,
        "ListDatasetLabels": NOT_READY,
        "UpdateDatasetEntries": IN_USE,
    },
    "CREATE_FAILED": {
        "CreateDataset": INVALID,
        "CreateProjectVersion": INVALID,
        "DistributeDatasetEntries": NOT_READY,
        "ListDatasetEntries": NOT_READY,
        "ListDatasetLabels": NOT_READY,
        "UpdateDatasetEntries": INVALID,
    },
    "UPDATE_IN_PROGRESS": {
        "CreateProjectVersion": IN_USE,
        "DeleteDataset": IN_USE,
        "DistributeDatasetEntries": NOT_READY,
        "UpdateDatasetEntries": IN_USE,
    },
    "DELETE_IN_PROGRESS": {
        "CreateDataset": INVALID,
        "CreateProjectVersion": IN_USE,
        "DeleteDataset": IN_USE,
        "DistributeDatasetEntries": NOT_READY,
        "ListDatasetEntries": IN_USE,
        "ListDatasetLabels": IN_USE,
        "UpdateDatasetEntries": IN_USE,
    },
}


class Held:
    """A clock that a microsecond passes on whenever it is looked at, and mandates that say nothing."""

    def __init__(self) -> None:
        self._times = itertools.count(10)

    def now(self) -> int:
        return next(self._times)

    def given(self, _: object) -> str:
        return "somebody"


@pytest.fixture
async def service(tables: Tables) -> ServiceTable:
    """The service over tables with two projects, one of which has its datasets; what is enqueued is not done."""

    def write(tx: Transaction) -> None:
        tx.run(ACCOUNT)
        for arn in (PROJECT, EMPTY):
            place = {"account": CALLER.account, "region": CALLER.region}
            tx.run(PROJECTS.put_project, arn=arn, name=arn, created=1, **place)
        for kind, arn in (("TRAIN", TRAIN), ("TEST", TEST)):
            tx.run(SQL.put_dataset, arn=arn, project_arn=PROJECT, kind=kind, status="s", message="", code="c", now=1)

    await tables.write(write)
    held, unused = cast("Any", Held()), cast("Any", None)
    engines = dict.fromkeys(("labels", "properties", "texts", "moderator", "faces", "custom_labels"), unused)
    return rekognition_service(
        **engines,
        calls=Bucket(),
        tables=tables,
        clock=held,
        ids=unused,
        keyring=unused,
        mandates=held,
        principals=unused,
        videos=unused,
        poke=lambda: None,
    )


async def answered(service: ServiceTable, operation: str) -> str | None:
    """The code of the error that an operation raises, None where it raises none."""
    try:
        await service.operations[operation].run(CALLER, REQUESTS[operation])
    except ServiceError as error:
        return error.code
    return None


@pytest.mark.parametrize("status", ANSWERS)
async def test_a_datasets_status_decides_what_can_be_done_with_it(
    service: ServiceTable, tables: Tables, status: str
) -> None:
    found: dict[str, str] = {}
    for operation in REQUESTS:
        await tables.write(set_status, TRAIN, status, 2)
        await tables.write(set_status, TEST, "CREATE_COMPLETE", 2)
        code = await answered(service, operation)
        found |= {operation: code} if code is not None else {}
    assert found == ANSWERS[status]


def test_these_errors_are_those_of_the_operations_models() -> None:
    model = cast("Any", botocore.session.get_session()).get_service_model("rekognition")
    declared = {
        operation: {one.name for one in model.operation_model(operation).error_shapes} for operation in REQUESTS
    }
    told = [(operation, code) for answers in ANSWERS.values() for operation, code in answers.items()]
    assert [one for one in told if one[1] not in declared[one[0]]] == []
