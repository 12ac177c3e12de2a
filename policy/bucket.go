package policy

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// BucketWrite returns the policy by which SSM Agent, under an instance's role,
// may write the output of commands and the logs of sessions to the buckets,
// each "bucket" or "bucket/prefix". An error is Problems, whose paths begin
// with buckets.
//
// The actions are those of the Systems Manager User Guide, "Create a custom
// IAM role for Session Manager". The agent also tries s3:PutObjectAcl, for
// buckets of other accounts that still use ACLs, and goes on without.
func BucketWrite(at Place, buckets []string) (Document, error) {
	var ps Problems
	at.check(&ps)
	var names, prefixes []string
	for i, b := range buckets {
		checkBucket(b, Path{"buckets", strconv.Itoa(i)}, &ps)
		bucket, objects := bucketARNs(at, b)
		if !slices.Contains(names, bucket) {
			names = append(names, bucket)
		}
		prefixes = append(prefixes, objects)
	}
	if len(buckets) == 0 {
		ps.add(Path{"buckets"}, "no bucket is named", "name one")
	}
	if err := ps.err(); err != nil {
		return Document{}, err
	}
	return New(
		Allow("s3:PutObject").On(prefixes...).As("WriteObjects"),
		Allow("s3:GetEncryptionConfiguration").On(names...).As("ReadEncryption"),
	), nil
}

// bucketARNs returns the ARN of the bucket, and the pattern of the objects, of
// "bucket" or "bucket/prefix".
func bucketARNs(at Place, b string) (bucket, objects string) {
	name, prefix, _ := strings.Cut(strings.TrimSuffix(b, "/"), "/")
	bucket = "arn:" + at.Partition + ":s3:::" + name
	if prefix == "" {
		return bucket, bucket + "/*"
	}
	return bucket, bucket + "/" + prefix + "/*"
}

var (
	bucketName   = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	bucketPrefix = regexp.MustCompile(`^[A-Za-z0-9!_.()'/-]+$`)
)

// checkBucket reports what S3 does not allow in a bucket's name (S3 User Guide,
// "General purpose bucket naming rules"), and prefixes that IAM would take for
// patterns.
func checkBucket(b string, path Path, ps *Problems) {
	name, prefix, slash := strings.Cut(b, "/")
	_, notIP := netip.ParseAddr(name)
	switch {
	case strings.HasPrefix(b, "arn:") || strings.HasPrefix(b, "s3:"):
		ps.add(path, fmt.Sprintf("%q is not the name of a bucket", b), "write only bucket, or bucket/prefix")
	case !bucketName.MatchString(name) || strings.Contains(name, "..") || notIP == nil:
		help := "use 3 to 63 of a-z 0-9 . and -, the first and last not . or -"
		if fixed := strings.ReplaceAll(fold(name), "_", "-"); fixed != name && bucketName.MatchString(fixed) {
			help = "did you mean " + fixed + "?"
		}
		ps.add(path, fmt.Sprintf("no bucket can have the name %q", name), help)
	case slash && (prefix == "" || strings.HasPrefix(prefix, "/") || strings.Contains(prefix, "//") || !bucketPrefix.MatchString(prefix)):
		ps.add(path, fmt.Sprintf("%q is not a prefix for keys", prefix), "write names of A-Z a-z 0-9 ! _ . ( ) ' - with one slash between them, and no wildcard: what is below is included")
	}
}
