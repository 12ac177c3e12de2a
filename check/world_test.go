package check_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

const account = "123456789012"

// texts are the policies of these tests, by name.
var texts = map[string]policy.Document{
	"all":      policy.New(policy.Allow("*").On("*")),
	"admin":    policy.New(policy.Allow("iam:*").On("*")),
	"with-mfa": policy.New(policy.Allow("iam:*").On("*").If("Bool", "aws:MultiFactorAuthPresent", "true")),
	"attach":   policy.New(policy.Allow("iam:AttachGroupPolicy").On("*")),
	"no-iam":   policy.New(policy.Deny("iam:*").On("*")),
	"mfa-only": policy.New(policy.Deny("iam:*").On("*").If("BoolIfExists", "aws:MultiFactorAuthPresent", "false")),
	"read":     policy.New(policy.Allow("ssm:Describe*", "ssm:List*").On("*")),
	"less":     policy.New(policy.Allow("ssm:Describe*").On("*")),
	"split":    policy.New(policy.Allow("SSM:List*").On("*"), policy.Allow("ssm:Describe*").On("*")),
	"s3":       policy.New(policy.Allow("s3:GetObject").On("arn:aws:s3:::acme/*")),
	"own-tag":  policy.New(policy.Allow("ssm:StartSession").On("*").If("StringEquals", "ssm:resourceTag/Team", "${aws:PrincipalTag/Team}")),
	"web": policy.New(
		policy.Allow("ssm:SendCommand").On("arn:aws:ssm:us-east-1:"+account+":document/deploy"),
		policy.Allow("ssm:SendCommand").On("arn:aws:ec2:us-east-1:"+account+":instance/*").If("StringEquals", "ssm:resourceTag/App", "web"),
	),
	"ec2":   trust(policy.Principals{Service: []string{"ec2.amazonaws.com"}}),
	"alice": trust(policy.Principals{AWS: []string{"arn:aws:iam::" + account + ":user/alice"}}),
	"both":  trust(policy.Principals{AWS: []string{"arn:aws:iam::" + account + ":user/alice", "arn:aws:iam::" + account + ":user/bob"}}),
	"mfa":   policy.New(people("alice").If("Bool", "aws:MultiFactorAuthPresent", "true")),
}

func trust(p policy.Principals) policy.Document {
	return policy.New(policy.Allow("sts:AssumeRole").By(p))
}

func people(name string) policy.Statement {
	return policy.Allow("sts:AssumeRole").By(policy.Principals{AWS: []string{"arn:aws:iam::" + account + ":user/" + name}})
}

// A thing is an object of these tests, written as an address, and behind an
// equals sign what it says: "policy/web=read", "user/alice=Team=ops". What
// begins with a tilde is nobody's of the spec.
type thing struct {
	Address resource.ID
	Says    string
}

func (t thing) ID() resource.ID        { return t.Address }
func (t thing) Needs() []resource.ID   { return nil }
func (t thing) rest() (a, b, c string) { return cut3(t.Address.Name) }

func cut3(s string) (a, b, c string) {
	a, s, _ = strings.Cut(s, "/")
	b, c, _ = strings.Cut(s, "/")
	return a, b, c
}

func things(text string) (all []thing, owned map[resource.ID]bool) {
	owned = map[resource.ID]bool{}
	for _, word := range strings.Fields(text) {
		name, foreign := strings.CutPrefix(word, "~")
		name, says, _ := strings.Cut(name, "=")
		kind, name, _ := strings.Cut(name, "/")
		t := thing{resource.ID{Kind: kind, Name: name}, says}
		all = append(all, t)
		owned[t.Address] = !foreign
	}
	return all, owned
}

func arn(sort, name string) string { return "arn:aws:iam::" + account + ":" + sort + "/" + name }

// snapshot is who can do what where there are these things. Policies that are
// no things among them are AWS's own.
func snapshot(all []thing) *access.Account {
	a := &access.Account{Place: policy.Place{Partition: "aws", Account: account, Region: "us-east-1"}, Policies: map[string]access.Managed{}}
	for name, d := range texts {
		a.Policies[arn("policy", name)] = access.Managed{Name: name, ARN: arn("policy", name), Document: d}
	}
	a.Policies[arn("policy", "secret")] = access.Managed{Name: "secret", ARN: arn("policy", "secret"), Unread: "it is newer than this program"}
	a.Documents = []access.Document{{Name: "deploy", ARN: "arn:aws:ssm:us-east-1:" + account + ":document/deploy"}}
	carries := map[string]thing{}
	for _, t := range all {
		if t.ID().Kind == "association" {
			carries[t.ID().Name] = t
		}
	}
	for _, t := range all {
		id := t.ID()
		one, two, three := t.rest()
		switch id.Kind {
		case "user":
			p := access.Principal{ID: id, ARN: arn("user", id.Name), Tags: map[string]string{}}
			if k, v, ok := strings.Cut(t.Says, "="); ok {
				p.Tags[k] = v
			}
			a.Principals = append(a.Principals, p)
		case "role":
			a.Principals = append(a.Principals, access.Principal{ID: id, ARN: arn("role/ops", id.Name), Trust: texts[t.Says]})
		case "instance":
			n := access.Node{ID: id.Name, ARN: "arn:aws:ec2:us-east-1:" + account + ":instance/" + id.Name, Tags: map[string]string{}, From: []resource.ID{id}}
			if k, v, ok := strings.Cut(t.Says, "="); ok {
				n.Tags[k] = v
			}
			if tie, ok := carries[id.Name]; ok {
				n.Role, n.From = tie.Says, append(n.From, tie.ID())
			}
			a.Nodes = append(a.Nodes, n)
		case "group":
			a.Groups = append(a.Groups, access.Group{ID: id, ARN: arn("group", id.Name)})
		case "membership":
			a.Members = append(a.Members, access.Member{Group: one, User: two, From: id})
		case "attachment":
			a.Grants = append(a.Grants, access.Grant{To: resource.ID{Kind: one, Name: two}, ARN: arn("policy", three), Name: three, From: id})
		case "inline":
			d := texts[t.Says]
			a.Grants = append(a.Grants, access.Grant{To: resource.ID{Kind: one, Name: two}, Name: three, Document: &d, From: id})
		case "boundary":
			a.Bounds = append(a.Bounds, access.Bound{Of: resource.ID{Kind: one, Name: two}, ARN: arn("policy", t.Says), From: id})
		case "policy":
			a.Policies[arn("policy", id.Name)] = access.Managed{Name: id.Name, ARN: arn("policy", id.Name), Document: texts[t.Says], From: id}
		}
	}
	return a
}

// calls are what these tests take the writing of a change to ask of IAM.
func calls(c resource.Change) []policy.Request {
	if c == (resource.Change{}) {
		return []policy.Request{{Action: "iam:GetAccountAuthorizationDetails", Resource: "*"}}
	}
	do := map[resource.Action][2]string{resource.Create: {"Attach", "AddUserTo"}, resource.Update: {"Attach", "AddUserTo"}, resource.Delete: {"Detach", "RemoveUserFrom"}}[c.Action()]
	one, two, _ := cut3(c.ID().Name)
	switch id := c.ID(); id.Kind {
	case "membership":
		return []policy.Request{{Action: "iam:" + do[1] + "Group", Resource: arn("group", one)}}
	case "attachment":
		return []policy.Request{{Action: "iam:" + do[0] + strings.ToUpper(one[:1]) + one[1:] + "Policy", Resource: arn(one, two)}}
	}
	return nil
}

// input plans from one set of things to another. What is wanted stands in the
// spec, a line each.
func input(t testing.TB, before, after string) check.Input {
	t.Helper()
	have, owned := things(before)
	want, _ := things(after)
	live := &resource.Live{State: &resource.State{}, Owned: owned}
	desired := &resource.Desired{State: &resource.State{}, Absent: map[resource.ID]bool{}, Source: map[resource.ID]resource.Position{}}
	left := []thing{}
	for _, o := range have {
		if err := live.State.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	for i, o := range want {
		if err := desired.State.Add(o); err != nil {
			t.Fatal(err)
		}
		desired.Source[o.ID()] = resource.Position{File: "access.yaml", Line: i + 1, Column: 1}
		left = append(left, o)
	}
	for _, o := range have {
		if !owned[o.ID()] && desired.State.Get(o.ID()) == nil {
			left = append(left, o)
		}
	}
	many := 1000
	plan, err := planner.Make(planner.Input{Desired: desired, Live: live, MaxDeletes: &many})
	if err != nil {
		t.Fatal(err)
	}
	return check.Input{Plan: plan, Before: snapshot(have), After: snapshot(left), Calls: calls, Caller: "arn:aws:iam::" + account + ":root", Quotas: map[string]int{}}
}

// arrange puts the steps of a plan that was made from those things into an
// order, lets some wait for others and none else, and tells what is in between.
func arrange(t testing.TB, in *check.Input, before string, order []string, waits map[string]string) {
	t.Helper()
	steps := map[string]planner.Step{}
	for _, s := range in.Plan.Steps {
		steps[s.ID().String()] = s
	}
	at := map[string]int{}
	plan := *in.Plan
	plan.Steps = nil
	for i, name := range order {
		s, ok := steps[name]
		if !ok {
			t.Fatalf("the plan has no step %s", name)
		}
		delete(steps, name)
		s.Waits = nil
		if w, ok := waits[name]; ok {
			s.Waits = []int{at[w]}
		}
		at[name] = i
		plan.Steps = append(plan.Steps, s)
	}
	if len(steps) > 0 {
		t.Fatalf("there is no place in the order for %v", slices.Collect(maps.Keys(steps)))
	}
	in.Plan = &plan
	in.At = along(in.Plan, before)
}

// along tells what there is once some of the steps are done.
func along(plan *planner.Plan, before string) func([]int) *access.Account {
	return func(done []int) *access.Account {
		have, _ := things(before)
		for _, i := range done {
			s := plan.Steps[i]
			have = slices.DeleteFunc(have, func(t thing) bool { return t.ID() == s.ID() })
			if s.After != nil {
				have = append(have, s.After.(thing))
			}
		}
		return snapshot(have)
	}
}

// texts of what a rule says.
func said(refused planner.Refused, notes []planner.Note) []string {
	all := []string{}
	for _, r := range refused {
		all = append(all, r.String())
	}
	for _, n := range notes {
		text := n.Text
		if n.Resource != (resource.ID{}) {
			text = n.Resource.String() + ": " + text
		}
		all = append(all, "note: "+text)
	}
	return all
}
