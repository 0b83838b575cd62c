"""Services, the catalogue, our supplements, and the types that are generated from them."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from pathlib import Path

import botocore.session
import pytest

from marinelayer.model import errors
from marinelayer.model.catalogue import catalogue
from marinelayer.model.errors import CommonError
from marinelayer.model.service import Service, UnknownServiceError, load_service
from marinelayer.model.shapes import ListShape, StructureShape
from marinelayer.model.supplements import patch

EIGHT = ("s3", "s3control", "iam", "sts", "sns", "rekognition", "comprehend", "translate")
SCRIPT = Path(__file__).parents[3] / "scripts/generate_types.py"


@pytest.fixture(scope="module")
def session() -> botocore.session.Session:
    return botocore.session.Session()


@pytest.mark.parametrize("name", [*EIGHT, "ec2", "lambda", "dynamodb", "cloudwatch", "sqs"])
def test_a_service_says_what_botocores_model_says(name: str, session: botocore.session.Session) -> None:
    service, model = load_service(name), session.get_service_model(name)
    assert service.protocol == model.resolved_protocol
    assert service.signing_name == model.signing_name
    assert service.endpoint_prefix == model.endpoint_prefix
    assert service.api_version == model.api_version
    assert list(service.operations) == list(model.operation_names)
    for operation in service.operations.values():
        theirs = model.operation_model(operation.name)
        streams = theirs.has_streaming_output or theirs.has_event_stream_output
        assert (operation.streaming_output is not None) == streams or name not in EIGHT
        ours = set(operation.input_shape.members if operation.input_shape else {})
        assert ours == set(theirs.input_shape.members if theirs.input_shape else {})


def test_comprehend_speaks_json_though_its_model_names_cbor_first() -> None:
    assert load_service("comprehend").protocol == "json"


def test_a_shape_may_hold_itself() -> None:
    value = load_service("dynamodb").shapes["AttributeValue"]
    assert isinstance(value, StructureShape)
    items = value.members["L"].shape
    assert isinstance(items, ListShape)
    assert items.member.shape is value


def test_an_unknown_service_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownServiceError):
        load_service("no-such-service")


def test_the_seven_services_load_in_less_than_a_second_in_a_fresh_process() -> None:
    code = (
        "import time; from marinelayer.model.service import load_service; start = time.process_time();"
        f"[load_service(name) for name in {EIGHT}]; print(time.process_time() - start)"
    )
    took = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(3)
    )
    assert took < 1


def test_the_catalogue_knows_every_service_that_botocore_does(session: botocore.session.Session) -> None:
    known = catalogue()
    assert set(known.entries) == set(session.get_available_services())
    for name in ("s3control", "ec2", "mediapackage", "marketplace-entitlement", "ses", "iot-data"):
        model, entry = session.get_service_model(name), known.entries[name]
        assert (entry.signing_name, entry.endpoint_prefix, entry.protocol) == (
            model.signing_name, model.endpoint_prefix, model.resolved_protocol,
        )  # fmt: skip


def test_services_that_share_a_name_are_listed_with_the_one_called_so_first() -> None:
    known = catalogue()
    assert [entry.name for entry in known.by_signing_name["rds"]] == ["rds", "docdb", "neptune"]
    assert {entry.name for entry in known.by_query_version["2010-08-01"]} == {"cloudwatch"}
    assert known.by_target_prefix["RekognitionService"][0].name == "rekognition"


def test_the_catalogue_is_built_without_loading_a_model() -> None:
    load_service.cache_clear()
    catalogue.cache_clear()
    started = time.process_time()
    catalogue()
    assert time.process_time() - started < 2
    assert load_service.cache_info().currsize == 0


def test_every_common_error_is_worded_for_every_protocol() -> None:
    wordings = patch("common_errors")
    kinds = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CommonError)}
    assert set(wordings) == kinds - {"CommonError"}
    families = {entry.protocol for entry in catalogue().entries.values()} | set(EIGHT) | {"*"}
    for wording in wordings.values():
        assert "*" in wording
        assert set(wording) <= families
        assert all(400 <= said["status"] < 600 and said["code"] for said in wording.values())


def test_supplements_name_only_what_the_model_has() -> None:
    s3, more = load_service("s3"), patch("s3_operations")
    for table in ("roots", "unwrapped", "statuses"):
        assert set(more[table]) <= set(s3.operations)
    assert set(more["open_xml_values"]) <= set(s3.shapes)
    for service, shapes in patch("constraints").items():
        assert set(shapes) <= set(load_service(service).shapes)


def test_the_table_of_s3_agrees_with_the_model_where_both_speak() -> None:
    table = patch("s3_errors")
    both = {
        error.code: error.status for error in load_service("s3").errors.values() if error.status and error.code in table
    }
    assert both
    assert {code: table[code]["status"] for code in both} == both


# --- generated types ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("types")
    subprocess.run([sys.executable, SCRIPT, folder], check=True)
    return folder


def test_types_are_generated_for_every_operation_and_can_be_imported(generated: Path) -> None:
    for name in EIGHT:
        namespace: dict[str, object] = {}
        exec(compile((generated / f"{name}.py").read_text(), name, "exec"), namespace)
        for operation in load_service(name).operations.values():
            for shape in (operation.input_shape, operation.output_shape):
                assert shape is None or shape.name in namespace


def test_generating_types_again_changes_nothing(generated: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True)
    for file in generated.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_inputs_have_required_members_and_outputs_none(generated: Path) -> None:
    s3 = (generated / "s3.py").read_text()
    put = s3.partition("class PutObjectRequest(")[2].partition("\nclass ")[0]
    assert "    Bucket: typing.Required[str]\n" in put
    assert "    Body: marinelayer.http.Body\n" in put
    got = s3.partition("class GetObjectOutput(")[2].partition("\nclass ")[0]
    assert "    Body: marinelayer.http.ResponseBody\n" in got
    assert "Required" not in got


def test_a_loaded_service_keeps_no_documentation() -> None:
    service = load_service("sts")
    assert isinstance(service, Service)
    assert not any(hasattr(operation, "documentation") for operation in service.operations.values())
