"""A city's service requests: daily CSVs become a report site, alerts by level, and triaged dispatches, through boto3.

The application knows AWS's API and nothing of who answers it: it runs on AWS and on any cloud that speaks its
protocols.
"""
