"""Nobody may do anything that was not allowed: proven for every operation that the cloud serves.

Each operation is asked with a request that would succeed or fail at something else if it were allowed, about things that
exist; that is shown for each beside its refusals, so that none of these says nothing.
"""

import pkgutil

import pytest

import marinelayer.services
from marinelayer.model.service import load_service
from marinelayer.services.operation import NoPermission

from .declared import SERVICES, declared_operations
from .permissions import PERMISSIONS
from .world import ACCOUNT, World

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
SERVED = declared_operations()
ELSEWHERE = ["arn:aws:s3:::other*", f"arn:aws:sns:*:{ACCOUNT}:other*", f"arn:aws:iam::{ACCOUNT}:*/other*"]


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
