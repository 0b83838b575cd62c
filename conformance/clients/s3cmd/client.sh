# s3cmd: sync up, list, copy, move, sync down and compare; refused with a wrong secret.
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
host=${AWS_ENDPOINT_URL#http://}
cat > "$out/config" << END
[default]
access_key = $AWS_ACCESS_KEY_ID
secret_key = $AWS_SECRET_ACCESS_KEY
host_base = $host
host_bucket = $host
bucket_location = us-east-1
use_https = False
END
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
ask() { s3cmd -c "$out/config" --no-progress --quiet "$@"; }
count=$(find "$FILES" -type f | wc -l)
ask sync "$FILES/" "s3://$BUCKET/files/"
test "$(s3cmd -c "$out/config" ls -r "s3://$BUCKET/files/" | wc -l)" -eq "$count"
test -z "$(s3cmd -c "$out/config" sync "$FILES/" "s3://$BUCKET/files/" | grep '^upload' || true)"
ask cp -r "s3://$BUCKET/files/" "s3://$BUCKET/copied/"
ask mv -r "s3://$BUCKET/copied/" "s3://$BUCKET/moved/"
test -z "$(s3cmd -c "$out/config" ls -r "s3://$BUCKET/copied/")"
mkdir "$out/back"
ask sync "s3://$BUCKET/moved/" "$out/back/"
diff -r "$FILES" "$out/back"
ask del -r -f "s3://$BUCKET/moved/"
if s3cmd -c "$out/config" --secret_key="$WRONG_SECRET" ls "s3://$BUCKET" 2> "$out/refusal"; then
  echo "a wrong secret was let in" >&2
  exit 1
fi
grep -q SignatureDoesNotMatch "$out/refusal"
