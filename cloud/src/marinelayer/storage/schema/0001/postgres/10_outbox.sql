-- What must happen later. A job that is done has no row.
-- state: 'ready' (the first of its group), 'behind' (an earlier job of its group is not done yet), 'dead' (given up).
-- due: when it may be taken next; while a lease is held, when the lease ends. lease: who holds it.
CREATE TABLE outbox (
    seq        BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id     TEXT COLLATE "C" NOT NULL UNIQUE,
    kind       TEXT COLLATE "C" NOT NULL,
    ordering   TEXT COLLATE "C" NOT NULL,
    payload    BYTEA   NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('ready', 'behind', 'dead')),
    due        BIGINT  NOT NULL,
    attempts   BIGINT  NOT NULL DEFAULT 0,
    lease      TEXT COLLATE "C",
    last_error TEXT COLLATE "C" NOT NULL DEFAULT ''
);

CREATE INDEX outbox_ready ON outbox (kind, due, seq) WHERE state = 'ready';
CREATE INDEX outbox_group ON outbox (ordering, state, seq);
