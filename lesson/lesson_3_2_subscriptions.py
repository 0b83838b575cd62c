"""3.2 SNS Subscriptions

People subscribe by SMS and mail; mail must be confirmed.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_3_2_subscriptions.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

import boto3
import pandas as pd
from lesson_inbox import messages

sns = boto3.client("sns", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
sns.create_topic(Name="city_alerts")
str_critical_arn = sns.create_topic(Name="streets_critical")["TopicArn"]
contacts = pd.DataFrame({"Email": ["ana@example.com", "bo@example.com"]})

# %% snippet 52: Creating an SMS Subscriptions
sns = boto3.client('sns',
                    region_name='us-east-1',
                    aws_access_key_id=AWS_KEY_ID,
                    aws_secret_access_key=AWS_SECRET)

response = sns.subscribe(
    TopicArn = 'arn:aws:sns:us-east-1:320333787981:city_alerts',
    Protocol = 'SMS',
    Endpoint = '+13125551123')
# %% holds 52
sms_subscription_arn = response["SubscriptionArn"]
assert sms_subscription_arn.startswith("arn:aws:sns:us-east-1:320333787981:city_alerts:")
assert sns.get_subscription_attributes(SubscriptionArn=sms_subscription_arn)["Attributes"]["Protocol"] == "sms"

# %% snippet 53: Creating an email Subscriptions
response = sns.subscribe(
        TopicArn = 'arn:aws:sns:us-east-1:320333787981:city_alerts',
        Protocol='email',
        Endpoint='max@maksimize.com')
# %% holds 53
assert response["SubscriptionArn"] == "pending confirmation"
mail = messages(to="max@maksimize.com")
assert len(mail) == 1 and any("Token=" in link for link in mail[0]["links"])

# %% snippet 54: Listing subscriptions by Topic
# Erratum: the argument is `TopicArn`. The lesson has:
#         opicArn=
sns.list_subscriptions_by_topic(
    TopicArn='arn:aws:sns:us-east-1:320333787981:city_alerts')
# %% holds 54
listed = sns.list_subscriptions_by_topic(TopicArn="arn:aws:sns:us-east-1:320333787981:city_alerts")["Subscriptions"]
assert {entry["Endpoint"]: entry["SubscriptionArn"] for entry in listed} == {
    "+13125551123": sms_subscription_arn,
    "max@maksimize.com": "PendingConfirmation",
}

# %% snippet 55: Listing subscriptions for all Topics
sns.list_subscriptions()['Subscriptions']
# %% holds 55
assert len(sns.list_subscriptions()["Subscriptions"]) == 2

# %% snippet 56: Deleting subscriptions
# Erratum: the ARN is not terminated (and names a subscription that is not ours). The lesson has:
#         SubscriptionArn='arn:aws:sns:us-east-1:320333787981:city_alerts:9f2dad1d-8844-4fe8
sns.unsubscribe(
    SubscriptionArn=sms_subscription_arn
)
# %% holds 56
assert [entry["Protocol"] for entry in sns.list_subscriptions()["Subscriptions"]] == ["email"]

# %% set-up
sns.subscribe(TopicArn="arn:aws:sns:us-east-1:320333787981:city_alerts", Protocol="sms", Endpoint="+13125551123")

# %% snippet 57: Deleteting multiple subscriptions
# Erratum: boto3 takes arguments by name only. The lesson has:
#     sns.unsubscribe(sub['SubscriptionArn'])
# Get list of subscriptions

response = sns.list_subscriptions_by_topic(
    TopicArn='arn:aws:sns:us-east-1:320333787981:city_alerts')

subs = response['Subscriptions']

# Unsubscribe SMS subscriptions
for sub in subs:
    if sub['Protocol'] == 'sms':
        sns.unsubscribe(SubscriptionArn=sub['SubscriptionArn'])
# %% holds 57
assert sorted(entry["Protocol"] for entry in subs) == ["email", "sms"]
assert [entry["Protocol"] for entry in sns.list_subscriptions()["Subscriptions"]] == ["email"]

# %% snippet 58: Creating multiple Subscriptions
# For each email in contacts, create subscription to street_critical
for email in contacts['Email']:
  sns.subscribe(TopicArn = str_critical_arn,
                # Set channel and recipient
                Protocol = 'email',
                Endpoint = email)

# List subscriptions for streets_critical topic, convert to DataFrame
response = sns.list_subscriptions_by_topic(
  TopicArn = str_critical_arn)
subs = pd.DataFrame(response['Subscriptions'])

# Preview the DataFrame
subs.head()
# %% holds 58
assert sorted(subs["Endpoint"]) == ["ana@example.com", "bo@example.com"]
assert set(subs["SubscriptionArn"]) == {"PendingConfirmation"}

# %% set-up
sns.subscribe(TopicArn=str_critical_arn, Protocol="sms", Endpoint="+13125551123")

# %% snippet 59: Deleting multiple Subscriptions
# List subscriptions for streets_critical topic.
response = sns.list_subscriptions_by_topic(
  TopicArn = str_critical_arn)

# For each subscription, if the protocol is SMS, unsubscribe
for sub in response['Subscriptions']:
  if sub['Protocol'] == 'sms':
      sns.unsubscribe(SubscriptionArn=sub['SubscriptionArn'])

# List subscriptions for streets_critical topic in one line
subs = sns.list_subscriptions_by_topic(
  TopicArn=str_critical_arn)['Subscriptions']

# Print the subscriptions
print(subs)
# %% holds 59
assert sorted(entry["Endpoint"] for entry in subs) == ["ana@example.com", "bo@example.com"]
