// AWS SDK for Go v2: put, list, copy, move and get 1,000 files; refused with a wrong secret.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/url"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

var (
	ctx    = context.Background()
	bucket = aws.String(os.Getenv("BUCKET"))
	root   = os.Getenv("FILES")
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func demand(holds bool, what string) {
	if !holds {
		log.Fatal(what)
	}
}

func names() (found []string) {
	must(filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(root, path)
			found = append(found, name)
		}
		return err
	}))
	return found
}

// A plus sign in a copy source is a blank, so that EscapedPath, which keeps it, does not do.
func source(key string) *string {
	return aws.String(*bucket + "/" + url.QueryEscape(key))
}

func count(client *s3.Client, prefix string) (found int) {
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		must(err)
		found += len(page.Contents)
	}
	return found
}

func main() {
	settings, err := config.LoadDefaultConfig(ctx)
	must(err)
	pathStyle := func(options *s3.Options) { options.UsePathStyle = true }
	client := s3.NewFromConfig(settings, pathStyle)
	all := names()
	for _, name := range all {
		data, err := os.ReadFile(filepath.Join(root, name))
		must(err)
		from, to, last := "files/"+name, "copied/"+name, "moved/"+name
		_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &from, Body: bytes.NewReader(data)})
		must(err)
		_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: &to, CopySource: source(from)})
		must(err)
		_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: &last, CopySource: source(to)})
		must(err)
		_, err = client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: &to})
		must(err)
		got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &last})
		must(err)
		back, err := io.ReadAll(got.Body)
		must(err)
		demand(sha256.Sum256(back) == sha256.Sum256(data), "other bytes came back of "+name)
	}
	demand(count(client, "files/") == len(all), "not all are listed")
	demand(count(client, "moved/") == len(all), "not all were moved")
	demand(count(client, "copied/") == 0, "what was moved is still there")

	wrong := settings.Copy()
	wrong.Credentials = credentials.NewStaticCredentialsProvider(
		os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("WRONG_SECRET"), "")
	_, err = s3.NewFromConfig(wrong, pathStyle).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})
	var refused smithy.APIError
	demand(errors.As(err, &refused) && refused.ErrorCode() == "SignatureDoesNotMatch", "a wrong secret was let in")
}
