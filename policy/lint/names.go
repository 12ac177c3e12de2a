package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// nameRules are about the names of resources, the ends of their ARNs.
var nameRules = []Rule{
	{
		Code: "bucket-name-illegal", Title: "no bucket can have that name", Severity: Error,
		Explanation: "Names of buckets are 3 to 63 of a-z, 0-9, dot and hyphen. Most often the name is a placeholder that was left in, such as the bucket_name of the guide's sample. (Before March 2018 S3 allowed others in us-east-1.)",
		Fix:         "Write the bucket's name.",
		Bad:         example(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket_name"}`),
		Good:        example(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme-logs"}`),
		check:       bucketNameIllegal,
	},
	{
		Code: "aws-owned-document-account", Title: "a document of AWS is given an account", Severity: Error,
		Explanation: "The account is empty in the ARNs of the documents and automations that AWS owns, all of whose names begin with AWS, Amazon or AMZN, as nobody else's may. With an account the pattern matches nothing.",
		Fix:         "Leave the account empty: arn:aws:ssm:REGION::document/AWS-...",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/AWS-RunPatchBaseline"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1::document/AWS-RunPatchBaseline"}`),
		check:       awsOwnedDocumentAccount,
	},
	{
		Code: "node-id-malformed", Title: "no node can have that id", Severity: Error,
		Explanation: "A node is known by its id: an EC2 instance as ec2 instance/i-..., a hybrid node as ssm managed-instance/mi-.... Its name, or the id of the one under the ARN of the other, matches nothing.",
		Fix:         "Write the node's id under the ARN of its kind, or select nodes by tags.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:managed-instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/deploy"]}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/deploy"]}`),
		check:       nodeIDMalformed,
	},
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

func bucketNameIllegal(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		name, _, _ := strings.Cut(x.fields[5], "/")
		if x.fields[2] != "s3" || x.fields[3]+x.fields[4] != "" || wild(name) || strings.Contains(name, "$") || bucketName.MatchString(name) && !strings.Contains(name, "..") {
			return
		}
		fix := "write the bucket's name: 3 to 63 of a-z, 0-9, dot and hyphen"
		if mended := strings.ReplaceAll(strings.ToLower(name), "_", "-"); bucketName.MatchString(mended) {
			fix = "write the bucket's name, such as " + strings.Replace(x.text, name, mended, 1)
		}
		r.report(x.path, fmt.Sprintf("no bucket can have the name %q, so %s", name, s.matches()), fix)
	})
}

func awsOwnedDocumentAccount(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		name, ok := x.typed("document", "automation-definition")
		account := x.fields[4]
		if !ok || strings.Trim(account, "*") == "" || name == "" || wild(name[:1]) || strings.HasPrefix(name, "$") || !ownedHead(name) {
			return
		}
		mended := x.fields
		mended[4] = ""
		r.report(x.path, fmt.Sprintf("%s is a document of AWS, whose ARN has no account, so %s", name, s.matches()), "write "+strings.Join(mended[:], ":"))
	})
}

// ownedHead reports whether every document that the pattern matches is AWS's.
func ownedHead(name string) bool {
	head := starred(name)
	if i := strings.IndexAny(head, "*?"); i >= 0 {
		head = head[:i]
	}
	return head != "" && policy.OwnedByAWS(head)
}

// maybeAWS reports whether a document that the pattern matches can be AWS's.
func maybeAWS(name string) bool {
	name = starred(name)
	head := name
	if i := strings.IndexAny(name, "*?"); i >= 0 {
		head = name[:i]
	}
	return head != "" && policy.OwnedByAWS(head) || name != head && slices.ContainsFunc([]string{"aws", "amazon", "amzn"}, func(prefix string) bool {
		return strings.HasPrefix(prefix, strings.ToLower(head))
	})
}

var (
	instanceID = regexp.MustCompile(`^i-([0-9a-f]{8}|[0-9a-f]{17})$`)
	hybridID   = regexp.MustCompile(`^mi-[0-9a-f]{17}$`)
)

func nodeIDMalformed(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		kind, id, _ := strings.Cut(x.fields[5], "/")
		if id == "" || wild(id) || strings.Contains(id, "$") {
			return
		}
		form := instanceID
		switch x.fields[2] + " " + kind {
		case "ec2 instance":
		case "ssm managed-instance":
			form = hybridID
		default:
			return
		}
		if form.MatchString(id) {
			return
		}
		fix := "write the id, or select nodes by tags"
		right := x.fields
		switch {
		case instanceID.MatchString(id):
			right[2], right[5] = "ec2", "instance/"+id
			fix = "write " + strings.Join(right[:], ":")
		case hybridID.MatchString(id):
			right[2], right[5] = "ssm", "managed-instance/"+id
			fix = "write " + strings.Join(right[:], ":")
		}
		r.report(x.path, fmt.Sprintf("no node has the ARN %s, so %s", x.text, s.matches()), fix)
	})
}
