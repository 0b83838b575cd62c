-- name: put
INSERT INTO outbox (job_id, kind, ordering, payload, state, due)
VALUES (
    :job_id, :kind, :ordering, :payload,
    CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE ordering = :ordering AND state = 'ready') THEN 'behind' ELSE 'ready' END,
    :due
)
ON CONFLICT (job_id) DO NOTHING;

-- name: take_over
-- Leases of processes that are gone: due at once.
UPDATE outbox SET due = :now, lease = NULL WHERE state = 'ready' AND lease IS NOT NULL AND lease <> :owner;

-- name: claim
UPDATE outbox
SET lease = :owner, due = :lease_until, attempts = attempts + 1
WHERE seq IN (
    SELECT seq FROM outbox WHERE kind = :kind AND state = 'ready' AND due <= :now ORDER BY due, seq LIMIT :n
)
RETURNING seq, job_id, kind, ordering, payload, attempts;

-- name: next_due
SELECT due FROM outbox WHERE kind = :kind AND state = 'ready' ORDER BY due LIMIT 1;

-- name: renew
UPDATE outbox SET due = :lease_until WHERE job_id = :job_id AND lease = :owner;

-- name: done
DELETE FROM outbox WHERE job_id = :job_id AND lease = :owner;

-- name: retry
UPDATE outbox SET lease = NULL, due = :due, last_error = :error WHERE job_id = :job_id AND lease = :owner;

-- name: give_up
UPDATE outbox SET lease = NULL, state = 'dead', due = :now, last_error = :error
WHERE job_id = :job_id AND lease = :owner;

-- name: promote
-- The group's next one, now that its first is done or dead.
UPDATE outbox SET state = 'ready'
WHERE seq = (SELECT seq FROM outbox WHERE ordering = :ordering AND state = 'behind' ORDER BY seq LIMIT 1);

-- name: waiting
SELECT count(*) AS n FROM outbox WHERE kind = :kind AND state IN ('ready', 'behind');

-- name: dead
SELECT job_id, kind, ordering, payload, attempts, due AS died, last_error FROM outbox
WHERE state = 'dead' ORDER BY due DESC, seq DESC LIMIT :n;
