-- name: account_block
SELECT switches FROM account_public_access_blocks WHERE account = :account

-- name: put_account_block
INSERT INTO account_public_access_blocks (account, switches) VALUES (:account, :switches)
ON CONFLICT (account) DO UPDATE SET switches = excluded.switches

-- name: delete_account_block
DELETE FROM account_public_access_blocks WHERE account = :account
