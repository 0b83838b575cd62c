"""4.3 Case Study: Scooting Around!

Requests are translated, scored and looked at; scooters in the way are dispatched.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_4_3_scooting_around.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

import boto3
import pandas as pd
from lesson_inbox import messages
from lesson_pictures import cat_photo, scooter_picture, sign_picture, street_picture

s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
sns = boto3.client("sns", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
s3.create_bucket(Bucket="gid-images")
s3.put_object(Bucket="gid-images", Key="scooter.jpg", Body=scooter_picture())
s3.put_object(Bucket="gid-images", Key="sign.jpg", Body=sign_picture())
translate_fake = boto3.client("translate", region_name="us-east-1")
SCOOTER_LABELS = ("Scooter", "Motor Scooter", "Moped")
df = pd.DataFrame(
    {
        "service_request_id": [1, 2, 3],
        "long": [-117.15, -117.16, -117.17],
        "lat": [32.70, 32.71, 32.72],
        "public_description": [
            "This scooter blocks the sidewalk, it is terrible and dangerous.",
            "Thank you for fixing the sign, great work!",
            "",
        ],
        "image": ["scooter.jpg", "sign.jpg", "sign.jpg"],
        "sentiment": ["", "", ""],
    }
)
scooter_requests = df.drop(columns=["sentiment"]).assign(
    public_description=[
        "This scooter blocks the sidewalk, it is terrible and dangerous.",
        "Gracias por arreglar la señal, ¡excelente trabajo!",
        "",
    ]
)

# %% snippet 86: The final product
# Erratum: the block is indented too deep. The lesson has:
#             if desc != '':
#                 resp = comprehend.detect_sentiment(
#                     Text=desc,
#                     LanguageCode='en')
#                 df.loc[index, 'sentiment'] = resp['Sentiment']
# Erratum: the indentation, `reak` for `break`, and no model that looks names a motor scooter plain `Scooter`. The lesson has:
#             if label['Name'] == 'Scooter':
#             df.loc[index, 'img_scooter'] = 1
#             reak
# Erratum: the output stands among the code. The lesson has:
#     332 Scooters!
rekog = boto3.client('rekognition',
                     region_name='us-east-1',
                     aws_access_key_id=AWS_KEY_ID,
                     aws_secret_access_key=AWS_SECRET)

comprehend = boto3.client('comprehend',
                          region_name='us-east-1',
                          aws_access_key_id=AWS_KEY_ID,
                          aws_secret_access_key=AWS_SECRET)

translate = boto3.client('translate',
                         region_name='us-east-1',
                         aws_access_key_id=AWS_KEY_ID,
                         aws_secret_access_key=AWS_SECRET)

# Translate all descriptions to English

for index, row in df.iterrows():
    desc = df.loc[index, 'public_description']
    if desc != '':
        resp = translate_fake.translate_text(
            Text=desc,
            SourceLanguageCode='auto',
            TargetLanguageCode='en')
        df.loc[index, 'public_description'] = resp['TranslatedText']


# Detect text sentiment

for index, row in df.iterrows():
    desc = df.loc[index, 'public_description']
    if desc != '':
        resp = comprehend.detect_sentiment(
            Text=desc,
            LanguageCode='en')
        df.loc[index, 'sentiment'] = resp['Sentiment']

# Detect scooter in image
df['img_scooter'] = 0
for index, row in df.iterrows():
    image = df.loc[index, 'image']
    response = rekog.detect_labels(
        # Specify the image as an S3Object
            Image={'S3Object': {'Bucket': 'gid-images', 'Name': image}}

    )

    for label in response['Labels']:
        if label['Name'] in SCOOTER_LABELS:
            df.loc[index, 'img_scooter'] = 1
            break
# Final count!
# Select only rows where there was a scooter image and that have negative sentiment

pickups = df[((df.img_scooter == 1) & (df.sentiment == 'NEGATIVE'))]
num_pickups = len(pickups)

print(num_pickups, 'Scooters!')
# %% holds 86
assert df["sentiment"].tolist() == ["NEGATIVE", "POSITIVE", ""]
assert df["img_scooter"].tolist()[1:] == [0, 0]
assert num_pickups == df["img_scooter"][0]

# %% snippet 87: Scooter community sentiment
# Scooter community sentiment
for index, row in scooter_requests.iterrows():
    # For every DataFrame row
    desc = scooter_requests.loc[index, 'public_description']
    if desc != '':
        # Detect the dominant language
        resp = comprehend.detect_dominant_language(Text=desc)
        lang_code = resp['Languages'][0]['LanguageCode']
        scooter_requests.loc[index, 'lang'] = lang_code
        # Use the detected language to determine sentiment
        scooter_requests.loc[index, 'sentiment'] = comprehend.detect_sentiment(
          Text=desc,
          LanguageCode=lang_code)['Sentiment']
# Perform a count of sentiment by group.
counts = scooter_requests.groupby(['sentiment', 'lang']).count()
counts.head()
# %% holds 87
assert scooter_requests["lang"].fillna("").tolist() == ["en", "es", ""]
assert counts["service_request_id"].sum() == 2

# %% set-up: what the photos show was said in the snippet before
scooter_requests = df.assign(sentiment=["NEGATIVE", "POSITIVE", ""], img_scooter=[1, 0, 0])
dispatch_arn = sns.create_topic(Name="scooter_notifications")["TopicArn"]
sns.subscribe(TopicArn=dispatch_arn, Protocol="sms", Endpoint="+13125551127")

# %% snippet 88: Scooter dispatch
# Get topic ARN for scooter notifications
topic_arn = sns.create_topic(Name='scooter_notifications')['TopicArn']

for index, row in scooter_requests.iterrows():
    # Check if notification should be sent
    if (row['sentiment'] == 'NEGATIVE') & (row['img_scooter'] == 1):
        # Construct a message to publish to the scooter team.
        message = "Please remove scooter at {}, {}. Description: {}".format(
            row['long'], row['lat'], row['public_description'])

        # Publish the message to the topic!
        sns.publish(TopicArn = topic_arn,
                    Message = message,
                    Subject = "Scooter Alert")
# %% holds 88
assert messages(to="+13125551127", expected=1)[0]["text"] == (
    "Please remove scooter at -117.15, 32.7. Description: "
    "This scooter blocks the sidewalk, it is terrible and dangerous."
)
