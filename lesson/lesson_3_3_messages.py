"""3.3 Sending messages

What is published reaches those who confirmed, by mail and SMS.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_3_3_messages.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

import boto3
import pandas as pd
from lesson_inbox import confirm, messages

sns = boto3.client("sns", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
client = sns
city_alerts_arn = sns.create_topic(Name="city_alerts")["TopicArn"]
str_critical_arn = sns.create_topic(Name="streets_critical")["TopicArn"]
for arn in (city_alerts_arn, str_critical_arn):
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="max@maksimize.com")
sns.subscribe(TopicArn=city_alerts_arn, Protocol="email", Endpoint="pending@example.com")
sns.subscribe(TopicArn=city_alerts_arn, Protocol="sms", Endpoint="+13125551123")
confirm(to="max@maksimize.com", expected=2)
streets_v_count = 137
contacts = pd.DataFrame({"Name": ["Ana", "Bo"], "Phone": [13125551124, 13125551125]})

# %% snippet 60: Publishing a topic
response = sns.publish(
    TopicArn = 'arn:aws:sns:us-east-1:320333787981:city_alerts',
    Message = 'Body text of SMS or e-mail',
    Subject = 'Subject Line for Email'
)
# %% holds 60
assert response["MessageId"]
mail = messages(to="max@maksimize.com", subject="Subject Line for Email", expected=1)[0]
assert mail["text"].startswith("Body text of SMS or e-mail")
assert messages(to="+13125551123", expected=1)[0]["text"] == "Body text of SMS or e-mail"
assert not messages(to="pending@example.com", subject="Subject Line for Email")

# %% snippet 61: Sending a custom messages
num_of_reports = 137

response = client.publish(
    TopicArn = 'arn:aws:sns:us-east-1:320333787981:city_alerts',
    Message = 'There are {} reports outstanding'.format(num_of_reports),
    Subject = 'Subject Line for Email'
)
# %% holds 61
mail = messages(to="max@maksimize.com", subject="Subject Line for Email", expected=2)
assert any(m["text"].startswith("There are 137 reports outstanding") for m in mail)

# %% snippet 62: Sending a single SMS
response = sns.publish(
    PhoneNumber = '+13121233211',
    Message = 'Body text of SMS or e-mail'
)
# %% holds 62
assert messages(to="+13121233211", expected=1)[0]["text"] == "Body text of SMS or e-mail"

# %% snippet 63: Sending an alert
# If there are over 100 potholes, create a message
if streets_v_count > 100:
  # The message should contain the number of potholes.
  message = "There are {} potholes!".format(streets_v_count)
  # The email subject should also contain number of potholes
  subject = "Latest pothole count is {}".format(streets_v_count)

  # Publish the email to the streets_critical topic
  sns.publish(
    TopicArn = str_critical_arn,
    # Set subject and message
    Message = message,
    Subject = subject
  )
# %% holds 63
mail = messages(to="max@maksimize.com", subject="Latest pothole count is 137", expected=1)[0]
assert mail["text"].startswith("There are 137 potholes!")

# %% snippet 64: Sending a single SMS message
# Loop through every row in contacts
for idx, row in contacts.iterrows():

    # Publish an ad-hoc sms to the user's phone number
    response = sns.publish(
        # Set the phone number
        PhoneNumber = str(row['Phone']),
        # The message should include the user's name
        Message = 'Hello {}'.format(row['Name'])
    )

    print(response)
# %% holds 64
assert messages(to="+13125551124", expected=1)[0]["text"] == "Hello Ana"
assert messages(to="+13125551125", expected=1)[0]["text"] == "Hello Bo"
