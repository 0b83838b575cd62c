"""Stored bytes that a disk, or somebody, has changed."""

import logging
import os

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError, IncompleteReadError, ResponseStreamingError

from marinelayer.testing import local_cloud


@pytest.mark.parametrize(("size", "place"), [(200_000, 1000), (8_000_000, 1000), (8_000_000, 7_000_000)])
def test_a_changed_byte_ends_the_answer_and_is_logged(tmp_path, caplog, size, place):
    data = os.urandom(size)
    with local_cloud(tmp_path) as cloud, caplog.at_level(logging.ERROR):
        s3 = boto3.client("s3", **cloud.client_arguments(), config=Config(retries={"total_max_attempts": 1}))
        s3.create_bucket(Bucket="photos")
        s3.put_object(Bucket="photos", Key="one", Body=data)
        (blob,) = [path for path in cloud.folder.glob("epoch-*/blobs/??/*") if path.is_file()]
        stored = bytearray(blob.read_bytes())
        stored[place] ^= 1
        blob.write_bytes(stored)
        got = b""
        broken = (ClientError, IncompleteReadError, ResponseStreamingError, urllib3.exceptions.ProtocolError)
        with pytest.raises(broken) as caught:
            got = s3.get_object(Bucket="photos", Key="one")["Body"].read()
        assert got == b""
        at_once = place == 1000
        if at_once:
            assert isinstance(caught.value, ClientError)
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        assert (
            s3.get_object(Bucket="photos", Key="one", Range="bytes=100000-100009")["Body"].read() == data[100000:100010]
        )
        s3.close()
    # What is refused whole is in the line of its request, which `marinelayer up` logs.
    assert at_once or blob.name in caplog.text
