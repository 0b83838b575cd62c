"""3.1 SNS Topics

Topics are created, listed and deleted.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_3_1_topics.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

import boto3

# %% snippet 46: Creating an SNS topic
sns = boto3.client('sns',
                    region_name='us-east-1',
                    aws_access_key_id=AWS_KEY_ID,
                    aws_secret_access_key=AWS_SECRET)

# Create topic
response = sns.create_topic(Name='city_alerts')
# %% holds 46
assert response["TopicArn"] == "arn:aws:sns:us-east-1:320333787981:city_alerts"

# %% snippet 47: Creating an SNS topic
topic_arn = response['TopicArn']

# or shortcut
sns.create_topic(Name='city_alerts')['TopicArn']
# %% holds 47
assert sns.create_topic(Name="city_alerts")["TopicArn"] == topic_arn

# %% snippet 48: Listing topic
response = sns.list_topics()
# %% holds 48
assert response["Topics"] == [{"TopicArn": topic_arn}]

# %% snippet 49: Deleting topics
sns.delete_topic(TopicArn='arn:aws:sns:us-east-1:320333787981:city_alerts')
# %% holds 49
assert sns.list_topics()["Topics"] == []

# %% snippet 50: Creating multiple topics
# Create list of departments
departments = ['trash', 'streets', 'water']

for dept in departments:
    # For every department, create a general topic (ex: 'streets_general')
    sns.create_topic(Name="{}_general".format(dept))

    # For every department, create a critical topic (ex: 'streets_critical')
    sns.create_topic(Name="{}_critical".format(dept))

# Print all the topics in SNS
response = sns.list_topics()
print(response['Topics'])
# %% holds 50
assert sorted(topic["TopicArn"].rpartition(":")[2] for topic in response["Topics"]) == [
    "streets_critical",
    "streets_general",
    "trash_critical",
    "trash_general",
    "water_critical",
    "water_general",
]

# %% snippet 51: Deleting multiple topics
# Get the current list of topics
topics = sns.list_topics()['Topics']

for topic in topics:
  # For each topic, if it is not marked critical, delete it
  if "critical" not in topic['TopicArn']:
    sns.delete_topic(TopicArn=topic['TopicArn'])

# Print the list of remaining critical topics
print(sns.list_topics()['Topics'])
# %% holds 51
assert sorted(topic["TopicArn"].rpartition(":")[2] for topic in sns.list_topics()["Topics"]) == [
    "streets_critical",
    "trash_critical",
    "water_critical",
]
