-- Restores of archived versions. restoring: JSON, the restore under way; restored_until (30_s3.sql): the end of the restored copy.
ALTER TABLE versions ADD COLUMN restoring TEXT;
