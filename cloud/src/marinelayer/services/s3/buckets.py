"""CreateBucket, ListBuckets, HeadBucket, DeleteBucket and GetBucketLocation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, Clock, Row, Tables, Transaction
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security.acl import is_public
from marinelayer.security.requirement import Acl, ObjectOwnership, PublicAccessBlock
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.s3.blobs import later
from marinelayer.services.s3.bucket import (
    BLOCK_MEMBERS,
    acl_text,
    bucket_of,
    private_acl,
    read_account_block,
    read_bucket,
    the_bucket,
)
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.configurations import delete_configurations, put_configuration
from marinelayer.services.s3.defaults import S3Defaults
from marinelayer.services.s3.encrypting import CUSTOMER_KEYS_BLOCKED
from marinelayer.services.s3.errors import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    HeaderNotImplemented,
    InvalidBucketAclWithBlockPublicAccessError,
    InvalidBucketAclWithObjectOwnership,
    VersionedBucketNotEmpty,
)
from marinelayer.services.s3.grants import given_bucket_acl
from marinelayer.services.s3.names import bucket_arn, check_accounts_bucket_name, check_bucket_name
from marinelayer.services.s3.needs import on_bucket, to_create_bucket
from marinelayer.services.s3.owners import Owners
from marinelayer.services.s3.regions import HOME, check_listed_region, region_of_new_bucket, shown_region
from marinelayer.services.s3.statements import SQL
from marinelayer.services.s3.tags import check_tags_of_new_bucket

if TYPE_CHECKING:
    from marinelayer.model.types.s3 import (
        CreateBucketRequest,
        DeleteBucketRequest,
        GetBucketLocationRequest,
        HeadBucketRequest,
        ListBucketsRequest,
        Tag,
    )

ABORT_UPLOADS = "s3.uploads.abort"
MAX_BUCKETS = 10_000
OWNERSHIPS: tuple[ObjectOwnership, ...] = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
ALL_BLOCKED = PublicAccessBlock(
    block_public_acls=True, ignore_public_acls=True, block_public_policy=True, restrict_public_buckets=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBucket:
    """A bucket to be made."""

    name: str
    account: str
    region: str
    created: int
    acl: Acl
    ownership: ObjectOwnership | None
    block: PublicAccessBlock | None
    tags: Sequence[Tag] = ()
    blocks_customer_keys: bool = False
    lock: bool = False


def create_bucket(tx: Transaction, new: NewBucket, *, endpoint: str) -> None:
    """Make a bucket. The owner who makes one of us-east-1 again, there and without tags, only sets its ACL anew.

    Raises:
        BucketAlreadyExists, BucketAlreadyOwnedByYou: the name is taken.
        InvalidBucketAclWithBlockPublicAccessError: its ACL is public, and the account or the bucket refuses these.
    """
    row = tx.one(SQL.bucket_named, name=new.name)
    if row is not None:
        if row["account"] != new.account:
            raise BucketAlreadyExists(BucketName=new.name)
        if row["region"] != HOME or endpoint != HOME or new.tags:
            raise BucketAlreadyOwnedByYou(BucketName=new.name)
        bucket = read_bucket(row)
        if bucket.blocks_public_acls and is_public(new.acl):
            raise InvalidBucketAclWithBlockPublicAccessError
        if not bucket.acls_disabled:
            tx.run(SQL.set_bucket_acl, bucket_id=row["bucket_id"], acl=acl_text(new.acl))
        return
    if is_public(new.acl) and _account_blocks_public_acls(tx, new.account):
        raise InvalidBucketAclWithBlockPublicAccessError
    counted = tx.one(SQL.next_bucket_id)
    if counted is None:
        raise RuntimeError("the counter of buckets gave no number")
    block = asdict(new.block) if new.block else dict.fromkeys(BLOCK_MEMBERS.values())
    tx.run(
        SQL.insert_bucket,
        bucket_id=counted["value"],
        name=new.name,
        account=new.account,
        region=new.region,
        created=new.created,
        owner=new.acl.owner,
        acl=acl_text(new.acl),
        ownership=new.ownership,
        **{column: None if value is None else int(value) for column, value in block.items()},
    )
    _configure(tx, new)


def _configure(tx: Transaction, new: NewBucket) -> None:
    bucket = bucket_of(tx, new.name, None)
    if new.blocks_customer_keys:
        put_configuration(tx, bucket, "encryption", CUSTOMER_KEYS_BLOCKED, new.created)
    if new.lock:
        tx.run(SQL.set_versioning, bucket_id=bucket.bucket_id, versioning="Enabled")
        put_configuration(tx, bucket, "object-lock", {"ObjectLockEnabled": "Enabled"}, new.created)
    if new.tags:
        put_configuration(tx, bucket, "tagging", {"TagSet": list(new.tags)}, new.created)


def _account_blocks_public_acls(tx: Transaction, account: str) -> bool:
    row = tx.one(SQL.account_block, account=account)
    return row is not None and read_account_block(row["switches"]).block_public_acls


def delete_bucket(tx: Transaction, request: DeleteBucketRequest, now: int) -> None:
    """Remove an empty bucket; its unfinished uploads are given up by a job.

    Raises:
        BucketNotEmpty: it has objects, or versions of them.
    """
    bucket = the_bucket(tx, request)
    if tx.one(SQL.any_version, bucket_id=bucket.bucket_id) is not None:
        refusal = BucketNotEmpty if bucket.versioning is None else VersionedBucketNotEmpty
        raise refusal(BucketName=bucket.name)
    delete_configurations(tx, bucket)
    tx.run(SQL.delete_bucket, bucket_id=bucket.bucket_id)
    if tx.all(SQL.uploads_of_bucket, bucket_id=bucket.bucket_id, limit=1):
        later(tx, ABORT_UPLOADS, str(bucket.bucket_id), now)


def list_buckets(
    tx: Transaction, account: str, *, prefix: str, after: str, region: str | None, limit: int
) -> list[Row]:
    """The account's buckets by name, one more than `limit` where there are more."""
    if not (prefix.isascii() and prefix.isprintable()):
        return []
    return tx.all(
        SQL.buckets_of_account,
        account=account,
        prefix=prefix,
        after=after,
        end=f"{prefix}\x7f",
        any_region=int(region is None),
        region=region or "",
        limit=limit + 1,
    )


def has_buckets(tx: Transaction, account: str) -> bool:
    """Whether the account owns a bucket."""
    return bool(list_buckets(tx, account, prefix="", after="", region=None, limit=0))


class Buckets:
    """Making, finding and removing buckets."""

    def __init__(self, tables: Tables, clock: Clock, tokens: PageTokens, owners: Owners, defaults: S3Defaults) -> None:
        self._tables = tables
        self._clock = clock
        self._tokens = tokens
        self._owners = owners
        self._defaults = defaults

    @operation("CreateBucket", needs=to_create_bucket)
    async def create(self, caller: Caller, request: CreateBucketRequest) -> dict[str, Any]:
        """Make a bucket for the caller's account.

        `classic` defaults accept ACLs, as new buckets did until April 2023; with `current` ones the bucket's owner owns
        every object and public access is blocked, unless the request says otherwise.
        """
        name = request["Bucket"]
        in_namespace = _accounts_namespace(request)
        if not in_namespace:
            check_bucket_name(name)
        _refuse_unserved(request)
        region = region_of_new_bucket(request, caller.region)
        if in_namespace:
            check_accounts_bucket_name(name, caller.account, region)
        owner = caller.principal.canonical_id
        given = given_bucket_acl(request, owner)
        tags = (request.get("CreateBucketConfiguration") or {}).get("Tags") or []
        check_tags_of_new_bucket(tags)
        new = NewBucket(
            name=name,
            account=caller.account,
            region=region,
            created=self._clock.now(),
            acl=given or private_acl(owner),
            ownership=self._ownership(request),
            block=ALL_BLOCKED if self._defaults == "current" else None,
            tags=tags,
            # "Starting April 2026, Amazon S3 automatically disables SSE-C for all new general purpose buckets".
            blocks_customer_keys=self._defaults == "current",
            lock=bool(request.get("ObjectLockEnabledForBucket")),
        )
        if given is not None:
            if new.ownership == "BucketOwnerEnforced" and given != private_acl(owner):
                raise InvalidBucketAclWithObjectOwnership
            if new.block is not None and is_public(given):
                raise InvalidBucketAclWithBlockPublicAccessError
        await self._tables.write(create_bucket, new, endpoint=caller.region)
        location = f"/{name}" if in_namespace or region == HOME else f"http://{name}.s3.amazonaws.com/"
        return {"Location": location, "BucketArn": bucket_arn(request)}

    def _ownership(self, request: CreateBucketRequest) -> ObjectOwnership | None:
        asked = request.get("ObjectOwnership")
        if asked is None:
            return "BucketOwnerEnforced" if self._defaults == "current" else None
        return ownership_named(asked)

    @operation("ListBuckets", needs=need("s3:ListAllMyBuckets"))
    async def list_buckets(self, caller: Caller, request: ListBucketsRequest) -> dict[str, Any]:
        """The account's buckets by name; in pages where `MaxBuckets` asks for them."""
        limit = _page_size(request)
        scope = f"s3.ListBuckets/{caller.account}"
        prefix = request.get("Prefix", "")
        try:
            after = self._tokens.position(request.get("ContinuationToken") or None, scope)
        except ForgedTokenError:
            raise InvalidArgument(
                "The continuation token provided is incorrect",
                ArgumentName="continuation-token",
                ArgumentValue=request.get("ContinuationToken", ""),
            ) from None
        region = request.get("BucketRegion")
        if region is not None:
            check_listed_region(region)
        rows = await self._tables.read(
            list_buckets, caller.account, prefix=prefix, after=after, region=region, limit=limit
        )
        page = rows[:limit]
        owner = caller.principal.canonical_id
        with_region = any(member in request for member in ("MaxBuckets", "ContinuationToken", "Prefix", "BucketRegion"))
        output: dict[str, Any] = {
            "Buckets": [_entry(row, with_region=with_region) for row in page],
            "Owner": (await self._owners.named((owner,))).owner(owner),
        }
        if "Prefix" in request:
            output["Prefix"] = prefix
        if len(rows) > limit:
            output["ContinuationToken"] = self._tokens.seal(page[-1]["name"], scope)
        return output

    @operation("HeadBucket", needs=on_bucket("s3:ListBucket"), anonymous=True)
    async def head(self, caller: Caller, request: HeadBucketRequest) -> dict[str, Any]:
        """Whether there is such a bucket, and its region."""
        bucket = await self._tables.read(the_bucket, request)
        return {
            "BucketArn": bucket_arn(request),
            "BucketRegion": shown_region(bucket.region),
            "AccessPointAlias": False,
        }

    @operation("DeleteBucket", needs=on_bucket("s3:DeleteBucket"), anonymous=True)
    async def delete(self, caller: Caller, request: DeleteBucketRequest) -> None:
        """Remove an empty bucket. Its name is free at once."""
        await self._tables.write(delete_bucket, request, self._clock.now())

    @operation("GetBucketLocation", needs=on_bucket("s3:GetBucketLocation"), anonymous=True)
    async def location(self, caller: Caller, request: GetBucketLocationRequest) -> dict[str, Any]:
        """The location constraint that the bucket was made with: none in us-east-1."""
        bucket = await self._tables.read(the_bucket, request)
        return {} if bucket.region == HOME else {"LocationConstraint": bucket.region}


def ownership_named(asked: str) -> ObjectOwnership:
    """An object ownership by its name. Raises InvalidArgument."""
    if asked not in OWNERSHIPS:
        raise InvalidArgument(f"Invalid x-amz-object-ownership header: {asked}", ArgumentName="x-amz-object-ownership")
    return asked


def _accounts_namespace(request: CreateBucketRequest) -> bool:
    """Whether the bucket is to be in its account's own namespace. Raises InvalidArgument."""
    namespace = request.get("BucketNamespace", "global")
    if namespace not in ("global", "account-regional"):
        raise InvalidArgument(
            f"Invalid x-amz-bucket-namespace header: {namespace}",
            ArgumentName="x-amz-bucket-namespace",
            ArgumentValue=namespace,
        )
    return namespace == "account-regional"


def _refuse_unserved(request: CreateBucketRequest) -> None:
    configuration = request.get("CreateBucketConfiguration") or {}
    if any(member in configuration for member in ("Location", "Bucket")):
        raise HeaderNotImplemented("Directory buckets are not implemented here.")


def _page_size(request: ListBucketsRequest) -> int:
    asked = request.get("MaxBuckets", MAX_BUCKETS)
    if not 1 <= asked <= MAX_BUCKETS:
        raise InvalidArgument(
            f"Argument max-buckets must be an integer between 1 and {MAX_BUCKETS}",
            ArgumentName="max-buckets",
            ArgumentValue=str(asked),
        )
    return asked


def _entry(row: Row, *, with_region: bool) -> dict[str, Any]:
    name: str = row["name"]
    entry: dict[str, Any] = {
        "Name": name,
        "CreationDate": moment(row["created"]),
        "BucketArn": bucket_arn({"Bucket": name}),
    }
    if with_region:
        entry["BucketRegion"] = shown_region(row["region"])
    return entry
