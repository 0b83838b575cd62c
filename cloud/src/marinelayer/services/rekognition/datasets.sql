-- name: put_dataset
INSERT INTO rekognition_datasets (arn, project_arn, kind, status, message, code, next_number, created, updated)
VALUES (:arn, :project_arn, :kind, :status, :message, :code, 0, :now, :now)
ON CONFLICT DO NOTHING

-- name: dataset
SELECT arn, project_arn, kind, status, message, code, next_number, created, updated FROM rekognition_datasets
WHERE arn = :arn

-- name: datasets
SELECT arn, project_arn, kind, status, message, code, next_number, created, updated FROM rekognition_datasets
WHERE project_arn = :project_arn ORDER BY created, arn

-- name: set_status
UPDATE rekognition_datasets SET status = :status, message = :message, code = :code, updated = :now WHERE arn = :arn

-- name: delete_dataset
DELETE FROM rekognition_datasets WHERE arn = :arn

-- name: next_number
UPDATE rekognition_datasets SET next_number = next_number + 1 WHERE arn = :arn RETURNING next_number

-- name: entry_number
SELECT number FROM rekognition_entries WHERE dataset_arn = :arn AND source_ref = :source_ref

-- name: put_entry
INSERT INTO rekognition_entries (dataset_arn, number, source_ref, line, is_labeled, has_errors)
VALUES (:arn, :number, :source_ref, :line, :is_labeled, :has_errors)

-- name: delete_entry
DELETE FROM rekognition_entries WHERE dataset_arn = :arn AND number = :number

-- name: put_entry_label
INSERT INTO rekognition_entry_labels (dataset_arn, number, label, boxed) VALUES (:arn, :number, :label, :boxed)

-- name: delete_entry_labels
DELETE FROM rekognition_entry_labels WHERE dataset_arn = :arn AND number = :number

-- name: entries
-- In their order, behind a number; -1 stands for no filter.
SELECT number, source_ref, line, is_labeled, has_errors FROM rekognition_entries
WHERE dataset_arn = :arn AND number > :after
  AND (:is_labeled = -1 OR is_labeled = :is_labeled) AND (:has_errors = -1 OR has_errors = :has_errors)
ORDER BY number LIMIT :size

-- name: entry_labels
SELECT number, label, boxed FROM rekognition_entry_labels
WHERE dataset_arn = :arn AND number > :after AND number <= :last ORDER BY number, label

-- name: statistics
SELECT count(*) AS total, COALESCE(SUM(is_labeled), 0) AS labeled, COALESCE(SUM(has_errors), 0) AS errors
FROM rekognition_entries WHERE dataset_arn = :arn

-- name: count_labels
SELECT count(DISTINCT label) AS labels FROM rekognition_entry_labels WHERE dataset_arn = :arn

-- name: labels
SELECT label, count(*) AS entries, SUM(boxed) AS boxed FROM rekognition_entry_labels
WHERE dataset_arn = :arn AND label > :after GROUP BY label ORDER BY label LIMIT :size

-- name: count_from
-- New entries get numbers behind those that came from another dataset.
UPDATE rekognition_datasets
SET next_number = (SELECT next_number FROM rekognition_datasets WHERE arn = :source) WHERE arn = :arn
