package access

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Chain leads from a user or role to the statement that decides for or
// against it, object by object.
type Chain struct {
	Who       resource.ID   `json:"principal"`
	Group     string        `json:"group,omitempty"` // through which it comes
	Policy    string        `json:"policy"`          // its name; ARN is given for a managed one
	ARN       string        `json:"arn,omitempty"`
	Via       []resource.ID `json:"via,omitempty"` // the objects that say so: membership, attachment, policy
	Layer     policy.Layer  `json:"layer"`         // identity or boundary
	Statement int           `json:"statement"`     // its index in the policy
	Sid       string        `json:"sid,omitempty"`
	Effect    string        `json:"effect"`
	Text      string        `json:"text"` // the statement, as JSON
}

// String returns the chain in one line, such as
//
//	user/amy -> group/web -> policy/deploy-web Statement[1] (RunDocuments)
//
// An inline policy is shown as inline/NAME, one of AWS's by its name alone.
func (c Chain) String() string {
	s := c.Who.String() + " -> "
	if c.Group != "" {
		s += "group/" + c.Group + " -> "
	}
	if c.Layer == policy.LayerBoundary {
		s += "boundary "
	}
	s += c.source() + fmt.Sprintf(" Statement[%d]", c.Statement)
	if c.Sid != "" {
		s += " (" + c.Sid + ")"
	}
	return s
}

// Short returns how the principal comes by the policy, without itself and
// without the statement: "group/web -> shell-web", or "prod-breakglass".
func (c Chain) Short() string {
	if c.Group != "" {
		return "group/" + c.Group + " -> " + c.Policy
	}
	return c.Policy
}

// source names the policy by where it stands.
func (c Chain) source() string {
	switch {
	case c.ARN == "":
		return "inline/" + c.Policy
	case strings.Contains(c.ARN, ":iam::aws:"):
		return c.Policy
	}
	return "policy/" + c.Policy
}

// chain returns the chain to a statement of what bears on a principal; of a
// layer that has no chain, ok is false.
func (e Effective) chain(who resource.ID, d policy.Deciding) (c Chain, ok bool) {
	var origins []Origin
	var documents []policy.Document
	switch d.Layer {
	case policy.LayerIdentity:
		origins, documents = e.Identity, e.Policies.Identity
	case policy.LayerBoundary:
		origins, documents = e.Boundary, e.Policies.Boundary
	}
	if d.Document >= len(origins) || d.Statement >= len(documents[d.Document].Statements) {
		return Chain{}, false
	}
	o, s := origins[d.Document], documents[d.Document].Statements[d.Statement]
	return Chain{
		Who: who, Group: o.Group, Policy: o.Name, ARN: o.ARN, Via: o.Chain, Layer: d.Layer,
		Statement: d.Statement, Sid: s.Sid, Effect: s.Effect, Text: statementText(s),
	}, true
}

// chains returns the chains to the statements that decided.
func (e Effective) chains(who resource.ID, by []policy.Deciding) []Chain {
	var chains []Chain
	for _, d := range by {
		if c, ok := e.chain(who, d); ok {
			chains = append(chains, c)
		}
	}
	return chains
}

// statementText returns a statement in the policy language.
func statementText(s policy.Statement) string {
	var d struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(policy.New(s).String()), &d); err != nil {
		panic("access: the text of a statement is not JSON: " + err.Error())
	}
	// A list of one may be written as that one.
	return strings.TrimSuffix(strings.TrimPrefix(string(d.Statement), "["), "]")
}
