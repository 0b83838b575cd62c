"""1.1 Intro to AWS and Boto3

A client for each service; the buckets and topics of a new account.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_1_1_clients.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

# %% snippet 1: What is Boto3
# Erratum: the module's name is missing after `import`. The lesson has:
#     import
import boto3

s3 = boto3.client('s3',
                  region_name='us-east-1',
                  aws_access_key_id=AWS_KEY_ID,
                  aws_secret_access_key=AWS_SECRET)

response = s3.list_buckets()
# %% holds 1
assert response["Buckets"] == []
assert response["ResponseMetadata"]["HTTPStatusCode"] == 200

# %% snippet 2: Multiple clients
# Generate the boto3 client for interacting with S3 and SNS
s3 = boto3.client('s3', region_name='us-east-1',
                         aws_access_key_id=AWS_KEY_ID,
                         aws_secret_access_key=AWS_SECRET)

sns = boto3.client('sns', region_name='us-east-1',
                         aws_access_key_id=AWS_KEY_ID,
                         aws_secret_access_key=AWS_SECRET)

# List S3 buckets and SNS topics
buckets = s3.list_buckets()
topics = sns.list_topics()

# Print out the list of SNS topics
print(topics)
# %% holds 2
assert buckets["Buckets"] == []
assert topics["Topics"] == []
