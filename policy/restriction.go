package policy

import (
	"encoding/json"
	"slices"
)

// A Restriction says in short what little someone may do with Systems Manager:
// run these documents and open sessions on these nodes, start these
// automations, read these parameters.
type Restriction struct {
	Documents  Names // to run as commands
	Nodes      Nodes // where to run them and to open sessions
	Buckets    []string
	Commands   Commands
	Automation Automation
	Sessions   Sessions
	Parameters Parameters

	Regions    []string        // where it holds; none: in the place's Region
	Conditions json.RawMessage // a Condition element as in IAM, which every grant is under; nil: none
	Expires    string          // the last day in UTC, "2027-03-31", or a time as RFC 3339 has it; "": never
	Enforce    string          // "grant", "boundary", "deny"; "" is grant
}

// Names are names of documents or parameters: those listed, or all. A name may
// hold * and ?.
//
// Of documents, all are those of the account and of AWS, and those that other
// accounts share are never among them. A name that begins as AWS's do (AWS,
// Amazon, AMZN) stands for AWS's documents, and otherwise only for the
// account's own.
type Names struct {
	All  bool
	List []string
}

func (n Names) empty() bool { return !n.All && len(n.List) == 0 }

// Nodes are EC2 instances and hybrid nodes: all, or those that any of IDs and
// Tags selects. A selector by tags is a condition, so it covers nodes that do
// not exist yet.
type Nodes struct {
	All  bool
	IDs  []string            // "i-...", "mi-..."; of the place's Region
	Tags []map[string]string // in each, all of the tags are needed
}

func (n Nodes) empty() bool { return !n.All && len(n.IDs) == 0 && len(n.Tags) == 0 }

// Commands say which commands may be dealt with once they are sent. IAM does
// not tell one's own from those of others: it knows no resource for a command.
type Commands struct {
	View   string // "any", "none"; "" is any if there are Documents, else none
	Cancel string // "any", "none"; "" is none
}

// Automation says which runbooks may be started, and which executions stopped.
// Whoever may start or stop any may see all executions.
type Automation struct {
	Start Names
	Stop  string // "any", "none"; "" is none
}

const (
	// MaxManaged is how many characters IAM allows a managed policy. It is the
	// same in every account (IAM User Guide, "IAM and AWS STS quotas").
	MaxManaged = 6144

	// MaxDocuments is how many documents a restriction may become: as many
	// managed policies as IAM attaches to one principal unless the account
	// asked for more (the same page).
	MaxDocuments = 10
)

// Compile returns the managed policies that say just what r says, in that
// place: one if IAM takes it as one, else as few as keep their statements when
// r grows (see pack). The order within r makes no difference. An error is
// Problems, whose paths begin with the keys of a spec: documents, instances,
// buckets, ...; or, when the policies cannot be proven to say what r says, a
// fault of this package.
//
// To grant is to allow what r says, and to be attached. A boundary allows it,
// and everything beyond Systems Manager; it is one document, to be set as the
// permissions boundary. To deny is to deny, of the actions that r speaks of,
// all that r does not allow, whatever else allows it; r itself grants nothing
// then.
//
// Every resource of a request is authorised by itself, so each kind of it is
// in a statement of its own: a condition on the tags of nodes would deny a
// document, which has none.
func (r Restriction) Compile(at Place) ([]Document, error) {
	var ps Problems
	at.check(&ps)
	in := r.check(at, &ps)
	if err := ps.err(); err != nil {
		return nil, err
	}
	statements := r.statements(in, &ps)
	if err := ps.err(); err != nil {
		return nil, err
	}
	switch whole := New(statements...); {
	case whole.Size() <= MaxManaged:
		return []Document{whole}, nil
	default:
		documents, ok := pack(statements, r.limit())
		if !ok {
			r.tooLarge(whole.Size(), in, &ps)
			return nil, ps
		}
		return documents, prove(documents, statements)
	}
}

// limit returns how many documents r may become. A principal has one boundary.
func (r Restriction) limit() int {
	if r.Enforce == "boundary" {
		return 1
	}
	return MaxDocuments
}

// statements returns what r says, a statement for each thing that it says. It
// is as good a policy as any, only longer.
func (r Restriction) statements(in scope, ps *Problems) []Statement {
	grants := slices.Concat(r.look(in), r.run(in), r.automate(in), r.converse(in), r.parameters(in))
	guard := r.guard(ps)
	if len(*ps) > 0 {
		return nil
	}
	switch r.Enforce {
	case "deny":
		return r.deny(in, grants, guard, ps)
	case "boundary":
		return append([]Statement{beyondSystemsManager}, guard.apply(grants, ps)...)
	}
	return guard.apply(grants, ps)
}

// A scope is the place that a restriction is compiled for, and all of the
// places where it holds, which differ in the Region.
type scope struct {
	home Place
	all  []Place
}

// scope returns where r holds.
func (r Restriction) scope(at Place) scope {
	if len(r.Regions) == 0 {
		return scope{at, []Place{at}}
	}
	in := scope{home: at}
	for _, region := range slices.Compact(slices.Sorted(slices.Values(r.Regions))) {
		in.all = append(in.all, Place{at.Partition, at.Account, region})
	}
	return in
}

// arns returns the ARNs of a resource of the account, one a Region.
func (in scope) arns(service, resource string) (arns []string) {
	for _, at := range in.all {
		arns = append(arns, at.ARN(service, resource))
	}
	return arns
}

// ownedByAWS returns the ARNs of a resource of Systems Manager that AWS owns,
// one a Region.
func (in scope) ownedByAWS(resource string) (arns []string) {
	for _, at := range in.all {
		arns = append(arns, at.AWSOwned(resource))
	}
	return arns
}
