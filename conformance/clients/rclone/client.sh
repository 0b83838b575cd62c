# rclone: sync up, list, copy, move, sync down and check; refused with a wrong secret.
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export RCLONE_CONFIG="$out/none" RCLONE_CONFIG_ML_TYPE=s3 RCLONE_CONFIG_ML_PROVIDER=Other RCLONE_CONFIG_ML_REGION=us-east-1
export RCLONE_CONFIG_ML_ENV_AUTH=true RCLONE_CONFIG_ML_ENDPOINT="$AWS_ENDPOINT_URL" RCLONE_CONFIG_ML_FORCE_PATH_STYLE=true
touch "$out/none"
count=$(find "$FILES" -type f | wc -l)
rclone sync "$FILES" "ml:$BUCKET/files"
test "$(rclone lsf -R --files-only "ml:$BUCKET/files" | wc -l)" -eq "$count"
rclone check --checksum "$FILES" "ml:$BUCKET/files"
rclone sync "$FILES" "ml:$BUCKET/files" --stats-one-line -v 2>&1 | grep -q 'nothing to transfer'
rclone copy "ml:$BUCKET/files" "ml:$BUCKET/copied"
rclone move "ml:$BUCKET/copied" "ml:$BUCKET/moved"
test -z "$(rclone lsf -R --files-only "ml:$BUCKET/copied")"
rclone sync "ml:$BUCKET/moved" "$out/back"
diff -r "$FILES" "$out/back"
rclone purge "ml:$BUCKET/moved"
if AWS_SECRET_ACCESS_KEY=$WRONG_SECRET rclone lsf "ml:$BUCKET" --retries 1 --low-level-retries 1 2> "$out/refusal"; then
  echo "a wrong secret was let in" >&2
  exit 1
fi
grep -q SignatureDoesNotMatch "$out/refusal"
