// AWS SDK for JavaScript v3: put, list, get, delete; refused with a wrong secret.
import assert from "node:assert/strict";
import {
  CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command,
  PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";

const settings = { region: process.env.AWS_DEFAULT_REGION, endpoint: process.env.AWS_ENDPOINT_URL, forcePathStyle: true };
const s3 = new S3Client(settings);
const Bucket = "javascript-bucket";
const Key = "a folder/ünï+code.txt";
await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new PutObjectCommand({ Bucket, Key, Body: "hello", ContentType: "text/plain" }));
const listed = await s3.send(new ListObjectsV2Command({ Bucket }));
assert.deepEqual(listed.Contents.map((object) => object.Key), [Key]);
const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
assert.equal(await got.Body.transformToString(), "hello");
assert.equal(got.ContentType, "text/plain");
await s3.send(new DeleteObjectCommand({ Bucket, Key }));
assert.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents, undefined);
await s3.send(new DeleteBucketCommand({ Bucket }));

const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.WRONG_SECRET };
const wrong = new S3Client({ ...settings, credentials });
await assert.rejects(wrong.send(new ListObjectsV2Command({ Bucket })), { name: "SignatureDoesNotMatch" });
