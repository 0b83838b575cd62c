# aws-cli: put, list, get, delete, sync; refused with a wrong secret.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo hello > "$folder/hello.txt"
aws s3 mb s3://awscli-bucket
aws s3 cp "$folder/hello.txt" s3://awscli-bucket/folder/hello.txt
aws s3 ls s3://awscli-bucket/folder/ | grep -q 'hello.txt'
aws s3 cp s3://awscli-bucket/folder/hello.txt "$folder/back.txt"
cmp "$folder/hello.txt" "$folder/back.txt"
head -c 20000000 /dev/urandom > "$folder/big"
aws s3 cp "$folder/big" s3://awscli-bucket/big --quiet
aws s3 cp s3://awscli-bucket/big "$folder/big.back" --quiet
cmp "$folder/big" "$folder/big.back"
aws s3 sync "$folder" s3://awscli-bucket/synced --quiet
aws s3 rm s3://awscli-bucket/folder/hello.txt
aws s3api head-object --bucket awscli-bucket --key folder/hello.txt 2>&1 | grep -q 404
aws sts get-caller-identity | grep -q Arn
aws s3 rb s3://awscli-bucket --force > /dev/null
if AWS_SECRET_ACCESS_KEY=$WRONG_SECRET aws s3api list-buckets 2> "$folder/refusal"; then
  echo "a wrong secret was let in" >&2
  exit 1
fi
grep -q SignatureDoesNotMatch "$folder/refusal"
