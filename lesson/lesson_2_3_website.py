"""2.3 Sharing files through a website

Tables and pictures become public pages with an index.

Run it with: marinelayer run --account 320333787981 -- python lesson/lesson_2_3_website.py
Cells `set-up` and `holds` are ours, the others are the lesson's; where a snippet is mended, the erratum stands above it.
"""

# %% set-up
import os

AWS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
AWS_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
from pathlib import Path

import boto3
import pandas as pd
import requests

s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id=AWS_KEY_ID, aws_secret_access_key=AWS_SECRET)
for name in ("gid-reports", "datacamp-website", "datacamp-public"):
    s3.create_bucket(Bucket=name)
for key in ("2019/jan/final_report.html", "2019/feb/final_report.html", "2018/dec/final_report.html"):
    s3.put_object(Bucket="gid-reports", Key=key, Body=b"<table></table>")
df = pd.DataFrame(
    {
        "service_name": ["Pothole", "Illegal Dumping"],
        "request_count": [14, 320],
        "info_link": ["https://example.com/pothole", "https://example.com/dumping"],
        "extra": [1, 2],
    }
)
services_df = df.rename(columns={"info_link": "link"})
Path("plot_image.png").write_bytes(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f"
        "0003860180c58a3a2d0000000049454e44ae426082"
    )
)
Path("lines.html").write_text("<p>lines</p>")

# %% snippet 31: Convert DataFrame to html
# Erratum: the argument is `render_links`. The lesson has:
#     render_link=True
df.to_html('table_agg.html',render_links=True)
# %% holds 31
assert 'href="https://example.com/pothole"' in Path("table_agg.html").read_text()

# %% snippet 32: Border
# Erratum: the equals sign is missing. The lesson has:
#     columns['service_name', 'request_count', 'info_link']
df.to_html('table_agg.html',
            render_links=True,
            columns=['service_name', 'request_count', 'info_link'],
            border=0)
# %% holds 32
table = Path("table_agg.html").read_text()
assert "extra" not in table and 'border="1"' not in table

# %% snippet 33: Uploading HTML file to S3
s3.upload_file(
    Filename='./table_agg.html',
    Bucket='datacamp-website',
    Key='table.html',
    ExtraArgs = {
        'ContentType': 'text/html',
        'ACL': 'public-read'}
)
# %% holds 33
page = requests.get("https://datacamp-website.s3.amazonaws.com/table.html", timeout=30)
assert page.status_code == 200 and page.headers["Content-Type"] == "text/html" and page.text == table

# %% snippet 34: Uploading other types of contents
s3.upload_file(
    Filename='./plot_image.png',
    Bucket='datacamp-website',
    Key='plot_image.png',
    ExtraArgs = {
        'ContentType': 'image/png',
        'ACL': 'public-read'}
)
# %% holds 34
picture = requests.get("https://datacamp-website.s3.amazonaws.com/plot_image.png", timeout=30)
assert picture.headers["Content-Type"] == "image/png" and picture.content == Path("plot_image.png").read_bytes()

# %% snippet 35: Generating an index page
# List the gid-reports bucket objects starting with 2019/
r = s3.list_objects(Bucket='gid-reports', Prefix='2019/')

# Convert the response contents to DataFrame
objects_df = pd.DataFrame(r['Contents'])

# Create a column "Link" that contains website url + key
base_url = "http://datacamp-website.s3.amazonaws.com/"
objects_df['Link'] = base_url + objects_df['Key']

# Write DataFrame to html
objects_df.to_html('report_listing.html',
                    columns=['Link', 'LastModified', 'Size'],
                    render_links=True)
# %% holds 35
# Erratum: the index lists gid-reports but links to datacamp-website, which the lesson leaves so.
assert objects_df["Key"].tolist() == ["2019/feb/final_report.html", "2019/jan/final_report.html"]

# %% snippet 36: Uploading an index page
s3.upload_file(
    Filename='./report_listing.html',
    Bucket='datacamp-website',
    Key='index.html',
    ExtraArgs = {
    'ContentType': 'text/html',
    'ACL': 'public-read'}
)
# %% holds 36
index = requests.get("http://datacamp-website.s3.amazonaws.com/index.html", timeout=30)
assert index.status_code == 200 and "2019/feb/final_report.html" in index.text

# %% snippet 37: Practice
# Generate an HTML table with no border and selected columns
services_df.to_html('./services_no_border.html',
           # Keep specific columns only
           columns=['service_name', 'link'],
           # Set border
           border=0)

# Generate an html table with border and all columns.
services_df.to_html('./services_border_all_columns.html',
           border=1)
# Upload the lines.html file to S3
s3.upload_file(Filename='lines.html',
               # Set the bucket name
               Bucket='datacamp-public',
               Key='index.html',
               # Configure uploaded file
               ExtraArgs = {
                 # Set proper content type
                 'ContentType':'text/html',
                 # Set proper ACL
                 'ACL': 'public-read'})

# Print the S3 Public Object URL for the new file.
print("http://{}.s3.amazonaws.com/{}".format('datacamp-public', 'index.html'))
# %% holds 37
assert 'border="1"' not in Path("services_no_border.html").read_text()
assert 'border="1"' in Path("services_border_all_columns.html").read_text()
assert "extra" in Path("services_border_all_columns.html").read_text()
assert requests.get("http://datacamp-public.s3.amazonaws.com/index.html", timeout=30).text == "<p>lines</p>"
