"""Endpoints, with boto3 over a real socket."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response["Error"]["Code"]


def test_an_endpoint_is_described_listed_updated_to_another_model_and_deleted(desk: Any, material: Any) -> None:
    rows = material.complaints(15, ("POTHOLE", "GRAFFITI"))
    renamed = [({"POTHOLE": "HOLE", "GRAFFITI": "PAINT"}[label], text) for label, text in rows]
    one, other = desk.trained(material.csv_of(rows)), desk.trained(material.csv_of(renamed))
    arn = desk.endpoint(one)
    found = desk.settled(arn)
    assert (found["Status"], found["ModelArn"], found["DesiredInferenceUnits"], found["CurrentInferenceUnits"]) == (
        "IN_SERVICE",
        one,
        1,
        1,
    )
    assert found["DesiredModelArn"] == one
    listed = desk.comprehend.list_endpoints(Filter={"ModelArn": one})["EndpointPropertiesList"]
    assert [endpoint["EndpointArn"] for endpoint in listed] == [arn]
    assert desk.likeliest(arn, "a pothole in the asphalt") == "POTHOLE"
    answer = desk.comprehend.update_endpoint(EndpointArn=arn, DesiredModelArn=other, DesiredInferenceUnits=2)
    assert answer["DesiredModelArn"] == other
    assert desk.settled(arn)["CurrentInferenceUnits"] == 2
    assert desk.likeliest(arn, "a pothole in the asphalt") == "HOLE"
    assert desk.comprehend.list_endpoints(Filter={"ModelArn": one})["EndpointPropertiesList"] == []


def test_answers_have_the_three_likeliest_classes_and_bytes_are_a_page(desk: Any, material: Any) -> None:
    endpoint = desk.endpoint(desk.trained(material.csv_of(material.complaints(15))))
    text = "the lamp flickers, and all is dark"
    answer = desk.comprehend.classify_document(Text=text, EndpointArn=endpoint)
    scores = [one["Score"] for one in answer["Classes"]]
    assert answer["Classes"][0]["Name"] == "LIGHT"
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) <= 1
    page = desk.comprehend.classify_document(Bytes=text.encode(), EndpointArn=endpoint)
    assert page["Classes"] == [{**one, "Page": 1} for one in answer["Classes"]]
    assert page["DocumentMetadata"] == {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(text)}]}
    assert page["DocumentType"] == [{"Page": 1, "Type": "PLAIN_TEXT"}]
    classify = desk.comprehend.classify_document
    assert refused(classify, EndpointArn=endpoint) == "InvalidRequestException"
    assert refused(classify, Text=text, Bytes=b"x", EndpointArn=endpoint) == "InvalidRequestException"
    assert refused(classify, Text="é" * 5001, EndpointArn=endpoint) == "TextSizeLimitExceededException"
    assert refused(classify, Bytes=b"%PDF-1.7", EndpointArn=endpoint) == "NotImplemented"


def test_models_that_are_not_trained_or_not_there_have_no_endpoint(desk: Any) -> None:
    broken = desk.submit(b"x,y\n")
    desk.described(broken)
    create = desk.comprehend.create_endpoint
    request = {"EndpointName": f"e-{uuid.uuid4().hex[:8]}", "DesiredInferenceUnits": 1}
    assert refused(create, **request, ModelArn=broken) == "ResourceUnavailableException"
    assert refused(create, **request, ModelArn=broken + "-other") == "ResourceNotFoundException"
    assert refused(create, **request) == "InvalidRequestException"


def test_a_name_that_is_taken_and_an_endpoint_that_is_not_there(desk: Any, material: Any) -> None:
    model = desk.trained(material.csv_of(material.complaints(10)))
    endpoint = desk.endpoint(model)
    name = endpoint.rpartition("/")[2]
    create = desk.comprehend.create_endpoint
    taken = refused(create, EndpointName=name, ModelArn=model, DesiredInferenceUnits=1)
    assert taken == "ResourceInUseException"
    absent = endpoint + "-other"
    assert refused(desk.comprehend.describe_endpoint, EndpointArn=absent) == "ResourceNotFoundException"
    classify = desk.comprehend.classify_document
    assert refused(classify, Text="x", EndpointArn=absent) == "ResourceUnavailableException"


def test_what_is_in_another_region_is_not_found(desk: Any, material: Any) -> None:
    model = desk.trained(material.csv_of(material.complaints(10)))
    endpoint = desk.endpoint(model)
    elsewhere = desk.client("comprehend", region_name="eu-west-1")
    create = elsewhere.create_endpoint
    new = {"EndpointName": f"e-{uuid.uuid4().hex[:8]}", "ModelArn": model, "DesiredInferenceUnits": 1}
    assert refused(create, **new) == "ResourceNotFoundException"
    assert refused(elsewhere.describe_document_classifier, DocumentClassifierArn=model) == "ResourceNotFoundException"
    assert refused(elsewhere.list_tags_for_resource, ResourceArn=endpoint) == "ResourceNotFoundException"
    assert refused(elsewhere.delete_endpoint, EndpointArn=endpoint) == "ResourceNotFoundException"
    assert refused(elsewhere.classify_document, EndpointArn=endpoint, Text="x") == "ResourceUnavailableException"
    assert desk.likeliest(endpoint, "a pothole in the asphalt") == "POTHOLE"


def test_an_endpoint_of_aws_is_not_made_up(desk: Any) -> None:
    arn = "arn:aws:comprehend:us-east-1:aws:document-classifier-endpoint/prompt-safety"
    assert refused(desk.comprehend.classify_document, EndpointArn=arn, Text="x") == "NotImplemented"


def test_a_new_role_of_an_endpoint_is_shown_once_it_is_updated(desk: Any, material: Any) -> None:
    role = "arn:aws:iam::111122223333:role/reads-models"
    arn = desk.endpoint(desk.trained(material.csv_of(material.complaints(10))))
    assert "DataAccessRoleArn" not in desk.settled(arn)
    desk.comprehend.update_endpoint(EndpointArn=arn, DesiredDataAccessRoleArn=role)
    found = desk.settled(arn)
    assert (found["DataAccessRoleArn"], found["DesiredDataAccessRoleArn"]) == (role, role)


def test_lists_of_endpoints_take_one_filter(desk: Any) -> None:
    filters = {"Status": "IN_SERVICE", "CreationTimeAfter": 0}
    assert refused(desk.comprehend.list_endpoints, Filter=filters) == "InvalidRequestException"


def test_lists_of_endpoints_go_on_page_by_page(desk: Any, material: Any) -> None:
    model = desk.trained(material.csv_of(material.complaints(10)))
    made = {desk.endpoint(model) for _ in range(3)}
    pages = desk.comprehend.get_paginator("list_endpoints").paginate(PaginationConfig={"PageSize": 1})
    listed = [one["EndpointArn"] for page in pages for one in page["EndpointPropertiesList"]]
    assert made <= set(listed)
    assert len(listed) == len(set(listed))
