# aws-cli: sync up, list, copy, move, sync down and compare; refused with a wrong secret.
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
count=$(find "$FILES" -type f | wc -l)
aws s3 sync "$FILES" "s3://$BUCKET/files" --only-show-errors
test "$(aws s3 ls "s3://$BUCKET/files/" --recursive | wc -l)" -eq "$count"
test -z "$(aws s3 sync "$FILES" "s3://$BUCKET/files")"
aws s3 cp "s3://$BUCKET/files" "s3://$BUCKET/copied" --recursive --only-show-errors
aws s3 mv "s3://$BUCKET/copied" "s3://$BUCKET/moved" --recursive --only-show-errors
if aws s3 ls "s3://$BUCKET/copied/"; then echo "what was moved is still there" >&2; exit 1; fi
aws s3 sync "s3://$BUCKET/moved" "$out/back" --only-show-errors
diff -r "$FILES" "$out/back"
aws s3 rm "s3://$BUCKET/moved" --recursive --only-show-errors
aws s3api head-object --bucket "$BUCKET" --key moved/none 2>&1 | grep -q 404
aws sts get-caller-identity | grep -q Arn
if AWS_SECRET_ACCESS_KEY=$WRONG_SECRET aws s3api list-buckets 2> "$out/refusal"; then
  echo "a wrong secret was let in" >&2
  exit 1
fi
grep -q SignatureDoesNotMatch "$out/refusal"
