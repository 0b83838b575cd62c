"""Jobs over a dictionary, on each database: objects, roles and the outbox's runs are the tests' own."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.http import Body, read_all
from marinelayer.model.errors import AccessDenied, OperationNotImplemented, Throttled
from marinelayer.outbox import Job
from marinelayer.ports import Caller, EngineFailedError, Errand, Tables
from marinelayer.services.translate import translation_runs
from marinelayer.services.translate.errors import (
    InvalidFilterException,
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceNotFoundException,
    UnsupportedLanguagePairException,
)
from marinelayer.services.translate.job_store import RUN, forget_jobs, has_jobs

pytestmark = pytest.mark.asyncio

ROLE = "arn:aws:iam::111122223333:role/translator"


class Objects:
    """Buckets of bytes; reads, lists and writes as S3 does, or refuses what it is told to."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.kept: dict[str, bytes] = {}
        self.members: dict[str, Mapping[str, Any]] = {}
        self.refuse: dict[str, Exception] = {}
        self.calls: list[str] = []

    async def call(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        key = f"{request['Bucket']}/{request.get('Key', request.get('Prefix', ''))}"
        self.calls.append(f"{operation} {key}")
        for part, error in self.refuse.items():
            if part in f"{operation} {key}":
                raise error
        if operation == "ListObjectsV2":
            found = sorted(one for one in self.kept if one.startswith(key))
            contents = [{"Key": one.partition("/")[2], "Size": len(self.kept[one])} for one in found]
            return {"Contents": contents, "IsTruncated": False}
        if operation == "GetObject":
            return {"Body": self.kept[key]}
        body: Body = request["Body"]
        self.kept[key] = await read_all(body, 1 << 30)
        self.members[key] = request
        return {}


class Roles:
    """Roles that trust, or do not."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.error: Exception | None = None
        self.asked: list[tuple[str, Errand]] = []

    async def assume(self, role: str, errand: Errand) -> Caller:
        self.asked.append((role, errand))
        if self.error is not None:
            raise self.error
        return self.desk.caller()


class Bureau:
    """A desk with jobs."""

    def __init__(self, desk: Any, tables: Tables) -> None:
        self.desk = desk
        self.tables = tables
        self.objects = Objects(desk)
        self.roles = Roles(desk)
        self.objects.kept = {
            "in/notes/a.txt": b"hay un patinete",
            "in/notes/sub/b.txt": b"en la acera",
            "in/notes-of-others/c.txt": b"no",
        }
        self.runs = translation_runs(desk.ground, self.objects, self.roles)

    async def start(self, **more: Any) -> str:
        request = {
            "InputDataConfig": {"S3Uri": "s3://in/notes", "ContentType": "text/plain"},
            "OutputDataConfig": {"S3Uri": "s3://out/here/"},
            "DataAccessRoleArn": ROLE,
            "SourceLanguageCode": "es",
            "TargetLanguageCodes": ["en"],
            "ClientToken": f"token-{self.desk.clock.time}",
        }
        answer = await self.desk.ask("StartTextTranslationJob", **(request | more))
        self.desk.clock.time += 1_000_000
        assert answer["JobStatus"] == "SUBMITTED"
        return answer["JobId"]

    async def run(self, job_id: str, attempts: int = 1) -> None:
        """As the outbox would, once."""
        name = {"account": "111122223333", "region": "us-east-1", "job_id": job_id}
        payload = json.dumps(name).encode()
        await self.runs.run(Job(id="x", kind=RUN, group="x", payload=payload, attempts=attempts))

    async def described(self, job_id: str) -> dict[str, Any]:
        return (await self.desk.ask("DescribeTextTranslationJob", JobId=job_id))["TextTranslationJobProperties"]

    def written(self, job_id: str) -> dict[str, bytes]:
        folder = f"out/here/111122223333-TranslateText-{job_id}/"
        return {key.removeprefix(folder): data for key, data in self.objects.kept.items() if key.startswith(folder)}


@pytest.fixture
def bureau(every_desk: Any, tables: Tables) -> Bureau:
    return Bureau(every_desk, tables)


async def test_a_job_translates_every_document_of_its_folder(bureau: Bureau) -> None:
    job = await bureau.start(JobName="notes")
    assert (await bureau.described(job))["JobStatus"] == "SUBMITTED"
    await bureau.run(job)
    written = bureau.written(job)
    details = json.loads(written.pop("details/en.auxiliary-translation-details.json"))
    assert written == {"en.a.txt": b"there is a scooter", "sub/en.b.txt": b"on the pavement"}
    assert details == {
        "sourceLanguageCode": "es",
        "targetLanguageCode": "en",
        "charactersTranslated": "26",
        "documentCountWithCustomerError": "0",
        "documentCountWithServerError": "0",
        "inputDataPrefix": "s3://in/notes",
        "outputDataPrefix": f"s3://out/here/111122223333-TranslateText-{job}/",
        "details": [
            {"sourceFile": "a.txt", "targetFile": "en.a.txt", "auxiliaryData": {}},
            {"sourceFile": "sub/b.txt", "targetFile": "sub/en.b.txt", "auxiliaryData": {}},
        ],
    }
    found = await bureau.described(job)
    assert found == {
        "JobId": job,
        "JobName": "notes",
        "JobStatus": "COMPLETED",
        "JobDetails": {"TranslatedDocumentsCount": 2, "DocumentsWithErrorsCount": 0, "InputDocumentsCount": 2},
        "SubmittedTime": datetime(2021, 4, 1, tzinfo=UTC),
        "EndTime": datetime(2021, 4, 1, 0, 0, 1, tzinfo=UTC),
        "InputDataConfig": {"S3Uri": "s3://in/notes", "ContentType": "text/plain"},
        "OutputDataConfig": {"S3Uri": "s3://out/here/"},
        "DataAccessRoleArn": ROLE,
        "SourceLanguageCode": "es",
        "TargetLanguageCodes": ["en"],
    }
    ((role, errand),) = bureau.roles.asked
    assert (role, errand.service, errand.account) == (ROLE, "translate.amazonaws.com", "111122223333")


async def test_several_languages_terms_and_settings(bureau: Bureau) -> None:
    await bureau.desk.import_("city", "es,en\npatinete,shit scooter\n")
    asked: dict[str, Any] = {"TerminologyNames": ["city"], "Settings": {"Profanity": "MASK"}}
    job = await bureau.start(TargetLanguageCodes=["en", "ca"], **asked)
    await bureau.run(job)
    written = bureau.written(job)
    # Nobody here knows Catalan's swear words, so that nothing is masked in any language.
    assert written["en.a.txt"] == b"there is a shit scooter"
    assert written["ca.a.txt"] == b"hi ha un patinet"
    details = json.loads(written["details/en.auxiliary-translation-details.json"])
    assert details["details"][0]["auxiliaryData"] == {
        "appliedTerminologies": [{"name": "city", "terms": [{"sourceText": "patinete", "targetText": "shit scooter"}]}]
    }
    job = await bureau.start(**asked)
    await bureau.run(job)
    assert bureau.written(job)["en.a.txt"] == b"there is a ?$#@$ scooter"


async def test_each_document_is_told_its_language(bureau: Bureau) -> None:
    job = await bureau.start(SourceLanguageCode="auto")
    await bureau.run(job)
    assert bureau.desk.detected == ["hay un patinete", "en la acera"]
    assert bureau.written(job)["en.a.txt"] == b"there is a scooter"


async def test_html_documents_keep_their_tags(bureau: Bureau) -> None:
    bureau.objects.kept["in/pages/x.html"] = b"<p id=x>la <b>acera</b></p>"
    job = await bureau.start(InputDataConfig={"S3Uri": "s3://in/pages/", "ContentType": "text/html"})
    await bureau.run(job)
    assert bureau.written(job)["en.x.html"] == b"<p id=x>the <b>pavement</b></p>"
    folder = f"out/here/111122223333-TranslateText-{job}"
    assert bureau.objects.members[f"{folder}/en.x.html"]["ContentType"] == "text/html"


async def test_a_document_of_a_job_has_a_million_letters_at_most(bureau: Bureau) -> None:
    bureau.objects.kept = {"in/notes/a.txt": b"a " * 500_000, "in/notes/b.txt": b"a " * 500_000 + b"a"}
    job = await bureau.start()
    await bureau.run(job)
    (details,) = [json.loads(data) for name, data in bureau.written(job).items() if name.startswith("details/")]
    told = {one["sourceFile"].rpartition("/")[2]: one["auxiliaryData"].get("error") for one in details["details"]}
    assert told["a.txt"] is None
    assert told["b.txt"]["errorMessage"] == "The document has over 1,000,000 characters."


async def test_each_xliff_file_gets_its_targets_and_says_their_language(bureau: Bureau) -> None:
    file = (
        '<xliff version="1.2"><file><body><trans-unit id="1"><source>un patinete</source>{}</trans-unit></body></file>'
    )
    bureau.objects.kept["in/units/x.xlf"] = f"{file.format('')}</xliff>".encode()
    bureau.objects.kept["in/units/y.xlf"] = b"<html/>"
    place = {"S3Uri": "s3://in/units/", "ContentType": "application/x-xliff+xml"}
    job = await bureau.start(InputDataConfig=place, TargetLanguageCodes=["en", "ca"])
    await bureau.run(job)
    described = await bureau.described(job)
    assert (described["JobStatus"], described["JobDetails"]["DocumentsWithErrorsCount"]) == ("COMPLETED_WITH_ERROR", 1)
    folder = f"out/here/111122223333-TranslateText-{job}"
    for language, target in (("en", "a scooter"), ("ca", "un patinet")):
        expected = file.format(f"<target>{target}</target>").replace("<file>", f'<file target-language="{language}">')
        assert bureau.objects.kept[f"{folder}/{language}.x.xlf"].decode() == f"{expected}</xliff>"


async def test_a_document_that_can_not_be_read_is_told_and_the_others_are_done(bureau: Bureau) -> None:
    bureau.objects.kept["in/notes/bad.txt"] = b"\xff"
    bureau.objects.refuse["GetObject in/notes/sub"] = AccessDenied("not allowed")
    job = await bureau.start()
    await bureau.run(job)
    found = await bureau.described(job)
    assert found["JobStatus"] == "COMPLETED_WITH_ERROR"
    assert found["JobDetails"] == {
        "TranslatedDocumentsCount": 1,
        "DocumentsWithErrorsCount": 2,
        "InputDocumentsCount": 3,
    }
    details = json.loads(bureau.written(job)["details/en.auxiliary-translation-details.json"])
    assert details["documentCountWithCustomerError"] == "2"
    assert [one.get("auxiliaryData", {}).get("error", {}).get("errorCode") for one in details["details"]] == [
        None,
        "InvalidRequestException",
        "AccessDenied",
    ]


async def test_a_broken_engine_is_the_servers_error(bureau: Bureau) -> None:
    job = await bureau.start()
    bureau.desk.dictionary.error = EngineFailedError("broken")
    await bureau.run(job)
    details = json.loads(bureau.written(job)["details/en.auxiliary-translation-details.json"])
    assert details["documentCountWithServerError"] == "2"
    assert (await bureau.described(job))["JobStatus"] == "COMPLETED_WITH_ERROR"


@pytest.mark.parametrize(
    ("setting", "said"),
    [("role", "does not trust"), ("list", "can not be read"), ("none", "no documents"), ("put", "written")],
)
async def test_a_job_that_can_not_be_done_fails_and_says_why(bureau: Bureau, setting: str, said: str) -> None:
    if setting == "role":
        bureau.roles.error = AccessDenied("the role does not trust translate.amazonaws.com")
    elif setting == "list":
        bureau.objects.refuse["ListObjectsV2"] = AccessDenied("no")
    elif setting == "none":
        bureau.objects.kept = {"in/notes/": b""}
    else:
        bureau.objects.refuse["PutObject"] = AccessDenied("no")
    job = await bureau.start()
    await bureau.run(job)
    found = await bureau.described(job)
    assert found["JobStatus"] == "FAILED"
    assert said in found["Message"]
    assert found["EndTime"]
    await bureau.run(job)
    assert (await bureau.described(job)) == found


async def test_a_job_goes_on_where_it_was_interrupted(bureau: Bureau) -> None:
    job = await bureau.start()
    bureau.objects.refuse["GetObject in/notes/sub"] = Throttled()
    with pytest.raises(Throttled):
        await bureau.run(job)
    found = await bureau.described(job)
    assert found["JobStatus"] == "IN_PROGRESS"
    assert found["JobDetails"]["TranslatedDocumentsCount"] == 1
    bureau.objects.refuse.clear()
    bureau.objects.calls.clear()
    bureau.objects.kept["in/notes/late.txt"] = b"la"
    await bureau.run(job, attempts=2)
    assert [call for call in bureau.objects.calls if call.startswith("GetObject")] == ["GetObject in/notes/sub/b.txt"]
    assert not [call for call in bureau.objects.calls if call.startswith("List")]
    assert (await bureau.described(job))["JobStatus"] == "COMPLETED"
    assert len(bureau.written(job)) == 3


async def test_a_job_may_be_interrupted_at_any_call(bureau: Bureau) -> None:
    """Whichever call of S3 fails, the next run makes the same end of it."""
    whole = await bureau.start()
    await bureau.run(whole)
    expected = {key: data for key, data in bureau.written(whole).items() if not key.startswith("details")}
    for number in range(6):
        job = await bureau.start()
        bureau.objects.calls.clear()
        call = bureau.objects.call

        async def broken(*arguments: Any, call: Any = call, number: int = number) -> Any:
            if len(bureau.objects.calls) == number:
                bureau.objects.calls.append("broken")
                raise ConnectionError
            return await call(*arguments)

        bureau.objects.call = broken  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            await bureau.run(job)
        bureau.objects.call = call  # type: ignore[method-assign]
        await bureau.run(job, attempts=2)
        found = await bureau.described(job)
        assert (found["JobStatus"], found["JobDetails"]["TranslatedDocumentsCount"]) == ("COMPLETED", 2)
        written = bureau.written(job)
        assert len(json.loads(written.pop("details/en.auxiliary-translation-details.json"))["details"]) == 2
        assert written == expected


async def test_a_job_that_never_ends_well_fails(bureau: Bureau) -> None:
    job = await bureau.start()
    await bureau.run(job, attempts=31)
    assert (await bureau.described(job))["JobStatus"] == "FAILED"


# --- stopping --------------------------------------------------------------------------------------------------


async def test_a_job_stops_after_the_document_that_it_is_at(bureau: Bureau) -> None:
    job = await bureau.start()
    call = bureau.objects.call

    async def stopping(caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "GetObject":
            answer = await bureau.desk.ask("StopTextTranslationJob", JobId=job)
            assert answer == {"JobId": job, "JobStatus": "STOP_REQUESTED"}
        return await call(caller, service, operation, request)

    bureau.objects.call = stopping  # type: ignore[method-assign]
    await bureau.run(job)
    found = await bureau.described(job)
    assert found["JobStatus"] == "STOPPED"
    assert found["JobDetails"]["TranslatedDocumentsCount"] == 1
    assert "en.a.txt" in bureau.written(job)
    assert (await bureau.desk.ask("StopTextTranslationJob", JobId=job))["JobStatus"] == "STOPPED"


async def test_a_job_that_waits_is_stopped_before_it_begins(bureau: Bureau) -> None:
    job = await bureau.start()
    await bureau.desk.ask("StopTextTranslationJob", JobId=job)
    await bureau.run(job)
    assert (await bureau.described(job))["JobStatus"] == "STOPPED"
    assert not [call for call in bureau.objects.calls if "GetObject" in call]


async def test_a_job_that_was_done_before_it_could_stop_is_complete(bureau: Bureau) -> None:
    job = await bureau.start()
    call = bureau.objects.call

    async def stopping(caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if request.get("Key", "").endswith("b.txt") and operation == "GetObject":
            await bureau.desk.ask("StopTextTranslationJob", JobId=job)
        return await call(caller, service, operation, request)

    bureau.objects.call = stopping  # type: ignore[method-assign]
    await bureau.run(job)
    assert (await bureau.described(job))["JobStatus"] == "COMPLETED"


# --- the API ---------------------------------------------------------------------------------------------------


async def test_jobs_are_listed_and_filtered(bureau: Bureau) -> None:
    first, second, third = [await bureau.start(JobName=name) for name in ("a", "b", "a")]
    await bureau.run(second)

    async def listed(**request: Any) -> list[str]:
        answer = await bureau.desk.ask("ListTextTranslationJobs", **request)
        return [job["JobId"] for job in answer["TextTranslationJobPropertiesList"]]

    assert await listed() == [third, second, first]
    assert await listed(Filter={"JobName": "a"}) == [third, first]
    assert await listed(Filter={"JobStatus": "COMPLETED"}) == [second]
    middle = (await bureau.described(second))["SubmittedTime"]
    assert await listed(Filter={"SubmittedAfterTime": middle}) == [third]
    assert await listed(Filter={"SubmittedBeforeTime": middle}) == [first]
    with pytest.raises(InvalidFilterException):
        await listed(Filter={"JobName": "a", "JobStatus": "COMPLETED"})
    page = await bureau.desk.ask("ListTextTranslationJobs", MaxResults=2)
    rest = await bureau.desk.ask("ListTextTranslationJobs", MaxResults=2, NextToken=page["NextToken"])
    assert [job["JobId"] for job in rest["TextTranslationJobPropertiesList"]] == [first]
    assert "NextToken" not in rest
    with pytest.raises(InvalidRequestException):
        await bureau.desk.ask("ListTextTranslationJobs", Filter={"JobName": "a"}, NextToken=page["NextToken"])


async def test_the_same_token_starts_a_job_once(bureau: Bureau) -> None:
    one = await bureau.start(ClientToken="t")
    assert await bureau.start(ClientToken="t") == one
    with pytest.raises(InvalidParameterValueException):
        await bureau.start(ClientToken="t", TargetLanguageCodes=["ca"])


async def test_a_job_that_is_not_there_is_not_found(bureau: Bureau) -> None:
    for operation in ("DescribeTextTranslationJob", "StopTextTranslationJob"):
        with pytest.raises(ResourceNotFoundException):
            await bureau.desk.ask(operation, JobId="none")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"ParallelDataNames": ["p"]}, OperationNotImplemented),
        ({"InputDataConfig": {"S3Uri": "s3://in", "ContentType": "text/csv"}}, InvalidRequestException),
        ({"TargetLanguageCodes": ["en"] * 2}, InvalidRequestException),
        (
            {"TargetLanguageCodes": ["af", "am", "ar", "az", "bg", "bn", "bs", "ca", "cs", "cy", "da"]},
            InvalidRequestException,
        ),
        ({"Settings": {"Brevity": "ON"}}, InvalidRequestException),
        ({"TargetLanguageCodes": ["en", "ja"]}, UnsupportedLanguagePairException),
        ({"TargetLanguageCodes": ["xx"], "SourceLanguageCode": "auto"}, UnsupportedLanguagePairException),
        ({"TerminologyNames": ["none"]}, ResourceNotFoundException),
        ({"TerminologyNames": ["a", "b"]}, InvalidRequestException),
        ({"DataAccessRoleArn": ROLE.replace("1111", "9999")}, InvalidRequestException),
    ],
)
async def test_a_job_that_can_not_be_is_refused(bureau: Bureau, more: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        await bureau.start(**more)
    assert (await bureau.desk.ask("ListTextTranslationJobs"))["TextTranslationJobPropertiesList"] == []


async def test_jobs_that_have_ended_go_with_their_account(bureau: Bureau) -> None:
    job = await bureau.start()
    assert await bureau.tables.read(has_jobs, "111122223333")
    await bureau.run(job)
    assert not await bureau.tables.read(has_jobs, "111122223333")
    await bureau.tables.write(forget_jobs, "999988887777")
    assert (await bureau.described(job))["JobStatus"] == "COMPLETED"
    await bureau.tables.write(forget_jobs, "111122223333")
    with pytest.raises(ResourceNotFoundException):
        await bureau.described(job)


async def test_starting_needs_to_pass_the_role(bureau: Bureau) -> None:
    needs = bureau.desk.table.operations["StartTextTranslationJob"].needs
    asked = needs({"DataAccessRoleArn": ROLE, "TerminologyNames": ["city"]}, bureau.desk.caller())
    assert [(need.action, need.resource) for need in asked] == [
        (
            "translate:StartTextTranslationJob",
            "arn:aws:translate:us-east-1:111122223333:terminology/city/LATEST",
        ),
        ("iam:PassRole", ROLE),
    ]
    assert asked[1].context == {"iam:passedtoservice": ("translate.amazonaws.com",)}
