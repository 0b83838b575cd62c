"""4.1 Rekognizing patterns

Labels and text in pictures.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_4_1_rekognizing.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
from pathlib import Path

import boto3
from lesson_pictures import cat_photo, scooter_picture, sign_picture, street_picture

s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
s3.create_bucket(Bucket="datacamp-img")
Path("report.jpg").write_bytes(street_picture())
s3.put_object(Bucket="datacamp-img", Key="sign.jpg", Body=sign_picture())
s3.put_object(Bucket="datacamp-img", Key="cat.jpg", Body=cat_photo())
image1 = {"S3Object": {"Bucket": "datacamp-img", "Name": "report.jpg"}}
image2 = {"S3Object": {"Bucket": "datacamp-img", "Name": "cat.jpg"}}

# %% snippet 72: Upload an image to S3
s3 = boto3.client(
    's3', region_name='us-east-1',
    aws_access_key_id=AWS_KEY_ID,
    aws_secret_access_key=AWS_SECRET
)

s3.upload_file(
    Filename='report.jpg', Key='report.jpg',
    Bucket='datacamp-img')
# %% holds 72
assert s3.head_object(Bucket="datacamp-img", Key="report.jpg")["ContentLength"] == Path("report.jpg").stat().st_size

# %% snippet 73: Initiate the client
rekog = boto3.client(
    'rekognition', region_name='us-east-1',
    aws_access_key_id=AWS_KEY_ID,
    aws_secret_access_key=AWS_SECRET)
# %% snippet 74: Detect
# Erratum: it is indented. The lesson has:
#         response = rekog
# Erratum: the dict is not closed. The lesson has:
#                     },
#             MaxLabels
response = rekog.detect_labels(
        Image={'S3Object': {
               'Bucket': 'datacamp-img',
               'Name': 'report.jpg'
                }},
        MaxLabels=10,
        MinConfidence=95
)
# %% holds 74
assert len(response["Labels"]) <= 10 and all(label["Confidence"] >= 95 for label in response["Labels"])

# %% snippet 75: Text detection
response = rekog.detect_text(
    Image={'S3Object':
            {
                'Bucket': 'datacamp-img',
                'Name': 'report.jpg'
            }
        }
)
# %% holds 75
assert "TextDetections" in response

# %% snippet 76: Cat detector
# Use Rekognition client to detect labels
image1_response = rekog.detect_labels(
    # Specify the image as an S3Object; Return one label
    Image=image1, MaxLabels=1)

# Print the labels
print(image1_response['Labels'])

# Use Rekognition client to detect labels
image2_response = rekog.detect_labels(
    # Specify the image as an S3Object; Return one label
    Image=image2, MaxLabels=1)

# Print the labels
print(image2_response['Labels'])

[{'Confidence': 99.85968017578125, 'Instances': [], 'Name': 'Walkway', 'Parents': [{'Name': 'Path'}]}]
[{'Confidence': 96.95977020263672, 'Instances': [{'BoundingBox': {'Height': 0.3252439796924591, 'Left': 0.668968915939331, 'Top': 0.14526571333408356, 'Width': 0.1563364714384079}, 'Confidence': 96.95977020263672}], 'Name': 'Cat', 'Parents': [{'Name': 'Pet'}, {'Name': 'Mammal'}, {'Name': 'Animal'}]}]
# %% holds 76
assert len(image1_response["Labels"]) <= 1
cat = image2_response["Labels"][0]
assert cat["Name"] == "Cat" and [parent["Name"] for parent in cat["Parents"]] == ["Pet", "Mammal", "Animal"]
assert cat["Instances"][0]["BoundingBox"]["Width"] > 0

# %% set-up 77
response = rekog.detect_labels(Image=image2)

# %% snippet 77: Multiple cat detector
# Create an empty counter variable
cats_count = 0
# Iterate over the labels in the response
for label in response['Labels']:
    # Find the cat label, look over the detected instances
    if label['Name'] == 'Cat':
        for instance in label['Instances']:
            # Only count instances with confidence > 85
            if (instance['Confidence'] > 85):
                cats_count += 1
# Print count of cats
print(cats_count)
# %% holds 77
cats = next(label for label in response["Labels"] if label["Name"] == "Cat")["Instances"]
assert cats and cats_count == len([cat for cat in cats if cat["Confidence"] > 85])

# %% set-up 78
response = rekog.detect_text(Image={"S3Object": {"Bucket": "datacamp-img", "Name": "sign.jpg"}})

# %% snippet 78: Parking sign reader
# Create empty list of words
words = []
# Iterate over the TextDetections in the response dictionary
for text_detection in response['TextDetections']:
    # If TextDetection type is WORD, append it to words list
    if text_detection['Type'] == 'WORD':
        # Append the detected text
        words.append(text_detection['DetectedText'])
# Print out the words list
print(words)

# Create empty list of lines
lines = []
# Iterate over the TextDetections in the response dictionary
for text_detection in response['TextDetections']:
    # If TextDetection type is Line, append it to lines list
    if text_detection['Type'] == 'LINE':
        # Append the detected text
        lines.append(text_detection['DetectedText'])
# Print out the words list
print(lines)
# %% holds 78
assert words == ["NO", "PARKING", "8AM", "TO", "6PM"]
assert lines == ["NO PARKING", "8AM TO 6PM"]
