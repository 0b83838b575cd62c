-- Every message that went out, or would have. `links`: JSON, a list of addresses.
-- `state`: 'caught' (there is no relay), 'queued', 'relayed' or 'failed'; `error`: what the relay said last.
CREATE TABLE inbox (
    message_id      TEXT    NOT NULL PRIMARY KEY,
    account         TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    recipient       TEXT    NOT NULL,
    sender          TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    text            TEXT    NOT NULL,
    links           TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    error           TEXT    NOT NULL,
    created         INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_by_time ON inbox (created, message_id);
CREATE INDEX inbox_by_account ON inbox (account, created, message_id);
