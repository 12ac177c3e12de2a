package policy

import (
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A Request is one authorisation check: one action on one resource. A call of
// AWS that touches several resources is as many requests, all of which must be
// allowed.
type Request struct {
	// Principal is who asks: the ARN of a user, of a role (any session of it),
	// of an assumed-role or federated-user session, or of an account's root; a
	// service such as "ec2.amazonaws.com"; or the identity provider of a
	// federated principal, as a trust policy names it. "" is anonymous.
	Principal string `json:"principal"`
	Action    string `json:"action"`            // such as "ssm:SendCommand", in any case
	Resource  string `json:"resource"`          // its ARN, or "*" where the action knows no resource
	Account   string `json:"account,omitempty"` // that owns the resource; "" is the principal's own
	// Context are the keys of the request. What follows from Principal and
	// Account need not be given: see Lookup.
	Context Context `json:"context,omitempty"`
}

// Lookup returns the value of a context key, in any case, and whether the
// request has it. A key that is not in Context is taken from what else is known,
// as AWS does it (IAM User Guide, "AWS global condition context keys"):
//
//   - aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType and, of users
//     alone, aws:username. Of a session, the ARN is the role's; the session's
//     own ARN does not tell the role's path, so one that has a path must be
//     given.
//   - aws:PrincipalIsAWSService, and of a service aws:PrincipalServiceName.
//   - aws:ResourceAccount.
//
// Nothing else is derived; aws:userid, for one, holds an id that AWS made.
func (r Request) Lookup(key string) (Value, bool) {
	c := newCaller(r.Principal)
	return r.Context.lookup(key, c, r.owner(c))
}

// owner returns the account of the resource.
func (r Request) owner(c caller) string {
	if r.Account != "" {
		return r.Account
	}
	return c.account
}

// A caller is what the name of a principal tells.
type caller struct {
	arn       string
	kind      callerKind
	partition string
	account   string // "" for one outside of all accounts
	name      string // of the user, role or federated user, without its path
}

type callerKind int

const (
	callerOutsider  callerKind = iota // a service, a provider of identities, or nobody
	callerRoot                        // of an account
	callerUser                        // of IAM
	callerRole                        // of IAM: some session of it
	callerSession                     // of a role
	callerFederated                   // a session by GetFederationToken
)

func newCaller(principal string) caller {
	c := caller{arn: principal}
	if isAccount(principal) {
		c.kind, c.partition, c.account = callerRoot, "aws", principal
		c.arn = "arn:aws:iam::" + principal + ":root"
		return c
	}
	f := strings.SplitN(principal, ":", 6)
	if len(f) < 6 || f[0] != "arn" {
		return c
	}
	kind, rest, _ := strings.Cut(f[5], "/")
	switch f[2] + ":" + kind {
	case "iam:root":
		c.kind = callerRoot
	case "iam:user":
		c.kind, c.name = callerUser, rest[strings.LastIndexByte(rest, '/')+1:]
	case "iam:role":
		c.kind, c.name = callerRole, rest[strings.LastIndexByte(rest, '/')+1:]
	case "sts:assumed-role":
		c.kind = callerSession
		c.name, _, _ = strings.Cut(rest, "/")
	case "sts:federated-user":
		c.kind, c.name = callerFederated, rest
	default:
		return c // a provider of identities: outside, whoever's account it is in
	}
	c.partition, c.account = f[1], f[4]
	return c
}

// principalARN returns the value of aws:PrincipalArn.
func (c caller) principalARN() string {
	if c.kind == callerSession {
		return "arn:" + c.partition + ":iam::" + c.account + ":role/" + c.name
	}
	return c.arn
}

// principalTypes are the values of aws:PrincipalType.
var principalTypes = map[callerKind]string{
	callerRoot: "Account", callerUser: "User", callerRole: "AssumedRole", callerSession: "AssumedRole", callerFederated: "FederatedUser",
}

// derived returns the value of a key that follows from who asks and of whom.
func (c caller) derived(key, owner string) (value string, ok bool) {
	inside := c.kind != callerOutsider
	service := !inside && strings.Contains(c.arn, ".") && !strings.Contains(c.arn, "/")
	switch match.Fold(key) {
	case "aws:principalarn":
		return c.principalARN(), inside
	case "aws:principalaccount":
		return c.account, inside
	case "aws:principaltype":
		return principalTypes[c.kind], inside
	case "aws:username":
		return c.name, c.kind == callerUser
	case "aws:principalisawsservice":
		if service {
			return "true", true
		}
		return "false", inside
	case "aws:principalservicename":
		return c.arn, service
	case "aws:resourceaccount":
		return owner, owner != ""
	}
	return "", false
}

// serviceLinked reports whether the caller is a role that a service made for
// itself. Only its path tells for certain, which a session's ARN does not have;
// the name is as AWS gives it to all of them.
func (c caller) serviceLinked(r Request) bool {
	arn := c.arn
	if v, ok := r.Context.get("aws:PrincipalArn"); ok && len(v.list) == 1 {
		arn = v.list[0]
	}
	return strings.Contains(arn, ":role/aws-service-role/") ||
		c.kind == callerSession && strings.HasPrefix(c.name, "AWSServiceRoleFor")
}
