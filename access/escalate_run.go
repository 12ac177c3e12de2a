package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// An explorer looks for escalations in one account. What it finds out about a
// principal it keeps for all of the same class: those whose policies, and what
// these ask about the principal, are the same.
type explorer struct {
	account  *Account
	people   *people
	matrix   *Matrix
	budget   policy.Budget
	carriers map[string][]int     // the nodes that carry a role, by its name; "" for no role
	rights   map[string][]*grade  // of roles, by class
	weights  map[[2]string]weight // of roles for principals, by class
	chosen   map[[2]string]Target // documents that run anything, by class and action
	run      map[string]bits      // nodes where a class may run something, as far as is known
	reach    map[[2]string]bits   // nodes that a class may act on, by class and action
	runners  map[string][]runner  // who is granted documents by name, by action
}

// The actions by which something is run on a node, in the order in which they
// are named: a shell is the simplest.
var runActions = []string{"ssm:StartSession", "ssm:SendCommand", "ssm:CreateAssociation"}

// tagActions are those by which tags of nodes are written.
var tagActions = []string{"ec2:CreateTags", "ec2:DeleteTags", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"}

// profileActions are those that give a node another profile.
var profileActions = []string{"ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation"}

func newExplorer(a *Account, budget policy.Budget) *explorer {
	x := &explorer{
		account: a, people: newPeople(a), budget: budget,
		matrix:   NewMatrix(a, slices.Concat(runActions, tagActions, profileActions)),
		carriers: map[string][]int{},
		rights:   map[string][]*grade{},
		weights:  map[[2]string]weight{},
		chosen:   map[[2]string]Target{},
		run:      map[string]bits{},
		reach:    map[[2]string]bits{},
		runners:  map[string][]runner{},
	}
	for i, n := range a.Nodes {
		x.carriers[n.Role] = append(x.carriers[n.Role], i)
	}
	return x
}

// class returns what a principal's answers are kept by.
func (x *explorer) class(s *subject) string { return x.matrix.party[s.principal.ID].class }

// acts returns the nodes that a principal may act on.
func (x *explorer) acts(s *subject, action string) bits {
	key := [2]string{x.class(s), action}
	b, ok := x.reach[key]
	if !ok {
		b = newBits(len(x.account.Nodes))
		for _, i := range x.matrix.Reach(s.principal.ID, action).Nodes {
			b.add(i)
		}
		x.reach[key] = b
	}
	return b
}

// A way is how someone runs something on a node.
type way struct {
	action string
	with   string // the document; "" for a shell
	node   Node
	when   string
}

func (w way) String() string {
	s := w.action
	if w.with != "" {
		s += " of " + w.with
	}
	s += " on " + cmp.Or(w.node.Name, w.node.ID)
	if w.when != "" {
		s += " " + w.when
	}
	return s
}

// runs returns how a principal can run anything of its choice on a node.
func (x *explorer) runs(s *subject, n Node) (way, bool) {
	for _, action := range runActions {
		if !s.speaksOf(action) {
			continue
		}
		on := one(nodeTarget(n))
		if action == "ssm:StartSession" {
			// With the check, the document of the shell must be allowed. Where the
			// policy does not ask for the check, the shell needs no document.
			unchecked := policy.Context{"ssm:SessionDocumentAccessCheck": policy.One("false")}
			if when, ok := s.passes(action, unchecked, on); ok {
				return way{action, "", n, when}, true
			}
			if when, ok := s.passes(action, nil, on, one(x.account.shell())); ok {
				return way{action, "", n, when}, true
			}
			continue
		}
		document, ok := x.anything(s, action)
		if !ok {
			continue
		}
		slots := []slot{on, one(document)}
		if action == "ssm:CreateAssociation" {
			slots = append(slots, shared(anAssociation, s.anyTarget(action, anAssociation)))
		}
		if when, ok := s.passes(action, nil, slots...); ok {
			return way{action, document.Name, n, when}, true
		}
	}
	return way{}, false
}

// runsOn returns the first of some nodes on which a principal can run
// anything, and how.
func (x *explorer) runsOn(s *subject, nodes []int) (way, bool) {
	may := x.mayRun(s)
	for _, i := range nodes {
		if !may.has(i) {
			continue
		}
		// Few ever fail: what is run does not depend on the node.
		if w, ok := x.runs(s, x.account.Nodes[i]); ok {
			return w, true
		}
		may[i>>6] &^= 1 << (i & 63)
	}
	return way{}, false
}

// mayRun returns the nodes on which a principal may do something that could
// run anything.
func (x *explorer) mayRun(s *subject) bits {
	class := x.class(s)
	if nodes, ok := x.run[class]; ok {
		return nodes
	}
	nodes := newBits(len(x.account.Nodes))
	for _, action := range runActions {
		if action != "ssm:StartSession" {
			if _, ok := x.anything(s, action); !ok {
				continue
			}
		}
		nodes.or(x.acts(s, action))
	}
	x.run[class] = nodes
	return nodes
}

// runsAnything are AWS's documents that run whatever their parameters say, by
// the action that runs them.
var runsAnything = map[string][]string{
	"ssm:SendCommand": {
		runShellScript, "AWS-RunPowerShellScript", "AWS-RunRemoteScript", "AWS-RunDocument", "AWS-ApplyAnsiblePlaybooks",
		"AWS-RunAnsiblePlaybook", "AWS-ApplyChefRecipes", "AWS-RunSaltState", "AWS-ApplyDSCMofs", "AWS-InstallApplication",
		"AWS-InstallPowerShellModule", "AWS-ConfigureAWSPackage",
	},
	"ssm:StartAutomationExecution": {"AWS-CreateStack", "AWS-UpdateCloudFormationStack"},
}

// anything returns a document with which a principal can have anything run by
// an action: one of AWS's that runs what it is told, one that another account
// shares, since anyone can share what they wrote, or one that the principal
// can write.
func (x *explorer) anything(s *subject, action string) (Target, bool) {
	key := [2]string{x.class(s), action}
	t, ok := x.chosen[key]
	if !ok {
		t = x.choose(s, action)
		x.chosen[key] = t
	}
	return t, t.ARN != ""
}

func (x *explorer) choose(s *subject, action string) Target {
	may := func(action string, t Target) bool {
		_, ok := s.passes(action, nil, one(t))
		return ok
	}
	names := runsAnything[action]
	if action == "ssm:CreateAssociation" {
		names = runsAnything["ssm:SendCommand"]
	}
	for _, name := range names {
		if t := (Target{Leg: DocumentLeg, Name: name, ARN: x.account.documentARN(name), Known: true}); may(action, t) {
			return t
		}
	}
	elsewhere := x.account.Place
	elsewhere.Account = "999999999999"
	if elsewhere.Account == x.account.Place.Account {
		elsewhere.Account = "888888888888"
	}
	for _, t := range s.samples(action, "document", elsewhere) {
		t.Name = "a document that another account shares"
		if fields(t.ARN)[4] == elsewhere.Account && may(action, t) {
			return t
		}
	}
	for _, t := range s.anyTarget(action, aDocument) {
		name := cmp.Or(t.Name, t.ARN[strings.LastIndexByte(t.ARN, '/')+1:])
		if !strings.Contains(t.ARN, ":"+x.account.Place.Account+":") || policy.OwnedByAWS(name) {
			continue
		}
		how := "ssm:CreateDocument"
		if t.Known {
			how = "ssm:UpdateDocument"
		}
		if s.speaksOf(how) && may(action, t) && may(how, t) {
			t.Name = name + ", which it can write,"
			return t
		}
	}
	return Target{}
}
