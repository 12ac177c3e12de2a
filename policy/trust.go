package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Trust says in short who may assume a role. Whoever is named anywhere in it
// may.
type Trust struct {
	Services   []string // "ec2", or in full "ec2.amazonaws.com"
	Accounts   []string // 12 digits: whom that account allows to
	Principals []string // ARNs of users and roles
	SAML       string   // name or ARN of a SAML provider
	OIDC       *OIDC
	MFA        bool              // Accounts and Principals must have used MFA
	ExternalID string            // Accounts and Principals must give this id
	Statement  []json.RawMessage // more statements, in the policy language
}

// OIDC trusts the bearers of tokens from a web identity provider.
type OIDC struct {
	Provider string   // "token.actions.githubusercontent.com"
	Subject  []string // of the token; * and ? are wildcards
	Audience string   // of the token; "" is sts.amazonaws.com
}

// Compile returns the trust policy of a role in that place. An error is
// Problems, whose paths begin with the keys of a spec: services, oidc, ...
func (t Trust) Compile(at Place) (Document, error) {
	var ps Problems
	at.check(&ps)
	var statements []Statement
	if services := t.services(&ps); len(services) > 0 {
		statements = append(statements, Allow("sts:AssumeRole").By(Principals{Service: services}))
	}
	if people := t.people(&ps); len(people) > 0 {
		s := Allow("sts:AssumeRole").By(Principals{AWS: people})
		if t.MFA {
			s = s.If("Bool", "aws:MultiFactorAuthPresent", "true")
		}
		if t.ExternalID != "" {
			s = s.If("StringEquals", "sts:ExternalId", t.ExternalID)
		}
		statements = append(statements, s)
	}
	if t.SAML != "" {
		statements = append(statements, t.saml(at, &ps))
	}
	if t.OIDC != nil {
		statements = append(statements, t.OIDC.statement(at, &ps))
	}
	for i, raw := range t.Statement {
		if s, ok := rawStatement(raw, Path{"statement", strconv.Itoa(i)}, &ps); ok {
			statements = append(statements, s)
		}
	}
	if len(statements) == 0 && len(ps) == 0 {
		ps.add(nil, "the role trusts nobody, so nobody could use it", "name services, accounts, principals, saml, oidc or a statement")
	}
	if err := ps.err(); err != nil {
		return Document{}, err
	}
	return New(statements...), nil
}

// ServiceTrust returns the trust policy of a role that only AWS services
// assume. With fromThisAccountOnly it must be Systems Manager, acting for the
// account and region of the place: without that, anyone's Systems Manager
// could be made to act with the role. AWS advises it for hybrid activations
// and automations (Systems Manager User Guide, "Create the IAM service role").
// An error is Problems.
func ServiceTrust(at Place, services []string, fromThisAccountOnly bool) (Document, error) {
	d, err := Trust{Services: services}.Compile(at)
	if err != nil || !fromThisAccountOnly {
		return d, err
	}
	if slices.ContainsFunc(d.Statements[0].Principal.Service, func(s string) bool { return s != "ssm.amazonaws.com" }) {
		var ps Problems
		ps.add(Path{"services"}, "of the services, only ssm says for which account it acts with a role", "write ssm alone, or give the conditions in a statement")
		return Document{}, ps
	}
	s := d.Statements[0].
		If("StringEquals", "aws:SourceAccount", at.Account).
		If("ArnEquals", "aws:SourceArn", at.ARN("ssm", "*"))
	return New(s), nil
}

func (t Trust) services(ps *Problems) []string {
	var services []string
	for i, name := range t.Services {
		full := name
		if !strings.Contains(name, ".") {
			full += ".amazonaws.com" // also right outside of partition aws
		}
		if name == "" || !serviceName.MatchString(full) {
			ps.add(Path{"services", strconv.Itoa(i)}, fmt.Sprintf("%q is not a service", name), "write its short name, such as ec2 or ssm, or the full one, such as ec2.amazonaws.com")
		}
		services = append(services, full)
	}
	return services
}

// people returns the principals that mfa and external_id apply to.
func (t Trust) people(ps *Problems) []string {
	for i, account := range t.Accounts {
		if !isAccount(account) {
			ps.add(Path{"accounts", strconv.Itoa(i)}, fmt.Sprintf("%q is not an account id", account), "write its 12 digits, in quotes")
		}
	}
	for i, arn := range t.Principals {
		if !strings.HasPrefix(arn, "arn:") || !awsPrincipal.MatchString(arn) {
			ps.add(Path{"principals", strconv.Itoa(i)}, fmt.Sprintf("%q is not the ARN of a user or a role", arn), "write one such as arn:aws:iam::123456789012:role/name; wildcards are not possible, whole accounts go under accounts")
		}
	}
	people := slices.Concat(t.Accounts, t.Principals)
	if len(people) == 0 {
		if t.MFA {
			ps.add(Path{"mfa"}, "mfa applies to accounts and principals, and there are none", "remove it, or name some")
		}
		if t.ExternalID != "" {
			ps.add(Path{"external_id"}, "external_id applies to accounts and principals, and there are none", "remove it, or name some")
		}
	}
	if t.ExternalID != "" && (!externalIDForm.MatchString(t.ExternalID) || len(t.ExternalID) > 1224) {
		ps.add(Path{"external_id"}, fmt.Sprintf("%q cannot be an external id", t.ExternalID), "use 2 to 1,224 characters of A-Z a-z 0-9 + = , . @ : / - _")
	}
	return people
}

var externalIDForm = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)

// samlAudience is what a SAML assertion is made out to, by partition.
var samlAudience = map[string]string{
	"aws":        "https://signin.aws.amazon.com/saml",
	"aws-cn":     "https://signin.amazonaws.cn/saml",
	"aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
}

func (t Trust) saml(at Place, ps *Problems) Statement {
	provider := t.SAML
	if !strings.HasPrefix(provider, "arn:") {
		provider = at.IAM("saml-provider/" + provider)
	}
	if !samlProvider.MatchString(provider) {
		ps.add(Path{"saml"}, fmt.Sprintf("%q is not a SAML provider", t.SAML), "write its name, or an ARN such as "+at.IAM("saml-provider/name"))
	}
	audience, ok := samlAudience[at.Partition]
	if !ok {
		ps.add(Path{"saml"}, fmt.Sprintf("the sign-in address of partition %s is not known to ssmctl", at.Partition), "write the statement in full under statement")
	}
	return Allow("sts:AssumeRoleWithSAML").By(Principals{Federated: []string{provider}}).If("StringEquals", "SAML:aud", audience)
}

var (
	samlProvider = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}$`)
	oidcProvider = regexp.MustCompile(`^[A-Za-z0-9.-]+(/[\w.~%/-]*[\w.~%-])?$`)
)

func (o OIDC) statement(at Place, ps *Problems) Statement {
	if !oidcProvider.MatchString(o.Provider) || !strings.Contains(o.Provider, ".") {
		ps.add(Path{"oidc", "provider"}, fmt.Sprintf("%q is not the host, or host and path, of an identity provider", o.Provider), "write it without https:// and without a slash at the end, such as token.actions.githubusercontent.com")
	}
	if len(o.Subject) == 0 {
		ps.add(Path{"oidc", "subject"}, "no subject is named, so every user of the provider could assume the role", "name subjects, such as repo:owner/name:ref:refs/heads/main")
	}
	operator := "StringEquals"
	for i, subject := range o.Subject {
		path := Path{"oidc", "subject", strconv.Itoa(i)}
		switch {
		case strings.Trim(subject, "*?") == "":
			ps.add(path, fmt.Sprintf("%q matches every user of the provider", subject), "name whom to trust, such as repo:owner/name:*")
		case !latin1(subject):
			ps.add(path, fmt.Sprintf("%q has characters that IAM takes in no policy", subject), "match them by ?")
		case strings.Contains(subject, "${"):
			ps.add(path, fmt.Sprintf("IAM would take ${ in %q for a variable", subject), "write the statement in full under statement")
		case strings.ContainsAny(subject, "*?"):
			operator = "StringLike"
		}
	}
	audience := o.Audience
	if audience == "" {
		audience = "sts.amazonaws.com"
	}
	if !latin1(audience) || strings.Contains(audience, "${") {
		ps.add(Path{"oidc", "audience"}, fmt.Sprintf("%q cannot stand in a policy", audience), "write the audience that the tokens carry")
	}
	return Allow("sts:AssumeRoleWithWebIdentity").
		By(Principals{Federated: []string{at.IAM("oidc-provider/" + o.Provider)}}).
		If("StringEquals", o.Provider+":aud", audience).
		If(operator, o.Provider+":sub", o.Subject...)
}

// rawStatement reads one statement in the policy language and checks it. Its
// problems are reported under path.
func rawStatement(raw json.RawMessage, path Path, ps *Problems) (s Statement, ok bool) {
	_, bad := scan(string(raw)) // that it is one value, so that what is put around it stays around it
	if bad != nil {
		ps.add(path.at(bad.Path...), bad.Text, bad.Help)
		return Statement{}, false
	}
	var found Problems
	d, err := Parse([]byte(`{"Version":"` + Version2012 + `","Statement":[` + string(raw) + `]}`))
	if bad, ok := errors.AsType[*Problem](err); ok {
		found = Problems{*bad}
	} else {
		found = d.Check(ForTrust)
	}
	for _, p := range found {
		ps.add(path.at(p.Path[min(2, len(p.Path)):]...), p.Text, p.Help) // without Statement[0]
	}
	if len(found) > 0 {
		return Statement{}, false
	}
	return d.Statements[0], true
}

// latin1 reports whether IAM takes all of s in a policy.
func latin1(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '\u00ff' })
}
