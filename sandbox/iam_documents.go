package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// What IAM's quotas count of documents: all but white space.
const (
	managedQuota = 6144
	trustQuota   = 2048
)

func documentSize(text string) int { return policy.Size(text) }

// managedDocument says whether the text can be a managed policy.
func managedDocument(text string) error {
	if err := identityDocument(text); err != nil {
		return err
	}
	if documentSize(text) > managedQuota {
		return overQuota("PolicySize", managedQuota)
	}
	return nil
}

// identityDocument says whether IAM would take the text as a policy of a
// user, a group or a role, in IAM's own words where they are known.
func identityDocument(text string) error {
	d, err := policy.Parse([]byte(text))
	if err != nil && withoutAction(text) {
		return malformed("Policy statement must contain actions.")
	}
	if err != nil || len(d.Statements) == 0 {
		return malformed("Syntax errors in policy.")
	}
	if d.Version != policy.Version2012 {
		return malformed("Policy document must be version 2012-10-17 or greater.")
	}
	for _, s := range d.Statements {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return malformed("Syntax errors in policy.")
		case s.Principal != nil || s.NotPrincipal != nil:
			return malformed("Policy document should not specify a principal.")
		case len(s.Resource)+len(s.NotResource) == 0:
			return malformed("Policy statement must contain resources.")
		}
		for _, r := range append(s.Resource, s.NotResource...) {
			if err := resource(r); err != nil {
				return err
			}
		}
	}
	return statements(d)
}

// withoutAction reports whether a document that is not valid has a statement
// that names no action, which IAM answers in words of its own.
func withoutAction(text string) bool {
	var d struct{ Statement []map[string]any }
	if json.Unmarshal([]byte(text), &d) != nil {
		return false
	}
	return slices.ContainsFunc(d.Statement, func(s map[string]any) bool { return s["Action"] == nil && s["NotAction"] == nil })
}

// statements checks what holds for every kind of policy.
func statements(d policy.Document) error {
	sids := map[string]bool{}
	for _, s := range d.Statements {
		if !alphanumeric.MatchString(s.Sid) {
			return malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		}
		if s.Sid != "" && sids[s.Sid] {
			return malformed("Statement IDs (SID) in a single policy must be unique.")
		}
		sids[s.Sid] = true
		for _, a := range append(s.Action, s.NotAction...) {
			if err := action(a); err != nil {
				return err
			}
		}
		for operator := range s.Condition {
			if !conditionOperator.MatchString(operator) {
				return malformed("Invalid Condition type : %s.", operator)
			}
		}
	}
	return nil
}

var (
	alphanumeric      = regexp.MustCompile(`^[0-9A-Za-z]*$`)
	vendor            = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)
	conditionOperator = regexp.MustCompile(`(?i)^((ForAnyValue|ForAllValues):)?(String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric(Equals|NotEquals|(LessThan|GreaterThan)(Equals)?)|Date(Equals|NotEquals|(LessThan|GreaterThan)(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?$`)
)

func action(a string) error {
	prefix, name, ok := strings.Cut(a, ":")
	switch {
	case a == "*":
		return nil
	case !ok || name == "":
		return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	case strings.Contains(name, ":"):
		return malformed("Actions/Condition can contain only one colon.")
	case !vendor.MatchString(prefix):
		return malformed("Vendor %s is not valid", prefix)
	}
	return nil
}

func resource(r string) error {
	if r == "*" {
		return nil
	}
	fields := strings.SplitN(r, ":", 6)
	switch {
	case fields[0] != "arn":
		return malformed(`Resource %s must be in ARN format or "*".`, r)
	case len(fields) < 6 && !strings.HasSuffix(r, "*"):
		return malformed("The policy failed legacy parsing")
	case len(fields) > 2 && fields[1] != "*" && !strings.HasPrefix(fields[1], "aws"):
		return malformed(`Partition "%s" is not valid for resource "%s".`, fields[1], r)
	}
	return nil
}

// urlEncode encodes a document as IAM returns it: RFC 3986, with %20 for a
// blank, so that whoever decodes it as a form would spoil every "+".
func urlEncode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) * 3 / 2)
	for i := range len(s) {
		switch ch := s[i]; {
		case 'a' <= ch && ch <= 'z', 'A' <= ch && ch <= 'Z', '0' <= ch && ch <= '9', ch == '-', ch == '_', ch == '.', ch == '~':
			b.WriteByte(ch)
		default:
			b.WriteString(string([]byte{'%', hex[ch>>4], hex[ch&15]}))
		}
	}
	return b.String()
}
