"""2.4 Case Study: Generating a Report Repository

Daily files become a monthly report with a public index.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_2_4_report_repository.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
from io import StringIO
from pathlib import Path

import boto3
import pandas as pd
import requests

s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
for name in ("gid-requests", "gid-reports"):
    s3.create_bucket(Bucket=name)
for month, day, dumping in (("jan", 1, 2), ("jan", 2, 3), ("feb", 1, 5), ("feb", 2, 7)):
    rows = ["service_request_id,service_name"]
    rows += [f"{month}{day}{n},Illegal Dumping" for n in range(dumping)] + [f"{month}{day}p,Pothole"]
    s3.put_object(Bucket="gid-requests", Key=f"2019_{month}_{day:02}.csv", Body="\n".join(rows).encode())

# %% snippet 38: Read raw data files
# Erratum: the bracket is not closed. The lesson has:
#     df_list.append(obj_df
# Create list to hold our DataFrames
df_list = []

# Request the list of csv's from S3 with prefix; Get contents
response = s3.list_objects(
    Bucket='gid-requests',
    Prefix='2019_jan')

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
# %% holds 38
assert [file["Key"] for file in request_files] == ["2019_jan_01.csv", "2019_jan_02.csv"]
assert df["service_name"].value_counts().to_dict() == {"Illegal Dumping": 5, "Pothole": 2}

# %% set-up: "perform some aggregation"
agg_df = df.groupby("service_name").size().reset_index(name="count")
agg_df.to_csv("jan_final_report.csv", index=False)

# %% snippet 39: Upload Aggregated CSV
# Upload Aggregated CSV to S3
s3.upload_file(Filename='./jan_final_report.csv',
               Key='2019/jan/final_report.csv',
               Bucket='gid-reports',
               ExtraArgs = {'ACL': 'public-read'})
# %% holds 39
answer = requests.get("https://gid-reports.s3.amazonaws.com/2019/jan/final_report.csv", timeout=30)
assert pd.read_csv(StringIO(answer.text)).equals(agg_df)

# %% snippet 40: Create index.html
# List the gid-reports bucket objects starting with 2019/
r = s3.list_objects(Bucket='gid-reports', Prefix='2019/')

# Convert the response contents to DataFrame
objects_df = pd.DataFrame(r['Contents'])

# Create a column "Link" that contains website url + key
base_url = "https://gid-reports.s3.amazonaws.com/"
objects_df['Link'] = base_url + objects_df['Key']

# Write DataFrame to html
objects_df.to_html('report_listing.html',
                   columns=['Link', 'LastModified', 'Size'],
                   render_links=True)
# %% snippet 41: Upload index.html
# Upload the file to gid-reports bucket root.
s3.upload_file(
    Filename='./report_listing.html',
    Key='index.html',
    Bucket='gid-reports',
    ExtraArgs = {
    'ContentType': 'text/html',
    'ACL': 'public-read'
})
# %% holds 40 41
index = requests.get("http://gid-reports.s3.amazonaws.com/index.html", timeout=30)
assert index.headers["Content-Type"] == "text/html"
assert 'href="https://gid-reports.s3.amazonaws.com/2019/jan/final_report.csv"' in index.text

# %% set-up: February's files
request_files = s3.list_objects(Bucket="gid-requests", Prefix="2019_feb")["Contents"]

# %% snippet 42: Combine daily requests for February
df_list = []

# Load each object from S3
for file in request_files:
    s3_day_reqs = s3.get_object(Bucket='gid-requests',
                                Key=file['Key'])
    # Read the DataFrame into pandas, append it to the list
    day_reqs = pd.read_csv(s3_day_reqs['Body'])
    df_list.append(day_reqs)

# Concatenate all the DataFrames in the list
all_reqs = pd.concat(df_list)

# Preview the DataFrame
all_reqs.head()
# %% holds 42
assert all_reqs["service_name"].value_counts().to_dict() == {"Illegal Dumping": 12, "Pothole": 2}

# %% set-up
agg_df = all_reqs.groupby("service_name").size().reset_index(name="count")

# %% snippet 43: Upload aggregated reports for February
# Erratum: the CSV is uploaded to the HTML's key, which the next upload overwrites, and 3.4 reads final_report.csv. The lesson has:
#     s3.upload_file(Filename='./feb_final_report.csv',
#       Key='2019/feb/final_report.html'
# Erratum: without index=False the CSV has a column of row numbers. The lesson has:
#     agg_df.to_csv('./feb_final_report.csv')
# Write agg_df to a CSV and HTML file with no border
agg_df.to_csv('./feb_final_report.csv', index=False)
agg_df.to_html('./feb_final_report.html', border=0)

# Upload the generated CSV to the gid-reports bucket
s3.upload_file(Filename='./feb_final_report.csv',
    Key='2019/feb/final_report.csv', Bucket='gid-reports',
    ExtraArgs = {'ACL': 'public-read'})

# Upload the generated HTML to the gid-reports bucket
s3.upload_file(Filename='./feb_final_report.html',
    Key='2019/feb/final_report.html', Bucket='gid-reports',
    ExtraArgs = {'ContentType': 'text/html',
                 'ACL': 'public-read'})
# %% holds 43
answer = requests.get("https://gid-reports.s3.amazonaws.com/2019/feb/final_report.csv", timeout=30)
assert pd.read_csv(StringIO(answer.text)).equals(agg_df)
page = requests.get("https://gid-reports.s3.amazonaws.com/2019/feb/final_report.html", timeout=30)
assert page.headers["Content-Type"] == "text/html" and "Illegal Dumping" in page.text

# %% snippet 44: Update index to include February
# List the gid-reports bucket objects starting with 2019/
objects_list = s3.list_objects(Bucket='gid-reports', Prefix='2019/')

# Convert the response contents to DataFrame
objects_df = pd.DataFrame(objects_list['Contents'])

# Create a column "Link" that contains Public Object URL
base_url = "http://gid-reports.s3.amazonaws.com/"
objects_df['Link'] = base_url + objects_df['Key']

# Preview the resulting DataFrame
objects_df.head()
# %% holds 44
assert objects_df["Key"].tolist() == [
    "2019/feb/final_report.csv",
    "2019/feb/final_report.html",
    "2019/jan/final_report.csv",
]

# %% snippet 45: Upload the new index
# Write objects_df to an HTML file
objects_df.to_html('report_listing.html',
    # Set clickable links
    render_links=True,
    # Isolate the columns
    columns=['Link', 'LastModified', 'Size'])

# Overwrite index.html key by uploading the new file
s3.upload_file(
  Filename='./report_listing.html', Key='index.html',
  Bucket='gid-reports',
  ExtraArgs = {
    'ContentType': 'text/html',
    'ACL': 'public-read'
  })
# %% holds 45
index = requests.get("http://gid-reports.s3.amazonaws.com/index.html", timeout=30)
assert all(link in index.text for link in objects_df["Link"])
assert requests.get("http://gid-requests.s3.amazonaws.com/2019_jan_01.csv", timeout=30).status_code == 403
