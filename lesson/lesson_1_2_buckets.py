"""1.2 Diving into buckets

Buckets are created, listed and deleted.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_1_2_buckets.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

# %% snippet 3: What can we do with buckets
import boto3
s3 = boto3.client('s3',
                  region_name='us-east-1',
                  aws_access_key_id=AWS_KEY_ID,
                  aws_secret_access_key=AWS_SECRET)
# %% snippet 4: Creating a Bucket
bucket = s3.create_bucket(Bucket='gid-requests')
# %% holds 4
assert bucket["Location"] == "/gid-requests"

# %% snippet 5: List Buckets
bucket_response = s3.list_buckets()
# %% snippet 6: Get Buckets Dictionary
buckets = bucket_response['Buckets']
print(buckets)
# %% holds 5 6
assert [entry["Name"] for entry in buckets] == ["gid-requests"]
assert buckets[0]["CreationDate"].tzinfo is not None

# %% snippet 7: Deleting Buckets
# Erratum: boto3 takes arguments by name only. The lesson has:
#     s3.delete_bucket('gid-requests')
response = s3.delete_bucket(Bucket='gid-requests')
# %% holds 7
assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
assert s3.list_buckets()["Buckets"] == []

# %% snippet 8: Practice
import boto3

# Create boto3 client to S3
s3 = boto3.client('s3', region_name='us-east-1',
                         aws_access_key_id=AWS_KEY_ID,
                         aws_secret_access_key=AWS_SECRET)

# Create the buckets
response_staging = s3.create_bucket(Bucket='gim-staging')
response_processed = s3.create_bucket(Bucket='gim-processed')
response_test = s3.create_bucket(Bucket='gim-test')

# Print out the response
print(response_staging)

# Get the list_buckets response
response = s3.list_buckets()

# Iterate over Buckets from .list_buckets() response
for bucket in response['Buckets']:

    # Print the Name for each bucket
    print(bucket['Name'])

# Delete the gim-test bucket
s3.delete_bucket(Bucket='gim-test')

# Get the list_buckets response
response = s3.list_buckets()

# Print each Buckets Name
for bucket in response['Buckets']:
    print(bucket['Name'])

# Get the list_buckets response
response = s3.list_buckets()

# Delete all the buckets with 'gim', create replacements.
for bucket in response['Buckets']:
  if 'gim' in bucket['Name']:
      s3.delete_bucket(Bucket=bucket['Name'])

s3.create_bucket(Bucket='gid-staging')
s3.create_bucket(Bucket='gid-processed')

# Print bucket listing after deletion
response = s3.list_buckets()
for bucket in response['Buckets']:
    print(bucket['Name'])
# %% holds 8
assert [entry["Name"] for entry in response["Buckets"]] == ["gid-processed", "gid-staging"]
assert response_staging["Location"] == "/gim-staging"
