"""Nobody may do anything that was not allowed: proven for every operation that the cloud serves.

Each operation is asked with a request that would succeed or fail at something else if it were allowed, about things that
exist; that is shown for each beside its refusals, so that none of these says nothing.
"""

import importlib
import inspect
import json
import pkgutil
import uuid
from contextlib import suppress
from typing import Any, cast

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

import marinelayer.services
from marinelayer.model.service import load_service
from marinelayer.services.operation import NoPermission
from marinelayer.testing import LocalCloud

ACCOUNT = "111122223333"
SERVICES = ("s3", "s3control", "iam", "sts", "sns", "rekognition", "comprehend", "translate")
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}
UNKNOWN = {"MissingAuthenticationToken", "MissingAuthenticationTokenException"}
BY_TOKEN = {
    ("sns", "ConfirmSubscription"),
    ("sts", "GetCallerIdentity"),
    ("sts", "GetSessionToken"),
    ("sts", "AssumeRoleWithWebIdentity"),
}
"""Operations that cannot be denied; their `NoPermission` says why."""
BY_LINK = {"sns:Unsubscribe"}
"""What the link in a mail does, which needs no credentials: the subscription's unguessable ARN is the permission."""
FOR_ONESELF = {f"{verb}AccessKey" for verb in ("Create", "Update", "Delete")} | {
    "GetUser",
    "ListAccessKeys",
    "CreateLoginProfile",
    "GetLoginProfile",
    "DeleteLoginProfile",
}
"""Operations of IAM that are about the caller where no user is named."""
NAME = "a" * 8
"""What everything is called that a request names."""


def _value(shape: Any, name: str, known: dict[str, str]) -> Any:
    """The plainest value that the model takes."""
    kind = shape.type_name
    if kind == "structure":
        return {m: _value(s, m, known) for m, s in shape.members.items() if m in shape.required_members}
    if kind == "list":
        return [_value(shape.member, name, known)]
    if kind == "map":
        return {"a": _value(shape.value, name, known)}
    if kind == "string":
        if name in known:
            return known[name]
        return shape.enum[0] if shape.enum else NAME[: shape.metadata.get("max", len(NAME))]
    return {"blob": b"x", "boolean": True, "timestamp": 0, "float": 1.0, "double": 1.0}.get(kind, 1)


def declared_operations():
    """What each service declares, by the classes of its package: `{service: {operation: needs}}`."""
    found = {service: {} for service in SERVICES}
    for service, operations in found.items():
        package = importlib.import_module(f"marinelayer.services.{service}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for noun in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(noun) and noun.__module__ == module.name:
                    declared = (getattr(method, "declared_operation", None) for _, method in inspect.getmembers(noun))
                    operations.update({name: needs for name, needs, _ in filter(None, declared)})
    return found


SERVED = declared_operations()
ELSEWHERE = ["arn:aws:s3:::other*", f"arn:aws:sns:*:{ACCOUNT}:other*", f"arn:aws:iam::{ACCOUNT}:*/other*"]
PERMISSIONS = {
    "s3:AbortMultipartUpload": {"s3:AbortMultipartUpload"},
    "s3:CompleteMultipartUpload": {"s3:PutObject"},
    "s3:CopyObject": {"s3:GetObject", "s3:PutObject"},
    "s3:CreateBucket": {"s3:CreateBucket"},
    "s3:CreateMultipartUpload": {"s3:PutObject"},
    "s3:DeleteBucket": {"s3:DeleteBucket"},
    "s3:DeleteBucketAnalyticsConfiguration": {"s3:PutAnalyticsConfiguration"},
    "s3:DeleteBucketCors": {"s3:PutBucketCORS"},
    "s3:DeleteBucketIntelligentTieringConfiguration": {"s3:PutIntelligentTieringConfiguration"},
    "s3:DeleteBucketMetricsConfiguration": {"s3:PutMetricsConfiguration"},
    "s3:DeleteBucketInventoryConfiguration": {"s3:PutInventoryConfiguration"},
    "s3:DeleteBucketLifecycle": {"s3:PutLifecycleConfiguration"},
    "s3:DeleteBucketEncryption": {"s3:PutEncryptionConfiguration"},
    "s3:DeleteBucketOwnershipControls": {"s3:PutBucketOwnershipControls"},
    "s3:DeleteBucketPolicy": {"s3:DeleteBucketPolicy"},
    "s3:DeleteBucketReplication": {"s3:PutReplicationConfiguration"},
    "s3:DeleteBucketTagging": {"s3:PutBucketTagging"},
    "s3:DeleteBucketWebsite": {"s3:DeleteBucketWebsite"},
    "s3:DeleteObject": {"s3:DeleteObject"},
    "s3:DeleteObjectTagging": {"s3:DeleteObjectTagging"},
    "s3:DeleteObjects": {"s3:DeleteObject"},
    "s3:DeletePublicAccessBlock": {"s3:PutBucketPublicAccessBlock"},
    "s3:GetBucketAccelerateConfiguration": {"s3:GetAccelerateConfiguration"},
    "s3:GetBucketAcl": {"s3:GetBucketAcl"},
    "s3:GetBucketAnalyticsConfiguration": {"s3:GetAnalyticsConfiguration"},
    "s3:GetBucketCors": {"s3:GetBucketCORS"},
    "s3:GetBucketIntelligentTieringConfiguration": {"s3:GetIntelligentTieringConfiguration"},
    "s3:GetBucketInventoryConfiguration": {"s3:GetInventoryConfiguration"},
    "s3:GetBucketLifecycleConfiguration": {"s3:GetLifecycleConfiguration"},
    "s3:GetBucketEncryption": {"s3:GetEncryptionConfiguration"},
    "s3:GetBucketLocation": {"s3:GetBucketLocation"},
    "s3:GetBucketMetricsConfiguration": {"s3:GetMetricsConfiguration"},
    "s3:GetBucketLogging": {"s3:GetBucketLogging"},
    "s3:GetBucketNotificationConfiguration": {"s3:GetBucketNotification"},
    "s3:GetBucketOwnershipControls": {"s3:GetBucketOwnershipControls"},
    "s3:GetBucketPolicy": {"s3:GetBucketPolicy"},
    "s3:GetBucketPolicyStatus": {"s3:GetBucketPolicyStatus"},
    "s3:GetBucketReplication": {"s3:GetReplicationConfiguration"},
    "s3:GetBucketRequestPayment": {"s3:GetBucketRequestPayment"},
    "s3:GetBucketTagging": {"s3:GetBucketTagging"},
    "s3:GetBucketVersioning": {"s3:GetBucketVersioning"},
    "s3:GetBucketWebsite": {"s3:GetBucketWebsite"},
    "s3:GetObject": {"s3:GetObject"},
    "s3:GetObjectAcl": {"s3:GetObjectAcl"},
    "s3:GetObjectAttributes": {"s3:GetObject", "s3:GetObjectAttributes"},
    "s3:GetObjectLegalHold": {"s3:GetObjectLegalHold"},
    "s3:GetObjectLockConfiguration": {"s3:GetBucketObjectLockConfiguration"},
    "s3:GetObjectRetention": {"s3:GetObjectRetention"},
    "s3:GetObjectTagging": {"s3:GetObjectTagging"},
    "s3:GetObjectTorrent": {"s3:GetObjectTorrent"},
    "s3:GetPublicAccessBlock": {"s3:GetBucketPublicAccessBlock"},
    "s3:HeadBucket": {"s3:ListBucket"},
    "s3:HeadObject": {"s3:GetObject"},
    "s3:ListBucketAnalyticsConfigurations": {"s3:GetAnalyticsConfiguration"},
    "s3:ListBucketIntelligentTieringConfigurations": {"s3:GetIntelligentTieringConfiguration"},
    "s3:ListBucketMetricsConfigurations": {"s3:GetMetricsConfiguration"},
    "s3:ListBucketInventoryConfigurations": {"s3:GetInventoryConfiguration"},
    "s3:ListBuckets": {"s3:ListAllMyBuckets"},
    "s3:ListMultipartUploads": {"s3:ListBucketMultipartUploads"},
    "s3:ListObjectVersions": {"s3:ListBucketVersions"},
    "s3:ListObjects": {"s3:ListBucket"},
    "s3:ListObjectsV2": {"s3:ListBucket"},
    "s3:ListParts": {"s3:ListMultipartUploadParts"},
    "s3:PutBucketAccelerateConfiguration": {"s3:PutAccelerateConfiguration"},
    "s3:PutBucketAcl": {"s3:PutBucketAcl"},
    "s3:PutBucketAnalyticsConfiguration": {"s3:PutAnalyticsConfiguration"},
    "s3:PutBucketCors": {"s3:PutBucketCORS"},
    "s3:PutBucketIntelligentTieringConfiguration": {"s3:PutIntelligentTieringConfiguration"},
    "s3:PutBucketMetricsConfiguration": {"s3:PutMetricsConfiguration"},
    "s3:PutBucketInventoryConfiguration": {"s3:PutInventoryConfiguration"},
    "s3:PutBucketLifecycleConfiguration": {"s3:PutLifecycleConfiguration"},
    "s3:PutBucketEncryption": {"s3:PutEncryptionConfiguration"},
    "s3:PutBucketLogging": {"s3:PutBucketLogging"},
    "s3:PutBucketNotificationConfiguration": {"s3:PutBucketNotification"},
    "s3:PutBucketOwnershipControls": {"s3:PutBucketOwnershipControls"},
    "s3:PutBucketPolicy": {"s3:PutBucketPolicy"},
    "s3:PutBucketReplication": {"s3:PutReplicationConfiguration", "iam:PassRole"},
    "s3:PutBucketRequestPayment": {"s3:PutBucketRequestPayment"},
    "s3:PutBucketTagging": {"s3:PutBucketTagging"},
    "s3:PutBucketVersioning": {"s3:PutBucketVersioning"},
    "s3:PutBucketWebsite": {"s3:PutBucketWebsite"},
    "s3:PutObject": {"s3:PutObject"},
    "s3:PutObjectAcl": {"s3:PutObjectAcl"},
    "s3:PutObjectLegalHold": {"s3:PutObjectLegalHold"},
    "s3:PutObjectLockConfiguration": {"s3:PutBucketObjectLockConfiguration"},
    "s3:PutObjectRetention": {"s3:PutObjectRetention"},
    "s3:PutObjectTagging": {"s3:PutObjectTagging"},
    "s3:PutPublicAccessBlock": {"s3:PutBucketPublicAccessBlock"},
    "s3:RestoreObject": {"s3:RestoreObject"},
    "s3:SelectObjectContent": {"s3:GetObject"},
    "s3:UploadPart": {"s3:PutObject"},
    "s3:UploadPartCopy": {"s3:GetObject", "s3:PutObject"},
    "s3control:DeletePublicAccessBlock": {"s3:PutAccountPublicAccessBlock"},
    "s3control:GetPublicAccessBlock": {"s3:GetAccountPublicAccessBlock"},
    "s3control:PutPublicAccessBlock": {"s3:PutAccountPublicAccessBlock"},
    "iam:AddUserToGroup": {"iam:AddUserToGroup"},
    "iam:AttachGroupPolicy": {"iam:AttachGroupPolicy"},
    "iam:AttachUserPolicy": {"iam:AttachUserPolicy"},
    "iam:ChangePassword": {"iam:ChangePassword"},
    "iam:CreateAccessKey": {"iam:CreateAccessKey"},
    "iam:CreateAccountAlias": {"iam:CreateAccountAlias"},
    "iam:CreateGroup": {"iam:CreateGroup"},
    "iam:CreateLoginProfile": {"iam:CreateLoginProfile"},
    "iam:CreatePolicy": {"iam:CreatePolicy"},
    "iam:CreatePolicyVersion": {"iam:CreatePolicyVersion"},
    "iam:CreateUser": {"iam:CreateUser"},
    "iam:DeleteAccessKey": {"iam:DeleteAccessKey"},
    "iam:DeleteAccountAlias": {"iam:DeleteAccountAlias"},
    "iam:DeleteAccountPasswordPolicy": {"iam:DeleteAccountPasswordPolicy"},
    "iam:DeleteGroup": {"iam:DeleteGroup"},
    "iam:DeleteGroupPolicy": {"iam:DeleteGroupPolicy"},
    "iam:DeleteLoginProfile": {"iam:DeleteLoginProfile"},
    "iam:DeletePolicy": {"iam:DeletePolicy"},
    "iam:DeletePolicyVersion": {"iam:DeletePolicyVersion"},
    "iam:DeleteUser": {"iam:DeleteUser"},
    "iam:DeleteUserPermissionsBoundary": {"iam:DeleteUserPermissionsBoundary"},
    "iam:DeleteUserPolicy": {"iam:DeleteUserPolicy"},
    "iam:DetachGroupPolicy": {"iam:DetachGroupPolicy"},
    "iam:DetachUserPolicy": {"iam:DetachUserPolicy"},
    "iam:GenerateCredentialReport": {"iam:GenerateCredentialReport"},
    "iam:GetAccessKeyLastUsed": {"iam:GetAccessKeyLastUsed"},
    "iam:GetAccountAuthorizationDetails": {"iam:GetAccountAuthorizationDetails"},
    "iam:GetAccountPasswordPolicy": {"iam:GetAccountPasswordPolicy"},
    "iam:GetAccountSummary": {"iam:GetAccountSummary"},
    "iam:GetContextKeysForCustomPolicy": {"iam:GetContextKeysForCustomPolicy"},
    "iam:GetContextKeysForPrincipalPolicy": {"iam:GetContextKeysForPrincipalPolicy"},
    "iam:GetCredentialReport": {"iam:GetCredentialReport"},
    "iam:GetGroup": {"iam:GetGroup"},
    "iam:GetGroupPolicy": {"iam:GetGroupPolicy"},
    "iam:GetLoginProfile": {"iam:GetLoginProfile"},
    "iam:GetPolicy": {"iam:GetPolicy"},
    "iam:GetPolicyVersion": {"iam:GetPolicyVersion"},
    "iam:GetUser": {"iam:GetUser"},
    "iam:GetUserPolicy": {"iam:GetUserPolicy"},
    "iam:ListAccessKeys": {"iam:ListAccessKeys"},
    "iam:ListAccountAliases": {"iam:ListAccountAliases"},
    "iam:ListAttachedGroupPolicies": {"iam:ListAttachedGroupPolicies"},
    "iam:ListAttachedUserPolicies": {"iam:ListAttachedUserPolicies"},
    "iam:ListEntitiesForPolicy": {"iam:ListEntitiesForPolicy"},
    "iam:ListGroupPolicies": {"iam:ListGroupPolicies"},
    "iam:ListGroups": {"iam:ListGroups"},
    "iam:ListGroupsForUser": {"iam:ListGroupsForUser"},
    "iam:ListPolicies": {"iam:ListPolicies"},
    "iam:ListPolicyTags": {"iam:ListPolicyTags"},
    "iam:ListPolicyVersions": {"iam:ListPolicyVersions"},
    "iam:ListUserPolicies": {"iam:ListUserPolicies"},
    "iam:ListUserTags": {"iam:ListUserTags"},
    "iam:ListUsers": {"iam:ListUsers"},
    "iam:PutGroupPolicy": {"iam:PutGroupPolicy"},
    "iam:PutUserPermissionsBoundary": {"iam:PutUserPermissionsBoundary"},
    "iam:PutUserPolicy": {"iam:PutUserPolicy"},
    "iam:RemoveUserFromGroup": {"iam:RemoveUserFromGroup"},
    "iam:SetDefaultPolicyVersion": {"iam:SetDefaultPolicyVersion"},
    "iam:SimulateCustomPolicy": {"iam:SimulateCustomPolicy"},
    "iam:SimulatePrincipalPolicy": {"iam:SimulatePrincipalPolicy"},
    "iam:TagPolicy": {"iam:TagPolicy"},
    "iam:TagUser": {"iam:TagUser"},
    "iam:UntagPolicy": {"iam:UntagPolicy"},
    "iam:UntagUser": {"iam:UntagUser"},
    "iam:UpdateAccessKey": {"iam:UpdateAccessKey"},
    "iam:UpdateAccountPasswordPolicy": {"iam:UpdateAccountPasswordPolicy"},
    "iam:UpdateGroup": {"iam:UpdateGroup"},
    "iam:UpdateLoginProfile": {"iam:UpdateLoginProfile"},
    "iam:UpdateUser": {"iam:UpdateUser"},
    "iam:CreateRole": {"iam:CreateRole"},
    "iam:DeleteRole": {"iam:DeleteRole"},
    "iam:GetRole": {"iam:GetRole"},
    "iam:ListRoleTags": {"iam:ListRoleTags"},
    "iam:ListRoles": {"iam:ListRoles"},
    "iam:TagRole": {"iam:TagRole"},
    "iam:UntagRole": {"iam:UntagRole"},
    "iam:UpdateAssumeRolePolicy": {"iam:UpdateAssumeRolePolicy"},
    "iam:UpdateRole": {"iam:UpdateRole"},
    "iam:UpdateRoleDescription": {"iam:UpdateRoleDescription"},
    "iam:AttachRolePolicy": {"iam:AttachRolePolicy"},
    "iam:DetachRolePolicy": {"iam:DetachRolePolicy"},
    "iam:ListAttachedRolePolicies": {"iam:ListAttachedRolePolicies"},
    "iam:PutRolePermissionsBoundary": {"iam:PutRolePermissionsBoundary"},
    "iam:DeleteRolePermissionsBoundary": {"iam:DeleteRolePermissionsBoundary"},
    "iam:PutRolePolicy": {"iam:PutRolePolicy"},
    "iam:GetRolePolicy": {"iam:GetRolePolicy"},
    "iam:ListRolePolicies": {"iam:ListRolePolicies"},
    "iam:DeleteRolePolicy": {"iam:DeleteRolePolicy"},
    "iam:CreateInstanceProfile": {"iam:CreateInstanceProfile"},
    "iam:GetInstanceProfile": {"iam:GetInstanceProfile"},
    "iam:ListInstanceProfiles": {"iam:ListInstanceProfiles"},
    "iam:ListInstanceProfilesForRole": {"iam:ListInstanceProfilesForRole"},
    "iam:DeleteInstanceProfile": {"iam:DeleteInstanceProfile"},
    "iam:RemoveRoleFromInstanceProfile": {"iam:RemoveRoleFromInstanceProfile"},
    "iam:TagInstanceProfile": {"iam:TagInstanceProfile"},
    "iam:UntagInstanceProfile": {"iam:UntagInstanceProfile"},
    "iam:ListInstanceProfileTags": {"iam:ListInstanceProfileTags"},
    "iam:AddRoleToInstanceProfile": {"iam:AddRoleToInstanceProfile", "iam:PassRole"},
    "iam:AddClientIDToOpenIDConnectProvider": {"iam:AddClientIDToOpenIDConnectProvider"},
    "iam:CreateOpenIDConnectProvider": {"iam:CreateOpenIDConnectProvider"},
    "iam:DeleteOpenIDConnectProvider": {"iam:DeleteOpenIDConnectProvider"},
    "iam:GetOpenIDConnectProvider": {"iam:GetOpenIDConnectProvider"},
    "iam:ListOpenIDConnectProviders": {"iam:ListOpenIDConnectProviders"},
    "iam:ListOpenIDConnectProviderTags": {"iam:ListOpenIDConnectProviderTags"},
    "iam:RemoveClientIDFromOpenIDConnectProvider": {"iam:RemoveClientIDFromOpenIDConnectProvider"},
    "iam:TagOpenIDConnectProvider": {"iam:TagOpenIDConnectProvider"},
    "iam:UntagOpenIDConnectProvider": {"iam:UntagOpenIDConnectProvider"},
    "iam:UpdateOpenIDConnectProviderThumbprint": {"iam:UpdateOpenIDConnectProviderThumbprint"},
    "sts:AssumeRole": {"sts:AssumeRole"},
    "sts:DecodeAuthorizationMessage": {"sts:DecodeAuthorizationMessage"},
    "sts:GetAccessKeyInfo": {"sts:GetAccessKeyInfo"},
    "sts:GetFederationToken": {"sts:GetFederationToken"},
    "sns:AddPermission": {"sns:AddPermission"},
    "sns:CheckIfPhoneNumberIsOptedOut": {"sns:CheckIfPhoneNumberIsOptedOut"},
    "sns:CreateTopic": {"sns:CreateTopic"},
    "sns:DeleteTopic": {"sns:DeleteTopic"},
    "sns:GetSMSAttributes": {"sns:GetSMSAttributes"},
    "sns:GetSubscriptionAttributes": {"sns:GetSubscriptionAttributes"},
    "sns:GetTopicAttributes": {"sns:GetTopicAttributes"},
    "sns:ListPhoneNumbersOptedOut": {"sns:ListPhoneNumbersOptedOut"},
    "sns:ListSubscriptions": {"sns:ListSubscriptions"},
    "sns:ListSubscriptionsByTopic": {"sns:ListSubscriptionsByTopic"},
    "sns:ListTagsForResource": {"sns:ListTagsForResource"},
    "sns:ListTopics": {"sns:ListTopics"},
    "sns:OptInPhoneNumber": {"sns:OptInPhoneNumber"},
    "sns:Publish": {"sns:Publish"},
    "sns:PublishBatch": {"sns:Publish"},
    "sns:RemovePermission": {"sns:RemovePermission"},
    "sns:SetSMSAttributes": {"sns:SetSMSAttributes"},
    "sns:SetSubscriptionAttributes": {"sns:SetSubscriptionAttributes"},
    "sns:SetTopicAttributes": {"sns:SetTopicAttributes"},
    "sns:Subscribe": {"sns:Subscribe"},
    "sns:TagResource": {"sns:TagResource"},
    "sns:Unsubscribe": {"sns:Unsubscribe"},
    "sns:UntagResource": {"sns:UntagResource"},
    "rekognition:CompareFaces": {"rekognition:CompareFaces"},
    "rekognition:CreateCollection": {"rekognition:CreateCollection"},
    "rekognition:DeleteCollection": {"rekognition:DeleteCollection"},
    "rekognition:DeleteFaces": {"rekognition:DeleteFaces"},
    "rekognition:DescribeCollection": {"rekognition:DescribeCollection"},
    "rekognition:DetectFaces": {"rekognition:DetectFaces"},
    "rekognition:DetectLabels": {"rekognition:DetectLabels"},
    "rekognition:DetectText": {"rekognition:DetectText"},
    "rekognition:GetLabelDetection": {"rekognition:GetLabelDetection"},
    "rekognition:GetTextDetection": {"rekognition:GetTextDetection"},
    "rekognition:StartLabelDetection": {"rekognition:StartLabelDetection"},
    "rekognition:StartTextDetection": {"rekognition:StartTextDetection"},
    "rekognition:CopyProjectVersion": {"rekognition:CopyProjectVersion"},
    "rekognition:CreateDataset": {"rekognition:CreateDataset"},
    "rekognition:CreateProject": {"rekognition:CreateProject"},
    "rekognition:CreateProjectVersion": {"rekognition:CreateProjectVersion"},
    "rekognition:DeleteDataset": {"rekognition:DeleteDataset"},
    "rekognition:DeleteProject": {"rekognition:DeleteProject"},
    "rekognition:DeleteProjectPolicy": {"rekognition:DeleteProjectPolicy"},
    "rekognition:DeleteProjectVersion": {"rekognition:DeleteProjectVersion"},
    "rekognition:DescribeDataset": {"rekognition:DescribeDataset"},
    "rekognition:DescribeProjectVersions": {"rekognition:DescribeProjectVersions"},
    "rekognition:DescribeProjects": {"rekognition:DescribeProjects"},
    "rekognition:DetectCustomLabels": {"rekognition:DetectCustomLabels"},
    "rekognition:DistributeDatasetEntries": {"rekognition:DistributeDatasetEntries"},
    "rekognition:ListDatasetEntries": {"rekognition:ListDatasetEntries"},
    "rekognition:ListDatasetLabels": {"rekognition:ListDatasetLabels"},
    "rekognition:ListProjectPolicies": {"rekognition:ListProjectPolicies"},
    "rekognition:ListTagsForResource": {"rekognition:ListTagsForResource"},
    "rekognition:PutProjectPolicy": {"rekognition:PutProjectPolicy"},
    "rekognition:StartProjectVersion": {"rekognition:StartProjectVersion"},
    "rekognition:StopProjectVersion": {"rekognition:StopProjectVersion"},
    "rekognition:TagResource": {"rekognition:TagResource"},
    "rekognition:UntagResource": {"rekognition:UntagResource"},
    "rekognition:UpdateDatasetEntries": {"rekognition:UpdateDatasetEntries"},
    "rekognition:IndexFaces": {"rekognition:IndexFaces"},
    "rekognition:ListCollections": {"rekognition:ListCollections"},
    "rekognition:ListFaces": {"rekognition:ListFaces"},
    "rekognition:SearchFaces": {"rekognition:SearchFaces"},
    "rekognition:SearchFacesByImage": {"rekognition:SearchFacesByImage"},
    "comprehend:BatchDetectDominantLanguage": {"comprehend:BatchDetectDominantLanguage"},
    "comprehend:BatchDetectEntities": {"comprehend:BatchDetectEntities"},
    "comprehend:BatchDetectKeyPhrases": {"comprehend:BatchDetectKeyPhrases"},
    "comprehend:BatchDetectSentiment": {"comprehend:BatchDetectSentiment"},
    "comprehend:BatchDetectSyntax": {"comprehend:BatchDetectSyntax"},
    "comprehend:ContainsPiiEntities": {"comprehend:ContainsPiiEntities"},
    "comprehend:ClassifyDocument": {"comprehend:ClassifyDocument"},
    "comprehend:CreateDocumentClassifier": {"comprehend:CreateDocumentClassifier", "iam:PassRole"},
    "comprehend:CreateEndpoint": {"comprehend:CreateEndpoint"},
    "comprehend:CreateEntityRecognizer": {"comprehend:CreateEntityRecognizer", "iam:PassRole"},
    "comprehend:DeleteDocumentClassifier": {"comprehend:DeleteDocumentClassifier"},
    "comprehend:DeleteEndpoint": {"comprehend:DeleteEndpoint"},
    "comprehend:DeleteEntityRecognizer": {"comprehend:DeleteEntityRecognizer"},
    "comprehend:DescribeDocumentClassifier": {"comprehend:DescribeDocumentClassifier"},
    "comprehend:DescribeEndpoint": {"comprehend:DescribeEndpoint"},
    "comprehend:DescribeEntityRecognizer": {"comprehend:DescribeEntityRecognizer"},
    "comprehend:ListDocumentClassifierSummaries": {"comprehend:ListDocumentClassifierSummaries"},
    "comprehend:ListDocumentClassifiers": {"comprehend:ListDocumentClassifiers"},
    "comprehend:ListEndpoints": {"comprehend:ListEndpoints"},
    "comprehend:ListEntityRecognizerSummaries": {"comprehend:ListEntityRecognizerSummaries"},
    "comprehend:ListEntityRecognizers": {"comprehend:ListEntityRecognizers"},
    "comprehend:ListTagsForResource": {"comprehend:ListTagsForResource"},
    "comprehend:DescribeDominantLanguageDetectionJob": {"comprehend:DescribeDominantLanguageDetectionJob"},
    "comprehend:ListDominantLanguageDetectionJobs": {"comprehend:ListDominantLanguageDetectionJobs"},
    "comprehend:StartDominantLanguageDetectionJob": {"comprehend:StartDominantLanguageDetectionJob", "iam:PassRole"},
    "comprehend:StopDominantLanguageDetectionJob": {"comprehend:StopDominantLanguageDetectionJob"},
    "comprehend:DescribeEntitiesDetectionJob": {"comprehend:DescribeEntitiesDetectionJob"},
    "comprehend:ListEntitiesDetectionJobs": {"comprehend:ListEntitiesDetectionJobs"},
    "comprehend:StartEntitiesDetectionJob": {"comprehend:StartEntitiesDetectionJob", "iam:PassRole"},
    "comprehend:StopEntitiesDetectionJob": {"comprehend:StopEntitiesDetectionJob"},
    "comprehend:DescribeKeyPhrasesDetectionJob": {"comprehend:DescribeKeyPhrasesDetectionJob"},
    "comprehend:ListKeyPhrasesDetectionJobs": {"comprehend:ListKeyPhrasesDetectionJobs"},
    "comprehend:StartKeyPhrasesDetectionJob": {"comprehend:StartKeyPhrasesDetectionJob", "iam:PassRole"},
    "comprehend:StopKeyPhrasesDetectionJob": {"comprehend:StopKeyPhrasesDetectionJob"},
    "comprehend:DescribePiiEntitiesDetectionJob": {"comprehend:DescribePiiEntitiesDetectionJob"},
    "comprehend:ListPiiEntitiesDetectionJobs": {"comprehend:ListPiiEntitiesDetectionJobs"},
    "comprehend:StartPiiEntitiesDetectionJob": {"comprehend:StartPiiEntitiesDetectionJob", "iam:PassRole"},
    "comprehend:StopPiiEntitiesDetectionJob": {"comprehend:StopPiiEntitiesDetectionJob"},
    "comprehend:DescribeSentimentDetectionJob": {"comprehend:DescribeSentimentDetectionJob"},
    "comprehend:ListSentimentDetectionJobs": {"comprehend:ListSentimentDetectionJobs"},
    "comprehend:StartSentimentDetectionJob": {"comprehend:StartSentimentDetectionJob", "iam:PassRole"},
    "comprehend:StopSentimentDetectionJob": {"comprehend:StopSentimentDetectionJob"},
    "comprehend:DescribeDocumentClassificationJob": {"comprehend:DescribeDocumentClassificationJob"},
    "comprehend:ListDocumentClassificationJobs": {"comprehend:ListDocumentClassificationJobs"},
    "comprehend:StartDocumentClassificationJob": {"comprehend:StartDocumentClassificationJob", "iam:PassRole"},
    "comprehend:StopTrainingDocumentClassifier": {"comprehend:StopTrainingDocumentClassifier"},
    "comprehend:StopTrainingEntityRecognizer": {"comprehend:StopTrainingEntityRecognizer"},
    "comprehend:TagResource": {"comprehend:TagResource"},
    "comprehend:UntagResource": {"comprehend:UntagResource"},
    "comprehend:UpdateEndpoint": {"comprehend:UpdateEndpoint"},
    "comprehend:DetectDominantLanguage": {"comprehend:DetectDominantLanguage"},
    "comprehend:DetectEntities": {"comprehend:DetectEntities"},
    "comprehend:DetectKeyPhrases": {"comprehend:DetectKeyPhrases"},
    "comprehend:DetectPiiEntities": {"comprehend:DetectPiiEntities"},
    "comprehend:DetectSentiment": {"comprehend:DetectSentiment"},
    "comprehend:DetectSyntax": {"comprehend:DetectSyntax"},
    "translate:DeleteTerminology": {"translate:DeleteTerminology"},
    "translate:DescribeTextTranslationJob": {"translate:DescribeTextTranslationJob"},
    "translate:GetTerminology": {"translate:GetTerminology"},
    "translate:ImportTerminology": {"translate:ImportTerminology"},
    "translate:ListLanguages": {"translate:ListLanguages"},
    "translate:ListTagsForResource": {"translate:ListTagsForResource"},
    "translate:ListTerminologies": {"translate:ListTerminologies"},
    "translate:ListTextTranslationJobs": {"translate:ListTextTranslationJobs"},
    "translate:StartTextTranslationJob": {"translate:StartTextTranslationJob", "iam:PassRole"},
    "translate:StopTextTranslationJob": {"translate:StopTextTranslationJob"},
    "translate:TagResource": {"translate:TagResource"},
    "translate:UntagResource": {"translate:UntagResource"},
    "translate:TranslateDocument": {"translate:TranslateDocument"},
    "translate:TranslateText": {"translate:TranslateText"},
}
"""What each operation needs of a user, by AWS's service authorization reference: all of it, and no more."""


class World:
    """Things that exist, and a user who wants something of them."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._made: dict[Any, Any] = {}
        self._iam = self._client("iam")
        self._user = f"user-{uuid.uuid4().hex[:8]}"
        self._iam.create_user(UserName=self._user)
        self._key = self._iam.create_access_key(UserName=self._user)["AccessKey"]

    def _client(self, service: str, who: str = "root") -> Any:
        """A client of the root user, of the user without policies, or of nobody (`root`, `user`, `nobody`)."""
        if (service, who) not in self._made:
            arguments = self._cloud.client_arguments()
            if who == "user":
                arguments["aws_access_key_id"] = self._key["AccessKeyId"]
                arguments["aws_secret_access_key"] = self._key["SecretAccessKey"]
            settings = Config(signature_version=UNSIGNED) if who == "nobody" else Config()
            if service == "s3control":
                # Its client puts the account before the endpoint's name, which resolves nowhere here.
                settings = settings.merge(Config(proxies={"http": self._cloud.endpoint_url}))
            arguments["config"] = settings
            self._made[service, who] = boto3.client(cast("Any", service), **arguments)
        return self._made[service, who]

    def close(self) -> None:
        """Close the connections."""
        for client in self._made.values():
            client.close()

    def allow(self, *actions: str, on: str | list[str] = "*") -> None:
        """Let the user do these actions, and nothing else."""
        statement = {"Effect": "Allow", "Action": list(actions) or "none:None", "Resource": on}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        self._iam.put_user_policy(UserName=self._user, PolicyName="p", PolicyDocument=document)

    def ask(self, service: str, name: str, who: str = "user") -> set[str]:
        """The codes by which an operation on things made for it is refused, or `{"done"}`."""
        api = self._client(service, who)
        model = api.meta.service_model.operation_model(name)
        things = {
            "s3": self._bucket,
            "s3control": self._account,
            "iam": self._iam_user,
            "sns": self._topic,
            "sts": self._sts,
            "translate": self._terminology,
            "rekognition": self._project,
            "comprehend": self._comprehend,
        }
        known = things.get(service, dict[str, str])()
        request = _value(model.input_shape, "", known) if model.input_shape else {}
        if name == "CreateBucket":
            request["Bucket"] = f"denied-{uuid.uuid4().hex}"
        elif name == "Publish":
            request["TopicArn"] = known["TopicArn"]
        elif name in {"CreateUser", "CreatePolicy", "CreateGroup", "CreateRole"}:
            request[f"{name[6:]}Name"] = f"new-{uuid.uuid4().hex[:8]}"
        elif name == "DistributeDatasetEntries":
            request["Datasets"] = [{"Arn": known["DatasetArn"]}, {"Arn": known["DatasetArn"]}]
        elif name in FOR_ONESELF:
            request |= {"UserName": NAME}
        elif name == "CreateInstanceProfile":
            request["InstanceProfileName"] = f"new-{uuid.uuid4().hex[:8]}"
        elif name == "UpdateAssumeRolePolicy":
            request["PolicyDocument"] = known["AssumeRolePolicyDocument"]
        method = next(m for m, o in api.meta.method_to_api_mapping.items() if o == name)
        try:
            answer = getattr(api, method)(**request)
        except ClientError as refused:
            return {refused.response["Error"]["Code"]}
        return (
            {error["Code"] for error in answer["Errors"]}
            if name == "DeleteObjects" and "Errors" in answer
            else {"done"}
        )

    def _bucket(self) -> dict[str, str]:
        s3, bucket = self._client("s3"), f"bucket-{uuid.uuid4().hex[:20]}"
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=NAME, Body=b"x")
        upload = s3.create_multipart_upload(Bucket=bucket, Key=NAME)["UploadId"]
        denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/no"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": denied})
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={})
        return {"Bucket": bucket, "CopySource": f"{bucket}/{NAME}", "UploadId": upload, "Policy": policy}

    def _project(self) -> dict[str, str]:
        api, name = self._client("rekognition"), f"project-{uuid.uuid4().hex[:8]}"
        project = api.create_project(ProjectName=name)["ProjectArn"]
        dataset = api.create_dataset(ProjectArn=project, DatasetType="TRAIN")["DatasetArn"]
        bucket = self._bucket()["Bucket"]
        version = api.create_project_version(
            ProjectArn=project, VersionName="empty", OutputConfig={"S3Bucket": bucket}
        )["ProjectVersionArn"]
        return {
            "ProjectName": f"{name}-2",
            "ProjectArn": project,
            "DatasetArn": dataset,
            "DatasetType": "TEST",
            "ProjectVersionArn": version,
            "SourceProjectArn": project,
            "SourceProjectVersionArn": version,
            "DestinationProjectArn": project,
            "PolicyDocument": "{}",
            "ResourceArn": project,
            "JobId": "f" * 64,
            "FaceId": "00000000-0000-0000-0000-000000000000",
            "FaceIds": "00000000-0000-0000-0000-000000000000",
        }

    def _account(self) -> dict[str, str]:
        return {"AccountId": ACCOUNT}

    def _iam_user(self) -> dict[str, str]:
        policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
        try:
            self._iam.create_user(UserName=NAME)
        except self._iam.exceptions.EntityAlreadyExistsException:
            for key in self._iam.list_access_keys(UserName=NAME)["AccessKeyMetadata"]:
                self._iam.delete_access_key(UserName=NAME, AccessKeyId=key["AccessKeyId"])
        self._iam.put_user_policy(UserName=NAME, PolicyName=NAME, PolicyDocument=policy)
        key = self._iam.create_access_key(UserName=NAME)["AccessKey"]
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_policy(PolicyName=NAME, PolicyDocument=policy)
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_group(GroupName=NAME)
        trust = self._role()
        return {
            "UserName": NAME,
            "AccessKeyId": key["AccessKeyId"],
            "PolicyDocument": policy,
            "RoleName": NAME,
            "AssumeRolePolicyDocument": trust,
            "InstanceProfileName": NAME,
            "OpenIDConnectProviderArn": self._issuer(),
            "ThumbprintList": "a" * 40,
            "Url": f"https://{uuid.uuid4().hex}.example",
            "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}",
            "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/{NAME}",
            "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:user/{NAME}",
            "PolicyInputList": policy,
            "VersionId": "v1",
            "ActionNames": "s3:GetObject",
        }

    def _issuer(self) -> str:
        """A provider of tokens."""
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_open_id_connect_provider(Url="https://issuer.example")
        return f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example"

    def _role(self) -> str:
        """A role that the account may assume; its trust policy."""
        trusts = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": trusts})
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=trust)
        with suppress(self._iam.exceptions.EntityAlreadyExistsException):
            self._iam.create_instance_profile(InstanceProfileName=NAME)
        return trust

    def _sts(self) -> dict[str, str]:
        self._role()
        return {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}", "AccessKeyId": self._key["AccessKeyId"]}

    def _terminology(self) -> dict[str, str]:
        translate = self._client("translate")
        data: Any = {"File": b"en,es\nscooter,patinete\n", "Format": "CSV"}
        translate.import_terminology(Name=NAME, MergeStrategy="OVERWRITE", TerminologyData=data)
        arn = translate.get_terminology(Name=NAME)["TerminologyProperties"]["Arn"]
        role = f"arn:aws:iam::{ACCOUNT}:role/{NAME}"
        return {"ResourceArn": arn, "ContentType": "text/plain", "DataAccessRoleArn": role, "S3Uri": "s3://bucket/k"}

    def _comprehend(self) -> dict[str, str]:
        arn = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier"
        return {
            "DataAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{NAME}",
            "DocumentClassifierArn": f"{arn}/{NAME}",
            "EndpointArn": f"{arn}-endpoint/{NAME}",
            "EntityRecognizerArn": f"{arn.replace('document-classifier', 'entity-recognizer')}/{NAME}",
            "ResourceArn": f"{arn}/{NAME}",
            "S3Uri": f"s3://{NAME}/{NAME}",
            "Mode": "ONLY_OFFSETS",
        }

    def _topic(self) -> dict[str, str]:
        sns = self._client("sns")
        topic = sns.create_topic(Name=NAME)["TopicArn"]
        subscription = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+13125550123")["SubscriptionArn"]
        return {
            "TopicArn": topic,
            "ResourceArn": topic,
            "SubscriptionArn": subscription,
            "Protocol": "sms",
            "Endpoint": "+13125550124",
            "phoneNumber": "+13125550124",
        }


@pytest.fixture(scope="module")
def world(cloud):
    made = World(cloud)
    yield made
    made.close()


def test_every_service_is_held_against_this():
    packages = {module.name for module in pkgutil.iter_modules(marinelayer.services.__path__) if module.ispkg}
    assert packages == set(SERVICES) == {key.partition(":")[0] for key in PERMISSIONS}


def test_every_operation_that_can_be_denied_has_its_permissions_here():
    deniable = {f"{service}:{name}" for service, operations in SERVED.items() for name in operations}
    assert deniable - set(PERMISSIONS) == {f"{service}:{name}" for service, name in BY_TOKEN}


@pytest.mark.parametrize("operation", PERMISSIONS)
def test_an_operation_needs_all_its_permissions_on_the_things_it_touches(world, operation):
    service, _, name = operation.partition(":")
    needed = PERMISSIONS[operation]
    world.allow()
    assert world.ask(service, name) <= DENIED, "allowed nothing"
    world.allow(*needed, on=ELSEWHERE)
    assert world.ask(service, name) <= DENIED, "allowed on other things"
    for one in needed:
        world.allow(*(needed - {one}), f"{service}:Nothing*")
        assert world.ask(service, name) <= DENIED, f"all but {one}"
    world.allow(*needed)
    assert not world.ask(service, name) & DENIED, "with all of them"


@pytest.mark.parametrize("operation", PERMISSIONS)
def test_who_is_not_known_may_do_nothing(world, operation):
    service, _, name = operation.partition(":")
    codes = world.ask(service, name, who="nobody")
    assert codes == {"done"} if operation in BY_LINK else codes <= DENIED | UNKNOWN


def test_every_declared_operation_is_in_botocores_model():
    for service, operations in SERVED.items():
        assert operations
        assert set(operations) <= set(load_service(service).operations)


def test_what_cannot_be_denied_says_why():
    undeniable = {
        (service, name): needs.reason
        for service, operations in SERVED.items()
        for name, needs in operations.items()
        if isinstance(needs, NoPermission)
    }
    assert set(undeniable) <= BY_TOKEN | {("s3", "DeleteObjects")}  # which asks for each of its keys
    assert all(undeniable.values())
