-- S3 Control: the public access blocks of accounts that have one. switches: AWS's members that are on, parted by blanks.
CREATE TABLE account_public_access_blocks (
    account  TEXT NOT NULL PRIMARY KEY,
    switches TEXT NOT NULL
) STRICT, WITHOUT ROWID;
