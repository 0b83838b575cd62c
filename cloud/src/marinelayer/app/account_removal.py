"""The end of an account: what keeps it, and what goes with it, so that no later account of its number finds anything.

Each service says of its own rows whether they are something that the account's users made and can delete. While there
is such a thing, the account stays; all else that carries its number goes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from marinelayer.config import CloudError
from marinelayer.delivery.inbox import forget_messages
from marinelayer.ports import Transaction
from marinelayer.services.comprehend import resources as comprehend
from marinelayer.services.iam.accounts import delete_account
from marinelayer.services.iam.group_store import has_groups
from marinelayer.services.iam.policies import has_policies
from marinelayer.services.iam.profile_store import has_profiles
from marinelayer.services.iam.provider_store import has_providers
from marinelayer.services.iam.role_store import has_roles
from marinelayer.services.iam.user_store import has_users
from marinelayer.services.rekognition.face_store import has_collections
from marinelayer.services.rekognition.media_job_rows import forget_media_jobs, has_media_jobs
from marinelayer.services.rekognition.projects import has_projects
from marinelayer.services.rekognition.video_job_rows import forget_video_jobs, has_video_jobs
from marinelayer.services.s3.buckets import has_buckets
from marinelayer.services.s3.kms_keys import forget_keys
from marinelayer.services.s3control import forget_public_access
from marinelayer.services.sns import store as sns
from marinelayer.services.translate import job_store as translate
from marinelayer.services.translate.terminology_store import has_terminologies

OWNED: Mapping[str, Callable[[Transaction, str], bool]] = {
    "buckets": has_buckets,
    "users": has_users,
    "groups": has_groups,
    "policies": has_policies,
    "roles": has_roles,
    "instance profiles": has_profiles,
    "identity providers": has_providers,
    "topics": sns.has_topics,
    "subscriptions": sns.has_subscriptions,
    "face collections": has_collections,
    "Custom Labels projects": has_projects,
    "video jobs": has_video_jobs,
    "media analysis jobs": has_media_jobs,
    "custom models": comprehend.has_models,
    "endpoints": comprehend.has_endpoints,
    "analysis jobs": comprehend.has_jobs,
    "terminologies": has_terminologies,
    "translation jobs": translate.has_jobs,
}
"""What an account may own, in the words of a refusal, each with the question whether it does. Of jobs only those count
that have not ended: nobody can delete the others."""
FORGOTTEN: tuple[Callable[[Transaction, str], None], ...] = (
    forget_public_access,
    forget_keys,
    forget_messages,
    sns.forget_account,
    forget_video_jobs,
    forget_media_jobs,
    comprehend.forget_jobs,
    translate.forget_jobs,
)
"""What takes away the rest that carries the number of an account which owns nothing."""


def remove_account(tx: Transaction, number: str) -> None:
    """Remove the account with the keys of its root user, and all that is left of it.

    Raises:
        CloudError: there is none, or it owns something.
    """
    owned = [what for what, has in OWNED.items() if has(tx, number)]
    if owned:
        raise CloudError(f"{number} still owns {', '.join(owned)}: delete them first.")
    for forget in FORGOTTEN:
        forget(tx, number)
    if not delete_account(tx, number):
        raise CloudError(f"There is no account {number}.")
