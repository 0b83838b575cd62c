"""2.2 Accessing private objects in S3

Private objects are read with credentials, or by a link that ends.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_2_2_private_objects.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
from urllib.error import HTTPError

import boto3
import pandas as pd
import requests

s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
for name in ("gid-requests", "gid-staging"):
    s3.create_bucket(Bucket=name)
for bucket, key, count in (
    ("gid-staging", "potholes.csv", 1),
    ("gid-staging", "2019/potholes_private.csv", 2),
    ("gid-requests", "potholes.csv", 3),
    ("gid-requests", "2019/potholes.csv", 4),
    ("gid-requests", "2019/dumping.csv", 5),
):
    s3.put_object(Bucket=bucket, Key=key, Body=f"service_name,count\nPothole,{count}\n".encode())

# %% snippet 24: forbidden to download a private file using pandas
try:
    df = pd.read_csv('https://gid-staging.s3.amazonaws.com/potholes.csv')
except HTTPError as refused:
    print(refused)
    refusal = refused.code

# %% holds 24
assert refusal == 403

# %% snippet 25: Making multiple files public
s3.download_file(
    Filename='potholes_local.csv',
    Bucket='gid-staging',
    Key='2019/potholes_private.csv')

pd.read_csv('./potholes_local.csv')
# %% holds 25
assert pd.read_csv("./potholes_local.csv")["count"].tolist() == [2]

# %% snippet 26: Use `'get_object'`
obj = s3.get_object(Bucket='gid-requests', Key='2019/potholes.csv')
print(obj)
# %% holds 26
assert obj["ContentLength"] == 29

# %% snippet 27: Read `StreamingBody` into Pandas
read = pd.read_csv(obj['Body'])

# %% holds 27
assert read["count"].tolist() == [4]

# %% snippet 28: Generate Presigned URL
share_url = s3.generate_presigned_url(
    ClientMethod='get_object',
    ExpiresIn=3600,
    Params={'Bucket': 'gid-requests','Key': 'potholes.csv'}
)

# Open in Pandas
pd.read_csv(share_url)
# %% holds 28
assert pd.read_csv(share_url)["count"].tolist() == [3]
assert requests.get(share_url, timeout=30).status_code == 200
tampered = share_url.replace("potholes.csv", "2019/potholes.csv")
assert requests.get(tampered, timeout=30).status_code == 403
ended = s3.generate_presigned_url("get_object", {"Bucket": "gid-requests", "Key": "potholes.csv"}, ExpiresIn=-10)
assert requests.get(ended, timeout=30).status_code == 403

# %% snippet 29: Load multiple files into one DataFrame
# Create list to hold our DataFrames
df_list = []

# Request the list of csv's from S3 with prefix; Get contents
response = s3.list_objects(
    Bucket='gid-requests',
    Prefix='2019/')

# Get response contents
request_files = response['Contents']

# Iterate over each object
for file in request_files:
    obj = s3.get_object(Bucket='gid-requests', Key=file['Key'])

    # Read it as DataFrame
    obj_df = pd.read_csv(obj['Body'])

    # Append DataFrame to list
    df_list.append(obj_df)

# Concatenate all the DataFrames in the list
df = pd.concat(df_list)

# Preview the DataFrame
df.head()
# %% holds 29
assert df["count"].tolist() == [5, 4]

# %% snippet 30: Practice: Opening a private file
df_list =  [ ]

for file in response['Contents']:
    # For each file in response load the object from S3
    obj = s3.get_object(Bucket='gid-requests', Key=file['Key'])
    # Load the object's StreamingBody with pandas
    obj_df = pd.read_csv(obj['Body'])
    # Append the resulting DataFrame to list
    df_list.append(obj_df)

# Concat all the DataFrames with pandas
df = pd.concat(df_list)

# Preview the resulting DataFrame
df.head()
# %% holds 30
assert df["count"].tolist() == [5, 4]
