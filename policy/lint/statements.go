package lint

import (
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// statementRules are about the document as a whole: its size, and statements
// that change nothing.
var statementRules = []Rule{
	{
		Code: "size-over-quota", Title: "the document is larger than IAM takes", Severity: Error,
		Explanation: "A managed policy has at most 6,144 characters, white space not counted; inline policies share 2,048 for a user, 5,120 for a group and 10,240 for a role. A trust policy has 2,048, or up to 8,192 where the quota was raised, so above 2,048 it is only a warning.",
		Fix:         "Select nodes by tags, documents by patterns, or split the policy.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": [` + strings.TrimSuffix(manyDocuments(120), ", ") + `]}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/team-*"}`),
		check:       sizeOverQuota,
	},
	{
		Code: "dead-statement", Title: "a statement changes nothing: it is denied again", Severity: Warning,
		Explanation: "A Deny always wins. What the statement allows, other statements of the document deny whatever the request, so it looks like a grant and is none. That is proven, not guessed.",
		Fix:         "Remove the statement, or narrow the Deny.",
		Bad: example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`,
			`{"Effect": "Deny", "Action": "ssm:Get*", "Resource": "*"}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`,
			`{"Effect": "Deny", "Action": "ssm:GetDocument", "NotResource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check: func(r *reading) { changesNothing(r, true) },
	},
	{
		Code: "redundant-statement", Title: "a statement changes nothing: others say the same", Severity: Suggestion,
		Explanation: "What the statement says, other statements of the document say already. It takes from the policy's size, and misleads who removes it to take the access away. That is proven, not guessed.",
		Fix:         "Remove the statement.",
		Bad: example(`{"Effect": "Allow", "Action": "ssm:List*", "Resource": "*"}`,
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		Good:  example(`{"Effect": "Allow", "Action": "ssm:List*", "Resource": "*"}`),
		check: func(r *reading) { changesNothing(r, false) },
	},
}

// manyDocuments returns the ARNs of n documents, as JSON strings.
func manyDocuments(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"arn:aws:ssm:us-east-1:111122223333:document/team-%03d", `, i)
	}
	return b.String()
}

// What IAM takes of a trust policy (IAM User Guide, "IAM and AWS STS quotas").
const (
	maxTrust       = 2048
	maxTrustRaised = 8192
)

func sizeOverQuota(r *reading) {
	size := r.document.Size()
	switch {
	case r.use == policy.ForIdentity && size > policy.MaxManaged:
		r.report(nil, fmt.Sprintf("the document has %d characters, and IAM takes %d of a managed policy", size, policy.MaxManaged),
			"select nodes by tags and documents by patterns, or split it")
	case r.use == policy.ForTrust && size > maxTrustRaised:
		r.report(nil, fmt.Sprintf("the document has %d characters, and IAM takes at most %d of a trust policy", size, maxTrustRaised), "trust accounts, with a condition on aws:PrincipalArn")
	case r.use == policy.ForTrust && size > maxTrust:
		r.reportAs(Warning, nil, fmt.Sprintf("the document has %d characters, and IAM takes %d of a trust policy unless the quota was raised", size, maxTrust), "trust accounts, with a condition on aws:PrincipalArn")
	}
}

// changesNothing reports the statements that are dead, or that others repeat.
func changesNothing(r *reading, dead bool) {
	for _, found := range r.redundancies() {
		s := &r.statements[found.Statement]
		switch {
		case found.Dead != dead:
		case dead && s.allow:
			r.report(s.path, "all that the statement allows, the document denies again", "remove it, or narrow the Deny")
		case dead:
			r.report(s.path, "the statement denies nothing", "remove it, or correct what it is about")
		default:
			r.report(s.path, "other statements of the document say all that this one does", "remove it")
		}
	}
}
