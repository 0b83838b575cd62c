"""1.3 Uploading and retrieving files

Objects are uploaded, listed, looked at, downloaded and deleted.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_1_3_objects.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
for name in ("gid-requests", "gid-staging"):
    s3.create_bucket(Bucket=name)
for day in ("2018_12_30", "2019_01_02", "2019_01_03"):
    s3.put_object(Bucket="gid-requests", Key=f"gid_requests_{day}.csv", Body=f"day,count\n{day},7\n".encode())
Path("gid_requests_2019_01_01.csv").write_text("day,count\n2019_01_01,5\n")
Path("final_report.csv").write_text("service_name,count\nPothole,14\n")
for key in ("2018/final_report_01_01.csv", "2018/final_report_01_02.csv", "2018/notes.txt"):
    s3.put_object(Bucket="gid-staging", Key=key, Body=b"old")

# %% snippet 9: Uploading files
# Erratum: the comma is missing. The lesson has:
#     Filename='gid_requests_2019_01_01.csv'
s3.upload_file(
    Filename='gid_requests_2019_01_01.csv',
    Bucket='gid-requests',
    Key='gid_requests_2019_01_01.csv')
# %% snippet 10: Listing objects in a bucket
response = s3.list_objects(
    Bucket='gid-requests',
    MaxKeys=2,
    Prefix='gid_requests_2019_')

print(response)
# %% holds 9 10
assert [entry["Key"] for entry in response["Contents"]] == [
    "gid_requests_2019_01_01.csv",
    "gid_requests_2019_01_02.csv",
]
assert response["IsTruncated"] and response["MaxKeys"] == 2 and response["Prefix"] == "gid_requests_2019_"
assert response["Contents"][0]["Size"] == Path("gid_requests_2019_01_01.csv").stat().st_size

# %% snippet 11: Getting object metadata
response = s3.head_object(
    Bucket='gid-requests',
    Key='gid_requests_2018_12_30.csv')

print(response)
# %% holds 11
assert response["ContentLength"] == 23
assert response["ETag"].startswith('"') and "Contents" not in response

# %% snippet 12: Downloading files
s3.download_file(
    Filename='gid_requests_downed.csv',
    Bucket='gid-requests',
    Key='gid_requests_2018_12_30.csv')
# %% holds 12
assert Path("gid_requests_downed.csv").read_text() == "day,count\n2018_12_30,7\n"

# %% snippet 13: Deleting object
s3.delete_object(
    Bucket='gid-requests',
    Key='gid_requests_2018_12_30.csv')
# %% holds 13
try:
    s3.head_object(Bucket="gid-requests", Key="gid_requests_2018_12_30.csv")
except ClientError as gone:
    assert gone.response["Error"]["Code"] == "404"
else:
    raise AssertionError("a deleted object is still there")

# %% snippet 14: Practice
# Upload final_report.csv with key 2019/final_report_01_01.csv
s3.upload_file(Bucket='gid-staging',
               # Set filename and key
               Filename='final_report.csv',
               Key='2019/final_report_01_01.csv')

# Get object metadata and print it
response = s3.head_object(Bucket='gid-staging',
                       Key='2019/final_report_01_01.csv')

# Print the size of the uploaded object
print(response['ContentLength'])

# List only objects that start with '2018/final_'
response = s3.list_objects(Bucket='gid-staging',
                           Prefix='2018/final_')

# Iterate over the objects
if 'Contents' in response:
  for obj in response['Contents']:
      # Delete the object
      s3.delete_object(Bucket='gid-staging', Key=obj['Key'])

# Print the keys of remaining objects in the bucket
response = s3.list_objects(Bucket='gid-staging')

for obj in response['Contents']:
    print(obj['Key'])
# %% holds 14
assert [entry["Key"] for entry in response["Contents"]] == ["2018/notes.txt", "2019/final_report_01_01.csv"]
