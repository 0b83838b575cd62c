-- What must happen later. A job that is done has no row.
-- state: 'ready' (the first of its group), 'behind' (an earlier job of its group is not done yet), 'dead' (given up).
-- due: when it may be taken next; while a lease is held, when the lease ends. lease: who holds it.
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id     TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,
    ordering   TEXT    NOT NULL,
    payload    BLOB    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('ready', 'behind', 'dead')),
    due        INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    lease      TEXT,
    last_error TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX outbox_ready ON outbox (kind, due, seq) WHERE state = 'ready';
CREATE INDEX outbox_group ON outbox (ordering, state, seq);
