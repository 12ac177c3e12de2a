package access

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/resource"
)

// Actions returns the actions that a matrix or a comparison is about if no
// others are given, sorted: all of Systems Manager, and those by which someone
// could come to reach more through it.
func Actions() []string {
	all := slices.Concat(catalogue.Of("ssm"), catalogue.Of("ssmmessages"), catalogue.Of("resource-groups"), []string{
		"ec2:AssociateIamInstanceProfile",
		"ec2:CreateTags",
		"ec2:DeleteTags",
		"ec2:ReplaceIamInstanceProfileAssociation",
		"ec2:RunInstances",
		"iam:AddRoleToInstanceProfile",
		"iam:AddUserToGroup",
		"iam:AttachGroupPolicy",
		"iam:AttachRolePolicy",
		"iam:AttachUserPolicy",
		"iam:CreateAccessKey",
		"iam:CreateLoginProfile",
		"iam:CreatePolicyVersion",
		"iam:DeleteGroupPolicy",
		"iam:DeleteRolePermissionsBoundary",
		"iam:DeleteRolePolicy",
		"iam:DeleteUserPermissionsBoundary",
		"iam:DeleteUserPolicy",
		"iam:DetachGroupPolicy",
		"iam:DetachRolePolicy",
		"iam:DetachUserPolicy",
		"iam:PassRole",
		"iam:PutGroupPolicy",
		"iam:PutRolePermissionsBoundary",
		"iam:PutRolePolicy",
		"iam:PutUserPermissionsBoundary",
		"iam:PutUserPolicy",
		"iam:RemoveUserFromGroup",
		"iam:SetDefaultPolicyVersion",
		"iam:TagRole",
		"iam:TagUser",
		"iam:UpdateAssumeRolePolicy",
		"iam:UpdateLoginProfile",
		"ssm-guiconnect:StartConnection",
	})
	return set(all)
}

// A Matrix says which calls each principal of an account may make on what. It
// holds sets of nodes and of documents for each way to make a call, never
// their combinations. It is safe for concurrent use.
type Matrix struct {
	account *Account
	engine  *engine
	party   map[resource.ID]*party
	results map[string]*result // by class of principal
}

// NewMatrix computes the matrix of an account for the actions, which are in
// AWS's spelling; nil are those that Actions returns. It uses all processors.
func NewMatrix(a *Account, actions []string) *Matrix {
	if actions == nil {
		actions = Actions()
	}
	m := &Matrix{account: a, engine: newEngine(actions), party: map[resource.ID]*party{}, results: map[string]*result{}}
	m.engine.list(a, a)
	var work []*party
	for _, p := range m.engine.parties(a) {
		m.party[p.ID] = p
		if _, ok := m.results[p.class]; !ok {
			m.results[p.class] = nil
			work = append(work, p)
		}
	}
	results := make([]*result, len(work))
	spread(len(work), func(i int) {
		results[i] = m.engine.result(nil, work[i])
		for _, u := range results[i].universes {
			u.samples, u.about, u.inquiry = nothing, nil, nil // they only matter for words
		}
	})
	for i, p := range work {
		m.results[p.class] = results[i]
	}
	return m
}

// Reach is what a principal may act on by calls of one action, whatever the
// circumstances of the call.
type Reach struct {
	Nodes     []int // positions in Account.Nodes, ascending
	Documents []int // positions in Account.Documents, ascending
	Other     bool  // something that the account does not list, such as any other node
}

// Reach returns what the principal may act on by calls of the action. A node
// is in it if there is some call of the action that acts on it and passes: for
// ssm:SendCommand, if some document may be sent to it, and likewise a document
// if there is a node. It is empty for an action that the matrix is not about.
func (m *Matrix) Reach(who resource.ID, action string) Reach {
	var reach Reach
	p, ok := m.party[who]
	i := slices.IndexFunc(m.engine.actions, func(a string) bool { return strings.EqualFold(a, action) })
	if !ok || i < 0 {
		return reach
	}
	nodes, documents := newBits(len(m.account.Nodes)), newBits(len(m.account.Documents))
	for _, g := range m.results[p.class].groups {
		if !g.actions.has(i) {
			continue
		}
		for _, f := range g.forms {
			for w := range g.view.worlds {
				if f.empty(1, w) {
					continue
				}
				for j, l := range f.form {
					u, found := f.universes[j], f.sets[1][j][w]
					switch l.kind {
					case nodeLeg:
						nodes.or(found[:len(nodes)])
					case documentLeg:
						documents.or(found[:len(documents)])
					}
					reach.Other = reach.Other || l.kind != noLeg && found[u.start()/64:].first() >= 0
				}
			}
		}
	}
	reach.Nodes = slices.Collect(nodes.each())
	reach.Documents = slices.Collect(documents.each())
	return reach
}

// Rights returns all that the principal may do, in words, what matters most
// first. The text of a policy that is not known is a right of its own: nobody
// can say what it allows. It is nil for nothing and for a principal that the
// account does not have.
func (m *Matrix) Rights(who resource.ID) []Right {
	p, ok := m.party[who]
	if !ok {
		return nil
	}
	nothingYet := &Account{Place: m.account.Place}
	c := &comparison{
		engine:   m.engine,
		accounts: [2]*Account{nothingYet, m.account},
		parties:  [2]map[resource.ID]*party{{}, {who: p}},
		moved:    [2]bits{newBits(len(m.account.Nodes)), newBits(len(m.account.Documents))},
		lists:    newLists(m.account, m.account),
	}
	changes := c.changes(who, &difference{rows: c.rows(m.engine.result(nil, p))})
	changes = append(changes, c.unread()...)
	slices.SortStableFunc(changes, inOrder)
	var rights []Right
	for _, d := range changes {
		rights = append(rights, Right{
			Actions: d.Actions, Rights: d.Rights, On: d.On, With: d.With, Resources: d.Resources, When: d.When, Unknown: d.Unknown, Via: d.Via,
		})
	}
	return rights
}
