"""4.2 Comprehending text

Texts are translated, told apart by language, and scored.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_4_2_comprehending.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]

import boto3
import pandas as pd

comprehend = boto3.client("comprehend", region_name="us-east-1")
requests_df = pd.DataFrame(
    {
        "service_request_id": [1, 2, 3, 4],
        "public_description": [
            "Someone dumped an old mattress on the sidewalk. It is disgusting and dangerous.",
            "Hay basura por todas partes a lo largo de la carretera.",
            "",
            "Thank you for the quick pick up, great work!",
        ],
    }
)
dumping_df = requests_df.copy()

# %% snippet 79: Translating Text
# Initialize client
translate = boto3.client('translate',
    region_name='us-east-1',
    aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)

# Translate text
response = translate.translate_text(
    Text='Hello, how are you?',
    SourceLanguageCode='auto',
    TargetLanguageCode='es')
# %% holds 79
assert response["SourceLanguageCode"] == "en" and response["TargetLanguageCode"] == "es"
assert "Hola" in response["TranslatedText"]

# %% snippet 80: Get translate text directly
translated_text = translate.translate_text(
    Text='Hello, how are you?',
    SourceLanguageCode='auto',
    TargetLanguageCode='es')['TranslatedText']
# %% holds 80
assert translated_text == response["TranslatedText"]

# %% snippet 81: Detecting language: AWS Comprehend
# Initialize boto3 Comprehend client
comprehend = boto3.client('comprehend',
                          region_name='us-east-1',
                          aws_access_key_id=AWS_KEY_ID,
                          aws_secret_access_key=AWS_SECRET)

# Detect dominant language
response = comprehend.detect_dominant_language(
    Text="Hay basura por todas partes a lo largo de la carretera.")
# %% holds 81
assert response["Languages"][0]["LanguageCode"] == "es" and response["Languages"][0]["Score"] > 0.5

# %% snippet 82: Detect text sentiment
response = comprehend.detect_sentiment(
    Text="DataCamp students are amazing.",
    LanguageCode='en')

# Direct response
sentiment = comprehend.detect_sentiment(
    Text='Maksim is amazing.',
    LanguageCode='en')['Sentiment']
# %% holds 82
assert response["Sentiment"] == "POSITIVE" and sentiment == "POSITIVE"

# %% snippet 83: Detecting language
# For each dataframe row
for index, row in dumping_df.iterrows():
    # Get the public description field
    description = dumping_df.loc[index, 'public_description']
    if description != '':
        # Detect language in the field content
        resp = comprehend.detect_dominant_language(Text=description)
        # Assign the top choice language to the lang column.
        dumping_df.loc[index, 'lang'] = resp['Languages'][0]['LanguageCode']

# Count the total number of spanish posts
spanish_post_ct = len(dumping_df[dumping_df.lang == 'es'])
# Print the result
print("{} posts in Spanish".format(spanish_post_ct))
# %% holds 83
assert spanish_post_ct == 1

# %% snippet 84: Translating Get It Done requests
for index, row in dumping_df.iterrows():
    # Get the public_description into a variable
    description = dumping_df.loc[index, 'public_description']
    if description != '':
        # Translate the public description
        resp = translate.translate_text(
            Text=description,
            SourceLanguageCode='auto', TargetLanguageCode='en')
        # Store original language in original_lang column
        dumping_df.loc[index, 'original_lang'] = resp['SourceLanguageCode']
        # Store the translation in the translated_desc column
        dumping_df.loc[index, 'translated_desc'] = resp['TranslatedText']
# Preview the resulting DataFrame
dumping_df = dumping_df[['service_request_id', 'original_lang', 'translated_desc']]
dumping_df.head()
# %% holds 84
assert dumping_df["original_lang"].fillna("").tolist() == ["en", "es", "", "en"]
assert dumping_df["translated_desc"][0] == requests_df["public_description"][0]
assert dumping_df["translated_desc"][1] != requests_df["public_description"][1]

# %% set-up 85
dumping_df = requests_df.copy()

# %% snippet 85: Getting request sentiment
for index, row in dumping_df.iterrows():
    # Get the translated_desc into a variable
    description = dumping_df.loc[index, 'public_description']
    if description != '':
        # Get the detect_sentiment response
        response = comprehend.detect_sentiment(
          Text=description,
          LanguageCode='en')
        # Get the sentiment key value into sentiment column
        dumping_df.loc[index, 'sentiment'] = response['Sentiment']
# Preview the dataframe
dumping_df.head()
# %% holds 85
assert dumping_df["sentiment"].fillna("").tolist()[0] == "NEGATIVE"
assert dumping_df["sentiment"].fillna("").tolist()[2:] == ["", "POSITIVE"]
