// Package access says who can do what in one account: it holds a snapshot of
// the account's principals, policies and nodes, computes from it which calls
// of AWS each principal may make on what, compares two snapshots, and answers
// questions about one.
//
// It decides by package policy alone. It knows nothing of how a snapshot was
// read, of specs, or of the steps of a plan: to it a cause is a resource.ID.
package access

import (
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// An Account is a snapshot: who there is, what they hold, and what they could
// reach. It is put together from objects in any order, and nobody changes it
// once it is built, so it is safe to share. What refers to something that is
// not there (a member who is no user, a policy without a text) is kept. No two
// principals share an ID, and no two nodes or documents an ARN.
type Account struct {
	Place      policy.Place
	Principals []Principal        // users and roles
	Groups     []Group            // of users
	Members    []Member           // which user is in which group
	Grants     []Grant            // policies on users, groups and roles
	Bounds     []Bound            // permissions boundaries
	Policies   map[string]Managed // managed policies by ARN
	Nodes      []Node
	Documents  []Document
}

// A Principal is a user or a role. What a role may do, whoever assumes it may.
type Principal struct {
	ID      resource.ID       // user/alice, role/ci
	ARN     string            // arn:aws:iam::123456789012:user/alice
	Tags    map[string]string // of the user or role
	Trust   policy.Document   // who may assume the role
	Service bool              // only services of AWS act as it: a service-linked role, or one that trusts no one else
}

// A Group is a group of users.
type Group struct {
	ID  resource.ID // group/operators
	ARN string
}

// A Member says that a user is in a group.
type Member struct {
	Group, User string      // names
	From        resource.ID // the object that says so: membership/operators/alice
}

// A Grant is one policy on a user, a group or a role: a managed one, by its
// ARN, or an inline one, which has no ARN but a document.
type Grant struct {
	To       resource.ID      // user, group or role
	ARN      string           // of a managed policy
	Name     string           // of the policy
	Document *policy.Document // of an inline policy
	From     resource.ID      // the object that says so: attachment/… or inline/…
}

// A Bound is the permissions boundary of a user or role.
type Bound struct {
	Of   resource.ID // user or role
	ARN  string      // of the managed policy
	From resource.ID // the object that says so: boundary/…
}

// A Managed is a managed policy.
type Managed struct {
	Name, ARN string
	Document  policy.Document
	Unread    string      // why the text is not known; "" if it is
	From      resource.ID // policy/NAME; zero for one of AWS's own
}

// A Node is a machine that Systems Manager could manage.
type Node struct {
	ID   string            // i-1234567890abcdef0 or mi-…
	Name string            // its Name tag or computer name; may be ""
	ARN  string            // arn:aws:ec2:…:instance/i-… or arn:aws:ssm:…:managed-instance/mi-…
	Tags map[string]string // keys as written
	Role string            // name of the role its profile carries, "" if it has none
	From []resource.ID     // the objects that say what it is and what it carries
}

// Carries reports whether the node has all the tags; case counts.
func (n Node) Carries(tags map[string]string) bool {
	for k, v := range tags {
		if have, ok := n.Tags[k]; !ok || have != v {
			return false
		}
	}
	return true
}

// A Document is a document of Systems Manager: a command, a runbook, a kind
// of session.
type Document struct {
	Name string
	ARN  string // a document of AWS has an empty account in it
	Tags map[string]string
	From resource.ID // zero for a document of AWS
}
