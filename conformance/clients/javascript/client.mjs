// AWS SDK for JavaScript v3: put, list, copy, move and get 1,000 files; refused with a wrong secret.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import {
  CopyObjectCommand, DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand,
  S3Client, paginateListObjectsV2,
} from "@aws-sdk/client-s3";

const { FILES, BUCKET: Bucket, AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: region } = process.env;
const settings = { region, endpoint, forcePathStyle: true };
const s3 = new S3Client(settings);
const found = await readdir(FILES, { recursive: true, withFileTypes: true });
const names = found.filter((each) => each.isFile()).map((each) => path.relative(FILES, path.join(each.parentPath, each.name)));

const source = (key) => `${Bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
const listed = async (Prefix) => {
  const keys = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
    keys.push(...(page.Contents ?? []).map((object) => object.Key));
  }
  return keys;
};

for (let start = 0; start < names.length; start += 20) {
  await Promise.all(names.slice(start, start + 20).map(async (name) => {
    const file = path.join(FILES, name);
    const { size } = await stat(file);
    await s3.send(new PutObjectCommand({ Bucket, Key: `files/${name}`, Body: createReadStream(file), ContentLength: size }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: `copied/${name}`, CopySource: source(`files/${name}`) }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: `moved/${name}`, CopySource: source(`copied/${name}`) }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: `copied/${name}` }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: `moved/${name}` }));
    assert.deepEqual(Buffer.from(await got.Body.transformToByteArray()), await readFile(file));
  }));
}
assert.deepEqual(new Set(await listed("files/")), new Set(names.map((name) => `files/${name}`)));
assert.deepEqual(await listed("copied/"), []);
const Objects = (await listed("moved/")).map((Key) => ({ Key }));
assert.equal(Objects.length, names.length);
const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
assert.equal(Errors, undefined);

const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.WRONG_SECRET };
const wrong = new S3Client({ ...settings, credentials });
await assert.rejects(wrong.send(new ListObjectsV2Command({ Bucket })), { name: "SignatureDoesNotMatch" });
