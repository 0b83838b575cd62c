"""Objects that are replaced while someone reads them."""

import os

PART = 5 * 1024 * 1024


def test_who_reads_an_upload_in_parts_while_it_is_replaced_gets_all_of_it(client, bucket):
    s3 = client("s3")
    data = os.urandom(3 * PART + 1000)
    upload = {"Bucket": bucket, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]}
    parts = []
    for number, begin in enumerate(range(0, len(data), PART), start=1):
        part = s3.upload_part(**upload, PartNumber=number, Body=data[begin : begin + PART])
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    body = s3.get_object(Bucket=bucket, Key="k")["Body"]
    first = body.read(1000)
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    assert first + body.read() == data
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"
