package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// trust holds a trust policy against IAM's rules and returns it as IAM keeps
// it: users and roles of the account by their unique ids, so that a role made
// again under the same name is not trusted for the sake of the old one.
func (c *call) trust(text string) (string, error) {
	d, err := policy.Parse([]byte(text))
	if err != nil && withoutAction(text) {
		return "", malformed("Missing required field Action")
	}
	if err != nil || len(d.Statements) == 0 {
		return "", malformed("This policy contains invalid Json")
	}
	for _, s := range d.Statements {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return "", malformed("Missing required field Effect")
		case len(s.Resource)+len(s.NotResource) > 0:
			return "", malformed("Has prohibited field Resource")
		case s.Principal == nil && s.NotPrincipal == nil:
			return "", malformed("Missing required field Principal")
		case s.Principal != nil && s.Principal.Anyone, s.NotPrincipal != nil && s.NotPrincipal.Anyone:
			return "", malformed(`Invalid principal in policy: "*"`)
		case slices.ContainsFunc(s.Action, func(a string) bool { return !strings.HasPrefix(strings.ToLower(a), "sts:") }):
			return "", malformed("AssumeRole policy may only specify STS AssumeRole actions.")
		}
		for _, p := range []*policy.Principals{s.Principal, s.NotPrincipal} {
			if err := outsiders(p); err != nil {
				return "", err
			}
		}
	}
	if err := statements(d); err != nil {
		return "", err
	}
	kept, err := rewritePrincipals(text, c.keepPrincipal)
	if err != nil {
		return "", err
	}
	if documentSize(text) > trustQuota {
		return "", overQuota("ACLSizePerRole", trustQuota)
	}
	return kept, nil
}

func invalidPrincipal(kind, name string) error {
	return malformed(`Invalid principal in policy: "%s":"%s"`, kind, name)
}

var (
	servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$`)
	federated        = regexp.MustCompile(`^(arn:aws[a-z-]*:iam::\d{12}:(saml|oidc)-provider/\S+|[a-z0-9-]+(\.[a-z0-9-]+)+)$`)
	accountID        = regexp.MustCompile(`^\d{12}$`)
	uniqueID         = regexp.MustCompile(`^A(IDA|ROA)[A-Z0-9]{17}$`)
	principalARN     = regexp.MustCompile(`^arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(root|user/.+|role/.+|assumed-role/[^/]+/.+|federated-user/.+)$`)
)

// outsiders checks the principals that are no users, roles or accounts, and
// that there are any principals at all.
func outsiders(p *policy.Principals) error {
	if p == nil {
		return nil
	}
	for _, s := range p.Service {
		if !servicePrincipal.MatchString(s) {
			return invalidPrincipal("SERVICE", s)
		}
	}
	for _, f := range p.Federated {
		if !federated.MatchString(f) {
			return invalidPrincipal("FEDERATED", f)
		}
	}
	for _, u := range p.CanonicalUser {
		return invalidPrincipal("CANONICALUSER", u)
	}
	if len(p.Service)+len(p.Federated)+len(p.AWS) == 0 {
		return malformed("Missing required field Principal cannot be empty!")
	}
	return nil
}

// keepPrincipal turns an entry of "AWS" into what IAM keeps. Only principals
// of the account itself can be looked up; those of others are believed.
func (c *call) keepPrincipal(name string) (string, error) {
	bad := invalidPrincipal("AWS", name)
	switch {
	case name == "*":
		return name, nil
	case accountID.MatchString(name):
		return "arn:" + c.partition() + ":iam::" + name + ":root", nil
	case uniqueID.MatchString(name):
		if c.arnByID()[name] == "" {
			return "", bad
		}
		return name, nil
	}
	m := principalARN.FindStringSubmatch(name)
	if m == nil || m[1] != c.partition() {
		return "", bad
	}
	kindName, rest, _ := strings.Cut(m[4], "/")
	if m[3] != c.ID || m[4] == "root" || kindName == "federated-user" {
		return name, nil
	}
	var p *principal
	lower := strings.ToLower(rest[strings.LastIndexByte(rest, '/')+1:])
	switch kindName {
	case "user":
		if u := c.Users.get(lower); u != nil {
			p = &u.principal
		}
	case "role":
		if r := c.Roles.get(lower); r != nil {
			p = &r.principal
		}
	case "assumed-role":
		r := c.Roles.get(strings.ToLower(rest[:strings.IndexByte(rest, '/')]))
		if r == nil || !c.sees(&r.unseen) {
			return "", bad
		}
		return name, nil
	}
	if p == nil || c.principalARN(p) != name || !c.sees(&p.unseen) {
		return "", bad
	}
	return p.ID, nil
}

// arnByID maps the unique ids of users and roles to their ARNs.
func (c *call) arnByID() map[string]string {
	if c.arns == nil {
		c.arns = c.account.arnByID()
	}
	return c.arns
}

func (a *account) arnByID() map[string]string {
	arns := make(map[string]string, a.Users.len()+a.Roles.len())
	for p := range a.principals {
		if p.Kind != groupKind {
			arns[p.ID] = a.principalARN(p)
		}
	}
	return arns
}

// showTrust returns a trust policy as IAM shows it: unique ids as the ARNs of
// whom they belong to. The id of a principal that is gone is shown bare, even
// when another has taken its name.
func (c *call) showTrust(kept string) string {
	if !strings.Contains(kept, `"AIDA`) && !strings.Contains(kept, `"AROA`) {
		return kept
	}
	return showPrincipals(kept, c.arnByID(), func(id string) string { return id })
}

// showPrincipals spells the ids of a kept trust policy out, and those that
// belong to nobody any more as gone says.
func showPrincipals(kept string, arns map[string]string, gone func(id string) string) string {
	shown, err := rewritePrincipals(kept, func(name string) (string, error) {
		if !uniqueID.MatchString(name) {
			return name, nil
		}
		if arn := arns[name]; arn != "" {
			return arn, nil
		}
		return gone(name), nil
	})
	if err != nil {
		return kept // cannot be: it was parsed before it was kept
	}
	return shown
}

// rewritePrincipals replaces the entries of "AWS" among the principals of a
// policy, and leaves every other character of the text as it is.
func rewritePrincipals(text string, f func(string) (string, error)) (string, error) {
	type frame struct {
		object bool
		key    string
		inKey  bool // the next token is a key
	}
	var (
		stack []frame
		out   strings.Builder
		done  int64 // how much of text has been written
		d     = json.NewDecoder(strings.NewReader(text))
	)
	isPrincipal := func() bool {
		var keys []string
		for _, f := range stack {
			if f.object {
				keys = append(keys, f.key)
			}
		}
		return len(keys) == 3 && strings.HasSuffix(keys[1], "Principal") && keys[2] == "AWS"
	}
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			break // the end, of a text that was parsed before
		}
		top := len(stack) - 1
		isKey := false
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{', '[':
				stack = append(stack, frame{object: t == '{', inKey: t == '{'})
				continue
			default:
				stack = stack[:top]
				top--
			}
		case string:
			if top >= 0 && stack[top].inKey {
				stack[top].key, isKey = t, true
				break
			}
			if !isPrincipal() {
				break
			}
			to, err := f(t)
			if err != nil {
				return "", err
			}
			start := before + int64(strings.IndexByte(text[before:], '"'))
			quoted, err := json.Marshal(to)
			if err != nil {
				return "", err
			}
			out.WriteString(text[done:start])
			out.Write(quoted)
			done = d.InputOffset()
		}
		if top >= 0 && stack[top].object {
			stack[top].inKey = !isKey
		}
	}
	out.WriteString(text[done:])
	return out.String(), nil
}
