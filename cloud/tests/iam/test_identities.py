"""An identity is what the tables say now: its key, its user, its policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marinelayer.services.iam import (
    AccountExistsError,
    RootKey,
    accounts,
    create_account,
    export_accounts,
    import_accounts,
    prepare_account,
)

READ = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
)


async def test_the_root_key_names_the_root_of_its_account(account: Any) -> None:
    identity = await account.identities.by_access_key(account.root_key.access_key_id)
    assert identity.principal.kind == "root"
    assert identity.principal.arn == "arn:aws:iam::320333787981:root"
    assert identity.principal.unique_id == identity.principal.account == "320333787981"
    assert len(identity.principal.canonical_id) == 64
    assert identity.secret_key == account.root_key.secret
    assert identity.policies == ()
    assert account.root_key.secret not in repr(identity)


async def test_a_users_key_names_the_user_with_all_policies(account: Any) -> None:
    key = await account.user("ann", READ, Path="/team/", Tags=[{"Key": "Dept", "Value": "street's"}])
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="another", PolicyDocument=READ)
    identity = await account.identities.by_access_key(key)
    principal = identity.principal
    assert (principal.kind, principal.name, principal.path) == ("user", "ann", "/team/")
    assert principal.arn == "arn:aws:iam::320333787981:user/team/ann"
    assert principal.unique_id.startswith("AIDA")
    assert principal.tags == {"Dept": "street's"}
    assert [(policy.name, policy.kind, policy.text) for policy in identity.policies] == [
        ("another", "inline", READ),
        ("given", "inline", READ),
    ]


async def test_a_changed_policy_counts_from_the_next_request_on(account: Any) -> None:
    key = await account.user("ann", READ)
    assert len((await account.identities.by_access_key(key)).policies) == 1
    await account.ask("DeleteUserPolicy", UserName="ann", PolicyName="given")
    assert (await account.identities.by_access_key(key)).policies == ()


async def test_an_identity_is_read_in_one_statement(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    key = await account.user("ann", READ)
    statements: list[str] = []
    read = account.tables.read

    async def counted(function: Any, *args: Any, **kwargs: Any) -> Any:
        def counting(tx: Any, *inner: Any, **named: Any) -> Any:
            class Counter:
                def all(self, statement: Any, **values: Any) -> Any:
                    statements.append(statement.name)
                    return tx.all(statement, **values)

            return function(Counter(), *inner, **named)

        return await read(counting, *args, **kwargs)

    monkeypatch.setattr(account.tables, "read", counted)
    await account.identities.by_access_key(key)
    assert len(statements) == 1


@pytest.mark.parametrize("key", ["AKIAABSENT0000000000", "", "x" * 5000, "AKIA\0", "AKIA' OR '1'='1", "ключ"])
async def test_a_key_that_no_one_has_names_no_one(account: Any, key: str) -> None:
    assert await account.identities.by_access_key(key) is None


async def test_a_switched_off_key_is_told_apart(account: Any) -> None:
    key = await account.user("ann")
    await account.ask("UpdateAccessKey", UserName="ann", AccessKeyId=key, Status="Inactive")
    assert (await account.identities.by_access_key(key)).active is False
    await account.ask("UpdateAccessKey", UserName="ann", AccessKeyId=key, Status="Active")
    assert (await account.identities.by_access_key(key)).active is True


async def test_a_secret_is_stored_wrapped_and_bound_to_its_key(account: Any) -> None:
    (exported,) = await account.tables.read(export_accounts)
    (key,) = exported.root_keys
    assert account.root_key.secret.encode() not in key.secret
    assert account.keyring.unwrap(key.secret, f"access-key:{key.access_key_id}") == account.root_key.secret.encode()
    with pytest.raises(ValueError):
        account.keyring.unwrap(key.secret, "access-key:AKIAANOTHER000000000")


async def test_unique_ids_are_those_of_whoever_has_the_name_now(account: Any) -> None:
    await account.user("ann", Path="/team/")
    arn = "arn:aws:iam::320333787981:user/team/ann"
    root = "arn:aws:iam::320333787981:root"
    absent = [
        "arn:aws:iam::320333787981:user/ann",
        "arn:aws:iam::320333787981:user/team/bob",
        "arn:aws:iam::999999999999:root",
        "arn:aws:iam::320333787981:role/team/ann",
        "*",
    ]
    first = await account.identities.unique_ids([arn, root, *absent])
    assert first.keys() == {arn, root}
    assert first[root] == "320333787981"
    for key in (await account.ask("ListAccessKeys", UserName="ann"))["AccessKeyMetadata"]:
        await account.ask("DeleteAccessKey", UserName="ann", AccessKeyId=key["AccessKeyId"])
    await account.ask("DeleteUser", UserName="ann")
    assert await account.identities.unique_ids([arn]) == {}
    await account.user("ann", Path="/team/")
    assert (await account.identities.unique_ids([arn]))[arn] != first[arn]


async def test_a_display_name_is_the_name_of_the_account_with_that_canonical_id(account: Any) -> None:
    named, _ = prepare_account(
        "999999999999", keyring=account.keyring, ids=account.ids, clock=account.clock, name="ann"
    )
    nameless, _ = prepare_account("888888888888", keyring=account.keyring, ids=account.ids, clock=account.clock)
    for one in (named, nameless):
        await account.tables.write(create_account, one)
    found = await account.identities.display_names([named.canonical_id, nameless.canonical_id, "0" * 64, "ann"])
    assert found == {named.canonical_id: "ann"}


async def test_accounts_and_root_keys_survive_a_reset(account: Any, tmp_path: Any) -> None:
    from marinelayer.storage.sqlite import SqliteTables

    await account.user("ann")
    second = await account.open("111122223333")
    exported = await account.tables.read(export_accounts)
    fresh = SqliteTables(tmp_path / "fresh.db")
    try:
        await fresh.write(import_accounts, exported)
        from marinelayer.services.iam import IamIdentities

        identities = IamIdentities(fresh, account.keyring)
        for key in (account.root_key, second):
            assert (await identities.by_access_key(key.access_key_id)).secret_key == key.secret  # type: ignore[union-attr]
        assert [one.account for one in await fresh.read(accounts)] == ["111122223333", "320333787981"]
        assert await fresh.read(export_accounts) == exported
    finally:
        await fresh.close()


async def test_a_root_key_can_be_given(account: Any) -> None:
    given = RootKey(access_key_id="AKIAGIVENGIVENGIVEN1", secret="a-secret-of-the-owners-choice")
    made, key = prepare_account(
        "111122223333", keyring=account.keyring, ids=account.ids, clock=account.clock, root_key=given
    )
    assert key == given
    assert "owners-choice" not in repr(made) + repr(key)
    await account.tables.write(create_account, made)
    identity = await account.identities.by_access_key("AKIAGIVENGIVENGIVEN1")
    assert identity.secret_key == "a-secret-of-the-owners-choice"
    assert identity.principal.account == "111122223333"


async def test_an_account_is_made_once(account: Any) -> None:
    with pytest.raises(AccountExistsError):
        await account.open()
    taken, _ = prepare_account(
        "111122223333", keyring=account.keyring, ids=account.ids, clock=account.clock, root_key=account.root_key
    )
    with pytest.raises(AccountExistsError):
        await account.tables.write(create_account, taken)
    assert len(await account.tables.read(accounts)) == 1
