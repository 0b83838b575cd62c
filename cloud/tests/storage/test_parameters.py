from __future__ import annotations

import pytest

from marinelayer.storage.migrations import migrations, pending
from marinelayer.storage.parameters import parameter_names, replace_parameters


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT :a, :b_2, :a", ("a", "b_2")),
        ("SELECT ':a', 'it''s :a', :b", ("b",)),
        ('SELECT ":a", "x"":a", :b', ("b",)),
        ("SELECT 1 -- :a\n, :b", ("b",)),
        ("SELECT /* :a\n :c */ :b", ("b",)),
        ("SELECT :b::bigint, '1'::text", ("b",)),
        ("SELECT x[1:2]", ()),
        ("INSERT INTO t VALUES (:a,:b)ON CONFLICT(a)DO UPDATE SET b=:b", ("a", "b")),
        ("SELECT '-- :a', :b -- ' :c", ("b",)),
    ],
)
def test_parameters_stand_outside_text_names_comments_and_casts(sql: str, names: tuple[str, ...]) -> None:
    assert parameter_names(sql) == names


def test_only_parameters_are_replaced() -> None:
    sql = "SELECT :a::text, ':a' /* :a */, :b -- :b"
    assert replace_parameters(sql, lambda name: f"<{name}>") == "SELECT <a>::text, ':a' /* :a */, <b> -- :b"


def test_both_dialects_have_the_same_migrations_and_files() -> None:
    sqlite, postgres = migrations("sqlite"), migrations("postgres")
    assert [migration.version for migration in sqlite] == [migration.version for migration in postgres]
    assert [len(migration.scripts) for migration in sqlite] == [len(migration.scripts) for migration in postgres]


def test_a_database_that_is_up_to_date_needs_nothing() -> None:
    newest = migrations("sqlite")[-1].version
    assert pending("sqlite", newest, "it") == ()
    assert pending("sqlite", 0, "it") == migrations("sqlite")
