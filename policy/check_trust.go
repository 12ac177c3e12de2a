package policy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	// An account id, an ARN that can be a principal, or everybody.
	awsPrincipal = regexp.MustCompile(`^(\*|[0-9]{12}|arn:aws[a-z-]*:iam::[0-9]{12}:(root|(user|role)/[^*?\s]+)|arn:aws[a-z-]*:sts::[0-9]{12}:(assumed-role|federated-user)/[^*?\s]+)$`)

	// What IAM shows in place of the ARN of a user or role that was deleted.
	uniqueID = regexp.MustCompile(`^A(IDA|ROA|GPA|NPA|IPA)[A-Z0-9]{12,}$`)

	serviceName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
)

// trust checks what only trust policies have, or may not have.
func (c *checker) trust(path Path, s Statement) {
	if s.Principal == nil && s.NotPrincipal == nil {
		c.add(path, "Principal is missing: the statement trusts nobody", `name who may assume the role, such as {"Service": "ec2.amazonaws.com"}`)
	}
	c.principals(path.at("Principal"), s.Principal)
	c.principals(path.at("NotPrincipal"), s.NotPrincipal)
	c.misplaced(path.at("Resource"), s.Resource != nil, "a trust policy speaks of the role that has it")
	c.misplaced(path.at("NotResource"), s.NotResource != nil, "a trust policy speaks of the role that has it")
}

func (c *checker) principals(path Path, p *Principals) {
	switch {
	case p == nil:
		return
	case p.Anyone:
		c.add(path, `IAM takes no Principal "*" in a trust policy`, `write {"AWS": "*"} if everybody in AWS is meant, with a condition that says who`)
		return
	case len(p.AWS)+len(p.Service)+len(p.Federated)+len(p.CanonicalUser) == 0:
		c.add(path, "the list of principals is empty", `name one, such as {"Service": "ec2.amazonaws.com"}`)
	}
	c.each(path.at("AWS"), p.AWS, `write an account id of 12 digits, the ARN of a user or a role, or "*"`, func(s string) string {
		switch {
		case uniqueID.MatchString(s):
			return "is what is left of a user or role that was deleted; a new one of the same name is another"
		case awsPrincipal.MatchString(s):
			return ""
		case strings.ContainsAny(s, "*?"):
			return "holds a wildcard, which no principal may"
		}
		return "is no principal"
	})
	c.each(path.at("Service"), p.Service, "write its full name, such as ec2.amazonaws.com or ssm.amazonaws.com", func(s string) string {
		if serviceName.MatchString(s) {
			return ""
		}
		return "is not a service"
	})
	c.each(path.at("Federated"), p.Federated, "write the ARN of a SAML or OIDC provider in IAM", func(s string) string {
		f := strings.SplitN(s, ":", 6)
		if serviceName.MatchString(s) || len(f) == 6 && f[0] == "arn" && f[2] == "iam" && isAccount(f[4]) &&
			(strings.HasPrefix(f[5], "saml-provider/") || strings.HasPrefix(f[5], "oidc-provider/")) {
			return ""
		}
		return "is no identity provider"
	})
	c.each(path.at("CanonicalUser"), p.CanonicalUser, "write the account's id under AWS", func(string) string {
		return "is a name that only S3 knows"
	})
}

// each reports the values of which wrong says something.
func (c *checker) each(path Path, values []string, help string, wrong func(string) string) {
	for i, value := range values {
		path := path.at(strconv.Itoa(i))
		if value == "" {
			c.add(path, "a principal is empty", help)
		} else if text := wrong(value); text != "" && c.text(path, value) {
			c.add(path, fmt.Sprintf("%q %s", value, text), help)
		}
	}
}
