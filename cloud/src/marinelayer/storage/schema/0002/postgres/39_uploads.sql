-- S3: what the key of an upload had when it was begun: the place and the blob of its object, '' for none. NULL where the
-- upload is older than this column.
ALTER TABLE uploads ADD COLUMN replaces TEXT COLLATE "C";
