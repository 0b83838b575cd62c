"""DuckDB with its extension httpfs: 1,000 CSV files written, globbed and read as one, and a table as Parquet."""

from pathlib import Path

import duckdb
import tree

extension = next((Path(duckdb.__file__).parents[1] / "duckdb_ext").rglob("httpfs.duckdb_extension"))


def connected(secret: str) -> duckdb.DuckDBPyConnection:
    """A connection that reaches the cloud with this secret."""
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    connection.execute(
        f"CREATE SECRET (TYPE s3, KEY_ID '{tree.KEY_ID}', SECRET '{secret}', REGION 'us-east-1',"
        f" ENDPOINT '{tree.ENDPOINT.partition('://')[2]}', URL_STYLE 'path', USE_SSL false)"
    )
    return connection


db = connected(tree.SECRET)
for number in range(1000):
    db.execute(f"COPY (SELECT {number} AS n, 'ü{number}' AS word) TO 's3://{tree.BUCKET}/csv/{number:04}.csv' (HEADER)")
csv = f"read_csv('s3://{tree.BUCKET}/csv/*.csv')"
assert db.execute(f"SELECT count(*), sum(n) FROM {csv}").fetchone() == (1000, sum(range(1000)))
db.execute(f"COPY (SELECT * FROM {csv}) TO 's3://{tree.BUCKET}/all.parquet'")
assert db.execute(f"SELECT n FROM 's3://{tree.BUCKET}/all.parquet' WHERE word = 'ü7'").fetchall() == [(7,)]
assert len(db.execute(f"FROM glob('s3://{tree.BUCKET}/**')").fetchall()) == 1001
try:
    connected(tree.WRONG_SECRET).execute(f"SELECT * FROM 's3://{tree.BUCKET}/all.parquet'")
except duckdb.Error as error:
    assert "403" in str(error), error
else:
    raise AssertionError("a wrong secret was let in")
