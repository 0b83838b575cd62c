"""What a person would do with the lesson's mail and SMS: look, and click the link.

The inbox is not AWS's, so that this is no boto3 call but a request that is signed like one (service `marinelayer`).
Under `marinelayer run` every amazonaws.com name leads to the cloud, this one too.
"""

import json
import os
import time
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

INBOX = "https://marinelayer.amazonaws.com/_marinelayer/inbox?limit=1000"
PATIENCE = 20.0


def _inbox():
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("GET", INBOX)
    SigV4Auth(keys, "marinelayer", "us-east-1").add_auth(request)
    with urlopen(Request(INBOX, headers=dict(request.headers))) as answer:
        return json.load(answer)["messages"]


def messages(to=None, subject=None, expected=None):
    """The messages to a person, with a subject; waits until there are as many as expected, and no more."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [m for m in _inbox() if to in (None, m["to"]) and subject in (None, m["subject"])]
        if expected is None or len(found) == expected:
            return found
        if time.monotonic() > deadline or len(found) > expected:
            raise AssertionError(f"{len(found)} messages to {to} with subject {subject}, {expected} were expected")
        time.sleep(0.05)


def confirm(to, expected):
    """Open the confirmation links that were mailed to a person."""
    deadline = time.monotonic() + PATIENCE
    while True:
        links = [link for m in messages(to=to) for link in m["links"] if "Token=" in link]
        if len(links) == expected:
            break
        if time.monotonic() > deadline:
            raise AssertionError(f"{len(links)} confirmation links for {to}, {expected} were expected")
        time.sleep(0.05)
    for link in links:
        with urlopen(link) as answer:
            assert answer.status == 200
