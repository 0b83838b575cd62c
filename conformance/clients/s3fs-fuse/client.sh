# s3fs-fuse: a bucket as a folder: copy in, list, copy, move, compare; refused with a wrong secret.
set -eu
out=$(mktemp -d)
mkdir "$out/mount" "$out/wrong"
trap 'fusermount -uq "$out/mount" || true; fusermount -uq "$out/wrong" || true; rm -rf "$out/secret" "$out/other"; rmdir "$out/mount" "$out/wrong" "$out"' EXIT
umask 077
echo "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" > "$out/secret"
echo "$AWS_ACCESS_KEY_ID:$WRONG_SECRET" > "$out/other"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
mount() { s3fs "$BUCKET" "$1" -o "url=$AWS_ENDPOINT_URL,use_path_request_style,passwd_file=$2,endpoint=us-east-1"; }
mount "$out/mount" "$out/secret"
cp -r "$FILES" "$out/mount/files"
test "$(find "$out/mount/files" -type f | wc -l)" -eq "$(find "$FILES" -type f | wc -l)"
cp -r "$out/mount/files" "$out/mount/copied"
mv "$out/mount/copied" "$out/mount/moved"
test ! -e "$out/mount/copied"
fusermount -u "$out/mount"
mount "$out/mount" "$out/secret"
diff -r "$FILES" "$out/mount/moved"
rm -r "$out/mount/moved"
# It may mount, find itself refused, and unmount again: what counts is whether anything of the bucket can be seen.
if mount "$out/wrong" "$out/other" 2> "$out/refusal" && test -e "$out/wrong/files"; then
  echo "a wrong secret was let in" >&2
  exit 1
fi
rm -f "$out/refusal"
