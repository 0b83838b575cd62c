-- Replication. replicas: JSON, the status of a version in each bucket that it is copied to; replication (30_s3.sql): of all.
ALTER TABLE versions ADD COLUMN replicas TEXT;
