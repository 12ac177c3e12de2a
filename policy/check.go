package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Use is what a document is for; it decides which elements IAM wants.
type Use int

// The uses.
const (
	ForIdentity Use = iota // granted to a user, group or role, inline or as a managed policy; or a boundary
	ForTrust               // who may assume a role
)

// Check returns what IAM would refuse about the document in that use, and what
// it would accept although it can only be a mistake, such as a blank within an
// action. It returns nil if there is nothing. Sizes are not looked at: quotas
// belong to the account.
func (d Document) Check(use Use) Problems {
	c := checker{d: d, use: use}
	if d.Version == "" {
		c.add(Path{"Version"}, "Version is missing, so IAM takes 2008-10-17, in which ${...} is plain text", "write "+Version2012)
	}
	if len(d.Statements) == 0 {
		c.add(Path{"Statement"}, "there is no statement", "add one, or remove the policy")
	}
	if use == ForIdentity && d.ID != "" {
		c.add(Path{"Id"}, "Id is only for policies of resources", "remove it")
	}
	sids := map[string]bool{}
	for i, s := range d.Statements {
		path := Path{"Statement", strconv.Itoa(i)}
		c.sid(path.at("Sid"), s.Sid, sids)
		c.actions(path.at("Action"), s.Action)
		c.actions(path.at("NotAction"), s.NotAction)
		c.condition(path.at("Condition"), s.Condition)
		if use == ForTrust {
			c.trust(path, s)
		} else {
			c.identity(path, s)
		}
	}
	return c.found
}

// A checker collects problems.
type checker struct {
	d     Document
	use   Use
	found Problems
}

func (c *checker) add(path Path, text, help string) {
	p := Problem{Text: text, Help: help}
	p.Position, p.Path = c.d.locate(path)
	c.found = append(c.found, p)
}

// text reports characters that IAM takes in no policy, which tag values and
// descriptions may well hold.
func (c *checker) text(path Path, s string) bool {
	for _, r := range s {
		if r == '\t' || r == '\n' || r == '\r' || ' ' <= r && r <= '\u00ff' {
			continue
		}
		c.add(path, fmt.Sprintf("%q holds %q, and IAM takes no character beyond U+00FF in a policy", s, r), "leave it out, or match it by a wildcard where the element takes one")
		return false
	}
	return true
}

func (c *checker) sid(path Path, sid string, seen map[string]bool) {
	if i := strings.IndexFunc(sid, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}); i >= 0 {
		c.add(path, fmt.Sprintf("a Sid has only letters A to Z and digits, unlike %q", sid), "leave out all others")
	}
	if sid != "" && seen[sid] {
		c.add(path, fmt.Sprintf("two statements have the Sid %q", sid), "rename or remove one of them")
	}
	seen[sid] = true
}

var (
	actionForm    = regexp.MustCompile(`^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$`)
	trustedAction = regexp.MustCompile(`(?i)^sts:[a-z*?]+$`)
)

func (c *checker) actions(path Path, actions []string) {
	if actions != nil && len(actions) == 0 {
		c.add(path, "the list is empty", "name an action")
	}
	for i, action := range actions {
		path := path.at(strconv.Itoa(i))
		switch trimmed := strings.Join(strings.Fields(action), ""); {
		case trimmed == "":
			c.add(path, "an action is empty", "name one, such as ssm:SendCommand")
		case trimmed != action:
			c.add(path, fmt.Sprintf("%q holds white space, so it matches no action", action), "write "+trimmed)
		case !actionForm.MatchString(action):
			c.add(path, fmt.Sprintf("%q is not an action", action), "write service:Action, such as ssm:SendCommand; wildcards only after the colon")
		case c.use == ForTrust && !trustedAction.MatchString(action):
			c.add(path, fmt.Sprintf("a trust policy cannot speak of %s: only of assuming the role", action), "write sts:AssumeRole or one of its relatives")
		}
	}
}

func (c *checker) condition(path Path, condition Condition) {
	for _, operator := range slices.Sorted(maps.Keys(condition)) {
		path := path.at(operator)
		if _, ok := lookupOperator(operator); !ok {
			c.add(path, fmt.Sprintf("IAM has no condition operator %q", operator), "write one such as StringEquals, StringLike, ArnLike or Bool")
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(condition[operator])) {
			path := path.at(key)
			if strings.TrimSpace(key) != key || !strings.Contains(key, ":") {
				c.add(path, fmt.Sprintf("%q is not a condition key", key), "write service:key, such as aws:SourceAccount")
			}
			c.text(path, key)
			for i, value := range condition[operator][key] {
				c.text(path.at(strconv.Itoa(i)), value)
			}
		}
	}
}

// identity checks what only policies of identities have, or may not have.
func (c *checker) identity(path Path, s Statement) {
	c.misplaced(path.at("Principal"), s.Principal != nil, "it speaks of whoever has the policy; who may assume a role is for its trust policy")
	c.misplaced(path.at("NotPrincipal"), s.NotPrincipal != nil, "it speaks of whoever has the policy; use a condition on aws:PrincipalArn")
	if s.Resource == nil && s.NotResource == nil {
		c.add(path, "Resource is missing", `say on what, or write "*"`)
	}
	c.resources(path.at("Resource"), s.Resource)
	c.resources(path.at("NotResource"), s.NotResource)
}

// misplaced reports an element that is there but has no place in this use.
func (c *checker) misplaced(path Path, there bool, reason string) {
	if there {
		c.add(path, path[len(path)-1]+" has no place here: "+reason, "remove it")
	}
}

func (c *checker) resources(path Path, resources []string) {
	if resources != nil && len(resources) == 0 {
		c.add(path, "the list is empty", `say on what, or write "*"`)
	}
	for i, r := range resources {
		path := path.at(strconv.Itoa(i))
		f := strings.SplitN(r, ":", 6)
		switch {
		case !c.text(path, r) || r == "*":
		case r == "":
			c.add(path, "a resource is empty", `write its ARN, or "*"`)
		case strings.TrimSpace(r) != r:
			c.add(path, fmt.Sprintf("%q begins or ends in white space", r), "write "+strings.TrimSpace(r))
		case f[0] != "arn" || len(f) < 6 || f[1] == "" || f[2] == "":
			c.add(path, fmt.Sprintf("%q is not an ARN: it wants arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE", r), `write all six parts, or "*" alone`)
		case f[2] == "ssm" && (f[3] == "" || f[5] == "" || strings.HasSuffix(f[5], "/") && strings.Count(f[5], "/") == 1):
			// IAM takes these, and they match nothing.
			c.add(path, fmt.Sprintf("%q names nothing: ARNs of Systems Manager have a region and end in a name", r), "write both, or * for all")
		}
	}
}
