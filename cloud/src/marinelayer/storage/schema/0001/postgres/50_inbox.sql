-- Every message that went out, or would have. `links`: JSON, a list of addresses.
-- `state`: 'caught' (there is no relay), 'queued', 'relayed' or 'failed'; `error`: what the relay said last.
CREATE TABLE inbox (
    message_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account         TEXT COLLATE "C" NOT NULL,
    channel         TEXT COLLATE "C" NOT NULL,
    recipient       TEXT COLLATE "C" NOT NULL,
    sender          TEXT COLLATE "C" NOT NULL,
    subject         TEXT COLLATE "C" NOT NULL,
    text            TEXT COLLATE "C" NOT NULL,
    links           TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    error           TEXT COLLATE "C" NOT NULL,
    created         BIGINT           NOT NULL
);
CREATE INDEX inbox_by_time ON inbox (created, message_id);
CREATE INDEX inbox_by_account ON inbox (account, created, message_id);
