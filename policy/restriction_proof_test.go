package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

// addGrant adds one more random thing to what r says.
func addGrant(r *policy.Restriction, random *rand.Rand) {
	n := random.IntN(1 << 30)
	add := func(list *[]string, format string) { *list = append(*list, fmt.Sprintf(format, n)) }
	switch random.IntN(12) {
	case 0, 1:
		add(&r.Documents.List, "document-%d")
	case 2:
		add(&r.Documents.List, "AWS-Document%d*")
	case 3, 4:
		add(&r.Nodes.IDs, "i-%017x")
	case 5:
		add(&r.Nodes.IDs, "mi-%017x")
	case 6:
		r.Nodes.Tags = append(r.Nodes.Tags, map[string]string{"App": fmt.Sprint("app-", n), "Env": "prod"})
	case 7:
		add(&r.Buckets, "bucket-%d/commands")
	case 8:
		add(&r.Automation.Start.List, "runbook-%d")
	case 9:
		add(&r.Sessions.Documents.List, "document-%d")
	case 10:
		add(&r.Parameters.Read.List, "/team/%d/*")
	case 11:
		add(&r.Parameters.Write.List, "/team/%d/version")
		if random.IntN(2) == 0 {
			add(&r.Parameters.Decrypt, "alias/key-%d")
		}
	}
}

// randomGrants returns a restriction of n random grants.
func randomGrants(n int, random *rand.Rand) policy.Restriction {
	r := policy.Restriction{
		Documents: policy.Names{List: []string{"deploy"}}, Nodes: policy.Nodes{IDs: []string{"i-12345678"}},
		Automation: policy.Automation{Start: policy.Names{List: []string{"restart"}}, Stop: "any"}, Commands: policy.Commands{Cancel: "any"},
		Sessions: policy.Sessions{Shell: true}, Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web"}}},
	}
	for range n {
		addGrant(&r, random)
	}
	return r
}

// declared is what a restriction of randomGrants says, in the plainest way: a
// statement for each action and resource.
func declared(r policy.Restriction) policy.Document {
	const own, aws, ec2 = "arn:aws:ssm:us-east-1:123456789012:", "arn:aws:ssm:us-east-1::", "arn:aws:ec2:us-east-1:123456789012:"
	var all []policy.Statement
	allow := func(actions, resource string, conditions ...string) {
		for action := range strings.FieldsSeq(actions) {
			s := policy.Allow(action).On(resource)
			for i := 0; i < len(conditions); i += 3 {
				s = s.If(conditions[i], conditions[i+1], conditions[i+2])
			}
			all = append(all, s)
		}
	}
	document := func(name string) string {
		if strings.HasPrefix(name, "AWS-") {
			return aws + "document/" + name
		}
		return own + "document/" + name
	}
	nodes := func(action string, conditions ...string) {
		for _, id := range r.Nodes.IDs {
			if strings.HasPrefix(id, "mi-") {
				allow(action, own+"managed-instance/"+id, conditions...)
			} else {
				allow(action, ec2+"instance/"+id, conditions...)
			}
		}
		for _, tags := range r.Nodes.Tags {
			for _, all := range []string{ec2 + "instance/*", own + "managed-instance/*"} {
				c := slices.Clone(conditions)
				for key, value := range tags {
					c = append(c, "StringEquals", "ssm:resourceTag/"+key, value)
				}
				allow(action, all, c...)
			}
		}
	}
	allow(`ec2:DescribeInstanceStatus ssm:DescribeInstanceInformation ssm:DescribeInstanceProperties ssm:ListDocuments ssm:DescribeSessions
		ssm:GetConnectionStatus ssm:GetCommandInvocation ssm:ListCommandInvocations ssm:ListCommands ssm:CancelCommand ssm:DescribeAutomationExecutions`, "*")
	for _, owner := range []string{own, aws} {
		if len(r.Documents.List) > 0 {
			allow("ssm:DescribeDocument ssm:DescribeDocumentParameters ssm:GetDocument ssm:ListDocumentVersions", owner+"document/*")
		}
	}
	for _, name := range r.Documents.List {
		allow("ssm:SendCommand", document(name))
	}
	nodes("ssm:SendCommand")
	for _, b := range r.Buckets {
		name, prefix, _ := strings.Cut(b, "/")
		allow("ssm:SendCommand", "arn:aws:s3:::"+name)
		allow("ssm:SendCommand", "arn:aws:s3:::"+name+"/"+prefix+"/*")
	}
	for _, name := range r.Automation.Start.List {
		allow("ssm:StartAutomationExecution", own+"document/"+name)
		allow("ssm:StartAutomationExecution", own+"automation-definition/"+name+":*")
	}
	allow("ssm:StartAutomationExecution ssm:SendAutomationSignal ssm:StopAutomationExecution ssm:DescribeAutomationStepExecutions ssm:GetAutomationExecution", own+"automation-execution/*")
	for _, name := range append([]string{"SSM-SessionManagerRunShell"}, r.Sessions.Documents.List...) {
		allow("ssm:StartSession", document(name))
	}
	nodes("ssm:StartSession", "BoolIfExists", "ssm:SessionDocumentAccessCheck", "true")
	allow("ssmmessages:OpenDataChannel", own+"session/*")
	allow("ssm:ResumeSession ssm:TerminateSession", own+"session/*", "StringEquals", "ssm:resourceTag/aws:ssmmessages:session-id", "${aws:userid}")
	for _, name := range r.Parameters.Read.List {
		path, below := strings.CutSuffix(name, "/*")
		allow("ssm:GetParameter ssm:GetParameterHistory ssm:GetParameters", own+"parameter"+path)
		if below {
			allow("ssm:GetParameter ssm:GetParameterHistory ssm:GetParameters", own+"parameter"+name)
			allow("ssm:GetParametersByPath", own+"parameter"+path)
			allow("ssm:GetParametersByPath", own+"parameter"+name)
		}
	}
	for _, name := range r.Parameters.Write.List {
		allow("ssm:DeleteParameter ssm:DeleteParameters ssm:LabelParameterVersion ssm:PutParameter ssm:UnlabelParameterVersion", own+"parameter"+name)
	}
	for _, alias := range r.Parameters.Decrypt {
		allow("kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/*", "StringLike", "kms:ViaService", "ssm.us-east-1.*", "ForAnyValue:StringEquals", "kms:ResourceAliases", alias)
	}
	return policy.New(all...)
}

// proveSame demands a proof that both sides allow the same.
func proveSame(t *testing.T, a, b policy.Policies) {
	t.Helper()
	if got := policy.NewAccess(a, b, policy.Budget{}); got.Verdict != policy.Included {
		t.Errorf("the first allows more: %v %+v", got, got.Witness)
	}
	if got := policy.NewAccess(b, a, policy.Budget{}); got.Verdict != policy.Included {
		t.Errorf("the second allows more: %v %+v", got, got.Witness)
	}
}

func TestSixtyGrants(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 60))
			r := randomGrants(60, random)
			documents, err := r.Compile(here)
			if err != nil {
				t.Fatal(err)
			}
			if len(documents) < 2 {
				t.Errorf("%d policies: the grants no longer ask for packing", len(documents))
			}
			total := 0
			for i, d := range documents {
				total += d.Size()
				if problems := d.Check(policy.ForIdentity); d.Size() > policy.MaxManaged*95/100 || len(problems) > 0 {
					t.Errorf("policy %d has %d characters: %v", i+1, d.Size(), problems)
				}
			}
			plain := declared(r)
			if total > plain.Size()*2/3 {
				t.Errorf("%d characters in %d policies, of %d declared", total, len(documents), plain.Size())
			}
			proveSame(t, policy.Policies{Identity: documents}, policy.Policies{Identity: []policy.Document{plain}})
		})
	}
}

// places returns which policy says what: effect, action, resource and condition.
func places(documents []policy.Document) map[string]int {
	where := map[string]int{}
	for i, d := range documents {
		for _, s := range d.Statements {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					one := policy.Statement{Effect: s.Effect, Action: []string{action}, Resource: []string{resource}, Condition: s.Condition}
					where[policy.New(one).String()] = i
				}
			}
		}
	}
	return where
}

// What is added moves nothing; if another policy is needed, only what goes
// there moves.
func TestPackingIsStable(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			r := randomGrants(90, random)
			before, err := r.Compile(here)
			if err != nil {
				t.Fatal(err)
			}
			grew := 0
			for range 12 {
				addGrant(&r, random)
				after, err := r.Compile(here)
				if err != nil {
					t.Fatal(err)
				}
				if len(after) < len(before) {
					t.Fatalf("%d policies after %d, though nothing was taken away", len(after), len(before))
				}
				grew += len(after) - len(before)
				was, is := places(before), places(after)
				for what, i := range was {
					if j, ok := is[what]; ok && j != i && j < len(before) {
						t.Fatalf("%s moved from policy %d to %d", what, i+1, j+1)
					}
				}
				before = after
			}
			if grew > 3 {
				t.Errorf("12 grants took %d more policies", grew)
			}
		})
	}
}

// beyond returns a policy that allows all that limits do not speak of: other
// actions, and keys that are not used through Systems Manager.
func beyond(actions []string) policy.Document {
	return policy.New(
		policy.Statement{Effect: "Allow", NotAction: actions, Resource: []string{"*"}},
		policy.Allow("kms:Decrypt").On("*").If("StringNotLike", "kms:ViaService", "ssm.*"))
}

// wellFormed leaves out requests that AWS never makes, in which a key holds
// what is no value of its type: neither an operator nor its opposite holds.
var wellFormed = []policy.Document{policy.New(policy.Allow("*").On("*").
	If("IpAddressIfExists", "aws:SourceIp", "0.0.0.0/0", "::/0").
	If("DateGreaterThanIfExists", "aws:CurrentTime", "1970-01-01T00:00:00Z").
	If("BoolIfExists", "aws:MultiFactorAuthPresent", "true", "false").
	If("BoolIfExists", "aws:ViaAWSService", "true", "false"))}

// Whatever else is attached, who has a restriction that denies can do what it
// says and, of its actions, nothing else.
func TestDenyLeavesJustWhatIsSaid(t *testing.T) {
	t.Parallel()
	const (
		run   = "ssm:SendCommand"
		auto  = "ssm:StartAutomationExecution"
		open  = "ssm:StartSession ssm:ResumeSession ssm:TerminateSession"
		read  = "ssm:GetParameter ssm:GetParameters ssm:GetParameterHistory ssm:GetParametersByPath"
		write = "ssm:PutParameter ssm:DeleteParameter ssm:DeleteParameters ssm:LabelParameterVersion ssm:UnlabelParameterVersion"
	)
	commands := policy.Restriction{Documents: policy.Names{List: []string{"deploy", "AWS-RunPatch*"}}, Nodes: policy.Nodes{IDs: []string{"i-12345678"}}}
	with := func(r policy.Restriction, edit func(*policy.Restriction)) policy.Restriction {
		edit(&r)
		return r
	}
	tests := map[string]struct {
		r       policy.Restriction
		actions string // that it speaks of
	}{
		"commands": {commands, run},
		"all":      {policy.Restriction{Documents: policy.Names{All: true}, Nodes: policy.Nodes{All: true}}, run},
		"output":   {with(commands, func(r *policy.Restriction) { r.Buckets = []string{"logs/x"} }), run},
		"tags": {with(commands, func(r *policy.Restriction) {
			r.Nodes = policy.Nodes{Tags: []map[string]string{{"App": "web", "Env": "dev"}}}
		}), run},
		"tags or ids": {with(commands, func(r *policy.Restriction) {
			r.Nodes.Tags = []map[string]string{{"App": "web", "Env": "dev"}, {"App": "db"}, {"Team": "x"}}
		}), run},
		"regions": {with(commands, func(r *policy.Restriction) {
			r.Nodes, r.Regions = policy.Nodes{Tags: []map[string]string{{"App": "web"}}}, []string{"eu-west-1", "us-east-1"}
		}), run},
		"automation": {policy.Restriction{Automation: policy.Automation{Start: policy.Names{List: []string{"restart-*"}}}}, auto},
		"nothing to stop": {
			policy.Restriction{Commands: policy.Commands{View: "none", Cancel: "none"}, Automation: policy.Automation{Stop: "none"}},
			"ssm:CancelCommand ssm:GetCommandInvocation ssm:ListCommandInvocations ssm:ListCommands ssm:SendAutomationSignal ssm:StopAutomationExecution",
		},
		"shell":             {policy.Restriction{Nodes: policy.Nodes{IDs: []string{"i-12345678"}, Tags: []map[string]string{{"App": "web"}}}, Sessions: policy.Sessions{Shell: true}}, open},
		"shell, ending any": {policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Shell: true, Terminate: "any"}}, "ssm:StartSession ssm:ResumeSession"},
		"own sessions":      {policy.Restriction{Sessions: policy.Sessions{Terminate: "own"}}, "ssm:TerminateSession"},
		"reading":           {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web/*", "/db/url"}}}}, read},
		"reading one":       {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"/db/url"}}}}, read},
		"writing":           {policy.Restriction{Parameters: policy.Parameters{Write: policy.Names{List: []string{"/web/*"}}}}, write},
		"keys": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{All: true}, Decrypt: []string{
			"alias/web", "alias/db", "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:kms:us-east-1:444455556666:alias/shared",
		}}}, read + " kms:Decrypt"},
		"address": {with(commands, func(r *policy.Restriction) {
			r.Conditions = []byte(`{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`)
		}), run},
		"second factor and team": {with(commands, func(r *policy.Restriction) {
			r.Conditions = []byte(`{"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"aws:PrincipalTag/team": ["a", "b"]}}`)
		}), run},
		"not by a service": {with(commands, func(r *policy.Restriction) {
			r.Conditions = []byte(`{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "BoolIfExists": {"aws:ViaAWSService": "false"}}`)
		}), run},
		"expires": {with(commands, func(r *policy.Restriction) { r.Expires = "2027-03-31" }), run},
		"address, of parameters": {policy.Restriction{
			Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web/*"}}}, Conditions: []byte(`{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`),
		}, read},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.r.Enforce = "deny"
			denies, err := test.r.Compile(here)
			if err != nil {
				t.Fatal(err)
			}
			said := policy.New()
			test.r.Enforce = "grant"
			if grants, err := test.r.Compile(here); err == nil {
				said = grants[0]
			} else if name != "nothing to stop" {
				t.Fatal(err)
			}
			// What is looked at beside the resource is no matter of the denies.
			var open []policy.Statement
			for _, s := range said.Statements {
				delete(s.Condition, "BoolIfExists")
				if via := test.r.Conditions; strings.Contains(string(via), "ViaAWSService") {
					s = s.If("BoolIfExists", "aws:ViaAWSService", "false")
				}
				open = append(open, s)
			}
			everything := policy.New(policy.Allow("*").On("*"))
			proveSame(t,
				policy.Policies{Boundary: wellFormed, Identity: append([]policy.Document{everything}, denies...)},
				policy.Policies{Boundary: wellFormed, Identity: []policy.Document{policy.New(open...), beyond(strings.Fields(test.actions))}})
		})
	}
}

// Under a boundary, Systems Manager is what the restriction says, and the rest
// is what it was.
func TestBoundaryCutsOnlySystemsManager(t *testing.T) {
	t.Parallel()
	r := policy.Restriction{
		Documents: policy.Names{List: []string{"deploy"}}, Nodes: policy.Nodes{All: true}, Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web/*"}}},
		Sessions: policy.Sessions{Shell: true}, Expires: "2027-03-31", Conditions: []byte(`{"Bool": {"aws:MultiFactorAuthPresent": "true"}}`),
	}
	said := compileOne(t, r)
	r.Enforce = "boundary"
	bounded := policy.Policies{Identity: []policy.Document{policy.New(policy.Allow("*").On("*"))}, Boundary: []policy.Document{compileOne(t, r)}}
	rest := policy.New(policy.Statement{Effect: "Allow", NotAction: []string{"ssm:*", "ssmmessages:*", "ec2messages:*", "ssm-guiconnect:*"}, Resource: []string{"*"}})
	proveSame(t, bounded, policy.Policies{Identity: []policy.Document{said, rest}})

	context := policy.Context{"aws:CurrentTime": policy.One("2027-03-31T23:59:59Z"), "aws:MultiFactorAuthPresent": policy.One("true")}
	for name, test := range map[string]struct {
		action, resource, at string
		want                 policy.Verdict
	}{
		"what it says":        {"ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/web/a", "2027-03-31T23:59:59Z", policy.Allowed},
		"once it has expired": {"ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/web/a", "2027-04-01T00:00:00Z", policy.ImplicitDeny},
		"what it does not":    {"ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/db/a", "2027-03-31T23:59:59Z", policy.ImplicitDeny},
		"another action":      {"ssm:CreateAssociation", "*", "2027-03-31T23:59:59Z", policy.ImplicitDeny},
		"another service":     {"s3:GetObject", "arn:aws:s3:::b/k", "2028-01-01T00:00:00Z", policy.Allowed},
	} {
		context["aws:CurrentTime"] = policy.One(test.at)
		if got := bounded.Decide(policy.Request{Principal: arnBob, Action: test.action, Resource: test.resource, Context: context}).Verdict; got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	bounded.Identity = []policy.Document{policy.New(policy.Allow("s3:GetObject").On("*"))}
	if got := bounded.Decide(policy.Request{Principal: arnBob, Action: "ssm:GetParameter", Resource: "arn:aws:ssm:us-east-1:123456789012:parameter/web/a", Context: context}).Verdict; got != policy.ImplicitDeny {
		t.Errorf("the boundary grants by itself: %v", got)
	}
}
