# mc: mirror up, list, copy, move, mirror down and compare; refused with a wrong secret.
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export MC_CONFIG_DIR="$out/config"
count=$(find "$FILES" -type f | wc -l)
mc alias set ml "$AWS_ENDPOINT_URL" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" --api S3v4 > /dev/null
mc mirror --quiet "$FILES" "ml/$BUCKET/files" > /dev/null
test "$(mc find "ml/$BUCKET/files" | wc -l)" -eq "$count"
test -z "$(mc diff "$FILES" "ml/$BUCKET/files")"
mc cp --quiet --recursive "ml/$BUCKET/files/" "ml/$BUCKET/copied/" > /dev/null
mc mv --quiet --recursive "ml/$BUCKET/copied/" "ml/$BUCKET/moved/" > /dev/null
test -z "$(mc ls "ml/$BUCKET/" | grep copied || true)"
mc mirror --quiet "ml/$BUCKET/moved" "$out/back" > /dev/null
diff -r "$FILES" "$out/back"
mc rm --quiet --recursive --force "ml/$BUCKET/moved" > /dev/null
mc alias set wrong "$AWS_ENDPOINT_URL" "$AWS_ACCESS_KEY_ID" "$WRONG_SECRET" --api S3v4 > /dev/null
if mc ls "wrong/$BUCKET" > "$out/refusal" 2>&1; then
  echo "a wrong secret was let in" >&2
  exit 1
fi
grep -q 'Access Denied\|does not match' "$out/refusal"
