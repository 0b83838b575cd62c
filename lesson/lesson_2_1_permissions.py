"""2.1 Keeping objects secure

What is not made public is refused; what is public can be read by anyone.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_2_1_permissions.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pandas as pd
from botocore.exceptions import ClientError

CSV = "service_name,count\nPothole,14\n"
s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
for name in ("gid-requests", "gid-staging"):
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="potholes.csv", Body=CSV.encode())
for key in ("2019/final_report_2019_02_21.csv", "2019/final_report_2019_02_22.csv", "2019/other.csv"):
    s3.put_object(Bucket="gid-staging", Key=key, Body=CSV.encode())
Path("final_report.csv").write_text(CSV)


def anonymous_status(bucket, key):
    """The status that someone without credentials gets."""
    try:
        with urlopen(f"https://{bucket}.s3.amazonaws.com/{key}") as answer:
            return answer.status
    except HTTPError as refused:
        return refused.code


# %% set-up: the lesson expects the next snippet to be refused
try:
    pd.read_csv('https://gid-staging.s3.amazonaws.com/potholes.csv')
except HTTPError as refused:
    assert refused.code == 403
else:
    raise AssertionError("a private object was read without credentials")
try:
    s3.put_object_acl(Bucket="gid-staging", Key="potholes.csv", ACL="private-read")
except ClientError as refused:
    # Erratum: the lesson's text calls the default ACL `private-read`; its name is `private`.
    assert refused.response["Error"]["Code"] == "InvalidArgument"
else:
    raise AssertionError("an ACL that does not exist was taken")

# %% snippet 15: Why care about permissions?
try:
    df = pd.read_csv('https://gid-staging.s3.amazonaws.com/potholes.csv')
except HTTPError as refused:
    print(refused)

# %% snippet 16: Why care about permissions?
# Generate the boto3 client for interacting with S3
s3 = boto3.client('s3', region_name='us-east-1',
                        aws_access_key_id=AWS_KEY_ID,
                        aws_secret_access_key=AWS_SECRET)

# Use client to download a file
s3.download_file(
    Filename='potholes.csv',
    Bucket='gid-requests',
    Key='potholes.csv')
# %% holds 16
assert Path("potholes.csv").read_text() == CSV

# %% snippet 17: Upload File
s3.upload_file(
    Filename='potholes.csv', Bucket='gid-requests', Key='potholes.csv')
# %% holds 17
assert anonymous_status("gid-requests", "potholes.csv") == 403

# %% snippet 18: Set ACL to `public-read`
s3.put_object_acl(
    Bucket='gid-requests', Key='potholes.csv', ACL='public-read')
# %% holds 18
assert anonymous_status("gid-requests", "potholes.csv") == 200

# %% set-up
s3.put_object_acl(Bucket="gid-requests", Key="potholes.csv", ACL="private")
assert anonymous_status("gid-requests", "potholes.csv") == 403

# %% snippet 19: Set ACL on upload: Upload file with `public-read` ACL
s3.upload_file(
    Bucket='gid-requests',
    Filename='potholes.csv',
    Key='potholes.csv',
    ExtraArgs={'ACL':'public-read'})
# %% holds 19
assert anonymous_status("gid-requests", "potholes.csv") == 200

# %% set-up
s3.put_object(Bucket="gid-requests", Key="2019/potholes.csv", Body=CSV.encode(), ACL="public-read")

# %% snippet 20: Generating public object URL
url = "https://{}.s3.amazonaws.com/{}".format(
    "gid-requests",
    "2019/potholes.csv")
# %% holds 20
assert url == "https://gid-requests.s3.amazonaws.com/2019/potholes.csv"

# %% snippet 21: Generating public object URL
# Read the URL into Pandas
df = pd.read_csv(url)
# %% holds 21
assert df.to_dict("records") == [{"service_name": "Pothole", "count": 14}]

# %% snippet 22: Uploading a public report
# Upload the final_report.csv to gid-staging bucket
s3.upload_file(
  # Complete the filename
  Filename='./final_report.csv',
  # Set the key and bucket
  Key='2019/final_report_2019_02_20.csv',
  Bucket='gid-staging',
  # During upload, set ACL to public-read
  ExtraArgs = {
    'ACL': 'public-read'})
# %% holds 22
assert anonymous_status("gid-staging", "2019/final_report_2019_02_20.csv") == 200
assert anonymous_status("gid-staging", "2019/final_report_2019_02_21.csv") == 403

# %% snippet 23: Making multiple files public
# List only objects that start with '2019/final_'
response = s3.list_objects(
    Bucket='gid-staging', Prefix='2019/final_')

# Iterate over the objects
for obj in response['Contents']:

    # Give each object ACL of public-read
    s3.put_object_acl(Bucket='gid-staging',
                      Key=obj['Key'],
                      ACL='public-read')

    # Print the Public Object URL for each object
    print("https://{}.s3.amazonaws.com/{}".format('gid-staging', obj['Key']))
# %% holds 23
assert [obj["Key"] for obj in response["Contents"]] == [
    f"2019/final_report_2019_02_{day}.csv" for day in (20, 21, 22)
]
assert all(anonymous_status("gid-staging", obj["Key"]) == 200 for obj in response["Contents"])
assert anonymous_status("gid-staging", "2019/other.csv") == 403
assert anonymous_status("gid-staging", "2019/no-such-key.csv") == 403
