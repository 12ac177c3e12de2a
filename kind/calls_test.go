package kind_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A made is a request that was made of AWS.
type made struct {
	action string              // in IAM's words
	with   map[string][]string // its parameters, by the last part of their names
}

// A recorder keeps the requests that go through it.
type recorder struct {
	next http.RoundTripper

	mu   sync.Mutex
	made []made
}

var signedFor = regexp.MustCompile(`/([a-z0-9-]+)/aws4_request`)

// actionPrefixes are those services whose actions have another prefix than
// requests are signed for.
var actionPrefixes = map[string]string{"tagging": "tag"}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	service := signedFor.FindStringSubmatch(req.Header.Get("Authorization"))[1]
	if prefix, ok := actionPrefixes[service]; ok {
		service = prefix
	}
	m := made{with: map[string][]string{}}
	if _, operation, ok := strings.Cut(req.Header.Get("X-Amz-Target"), "."); ok {
		m.action = service + ":" + operation
		var in map[string]any
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		for k, v := range in {
			list, many := v.([]any)
			if !many {
				list = []any{v}
			}
			for _, v := range list {
				m.with[k] = append(m.with[k], fmt.Sprint(v))
			}
		}
	} else {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		m.action = service + ":" + form.Get("Action")
		for k, v := range form {
			k, _, _ = strings.Cut(k, ".")
			m.with[k] = append(m.with[k], v...)
		}
	}
	r.mu.Lock()
	r.made = append(r.made, m)
	r.mu.Unlock()
	return r.next.RoundTrip(req)
}

// record opens a session whose requests are kept.
func record(t *testing.T, s *sandbox.Server) (*kind.Session, *recorder) {
	t.Helper()
	r := &recorder{next: s.Client().Transport}
	session, err := kind.Connect(context.Background(), kind.Target{Region: s.Region(), HTTPClient: &http.Client{Transport: r}})
	if err != nil {
		t.Fatal(err)
	}
	return session, r
}

// optional are reads that nothing fails without.
var optional = []string{"tag:GetResources"}

// notCalls are actions that IAM asks for although no call has their name, or
// that are asked for in places that the examples do not come to.
var notCalls = []string{
	"ec2:CreateTags",      // of what RunInstances makes; as a call it is made as well
	"iam:GetLoginProfile", // these five before a user is deleted
	"iam:ListAccessKeys",
	"iam:ListMFADevices",
	"iam:ListSSHPublicKeys",
	"iam:ListServiceSpecificCredentials",
	"iam:ListSigningCertificates",
	"ec2:DescribeInstanceAttribute", // before an instance is terminated
	"iam:PassRole",
	"ssm:ListDocuments",     // by a survey
	"sts:GetCallerIdentity", // when the session was opened
}

// Every kind says truly what writing its changes asks of IAM: all the calls
// that are made, in each state of its example, when it is reached, when it is
// undone halfway, and when it is left; on what they act; and no other calls.
func TestCalls(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked, called := map[string]bool{}, map[string]bool{}
	t.Run("kinds", func(t *testing.T) {
		for name, example := range kind.Examples() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					account := guideAccount()
					for _, text := range thereAndBack(example) {
						if _, err := tryPlan(t, connect(t, account), text); err != nil {
							continue // not every state can be gone back to
						}
						for _, from := range []*sandbox.Server{copyOf(t, account), account} {
							session, requests := record(t, from)
							p := makePlan(t, session, text)
							session.Begin("run-of-the-calls")
							requests.made = nil
							if err := session.TakeLock(t.Context(), kind.Lock{Spec: "test", Run: "run-of-the-calls", Holder: "me"}); err != nil {
								t.Fatal(err)
							}
							if from != account && !failAtLastWrite(t, account, from, text) {
								continue
							}
							r := run(session, p)
							from.ClearFaults()
							if err := session.DropLock(t.Context()); err != nil {
								t.Fatal(err)
							}
							if from == account && r.Outcome != executor.Applied {
								t.Fatalf("%s: %v", r.Outcome, r.Cause)
							}
							may := allCalls(session, p)
							checkTruth(t, text, may, requests.made)
							mu.Lock()
							for _, q := range may {
								asked[q.Action] = true
							}
							for _, m := range requests.made {
								called[m.action] = true
							}
							mu.Unlock()
						}
					}
				})
			})
		}
	})
	var needless []string
	for _, action := range slices.Sorted(maps.Keys(asked)) {
		if !called[action] && !slices.Contains(notCalls, action) {
			needless = append(needless, action)
		}
	}
	if needless != nil {
		t.Errorf("no example makes the calls %v", needless)
	}
}

// thereAndBack are the specs of an example, of going back to the first of them,
// and of leaving the last.
func thereAndBack(example []string) []string {
	back := slices.Clone(example)
	slices.Reverse(back)
	states := slices.Concat(example, back[1:], back[:1], []string{"groups: {}"})
	for i, sections := range states {
		states[i] = head + sections + "\n"
	}
	return states
}

// allCalls are the calls of a plan, and of undoing it.
func allCalls(session *kind.Session, p *planner.Plan) []policy.Request {
	all := session.Calls(resource.Change{})
	for _, s := range p.Steps {
		all = append(all, session.Calls(s.Change)...)
		all = append(all, session.Calls(s.Inverse())...)
	}
	return all
}

// failAtLastWrite makes the last writing call of the plan fail, and reports
// whether there is any.
func failAtLastWrite(t *testing.T, account, broken *sandbox.Server, text string) bool {
	probe := copyOf(t, account)
	session := connect(t, probe)
	p := makePlan(t, session, text)
	probe.ResetRequests()
	run(session, p)
	last, n := "", map[string]int{}
	for _, r := range probe.Requests() {
		if r.Write {
			last = r.Service + ":" + r.Operation
			n[last]++
		}
	}
	if last != "" {
		broken.Inject(sandbox.Fault{Operation: last, Nth: n[last], Effect: sandbox.ErrorBefore, Code: "AccessDenied", Status: 403})
	}
	return last != ""
}

// checkTruth compares what was asked for with what was done, and with what AWS
// says of each action.
func checkTruth(t *testing.T, text string, may []policy.Request, requests []made) {
	t.Helper()
	for _, m := range requests {
		if slices.Contains(optional, m.action) {
			continue
		}
		fits := func(q policy.Request) bool { return q.Action == m.action && m.on(q.Resource) && m.tags(q) }
		if !slices.ContainsFunc(may, fits) {
			t.Errorf("%s with %v is not among the calls of\n%s", m.action, m.with, text)
		}
	}
	for _, q := range may {
		a, ok := catalogue.Lookup(q.Action)
		if !ok {
			t.Errorf("AWS has no action %s", q.Action)
			continue
		}
		var types []string
		for _, r := range catalogue.ResourcesOf(q.Action) {
			if slices.ContainsFunc(r.ARNs, func(format string) bool { return catalogue.ARNMatches(format, q.Resource) }) {
				types = append(types, r.Name)
			}
		}
		if len(a.Resources) == 0 && q.Resource != "*" || len(a.Resources) > 0 && (q.Resource == "*" || len(types) == 0) {
			t.Errorf("%s takes no resource such as %s", q.Action, q.Resource)
		}
		for k := range q.Context {
			if !slices.ContainsFunc(append(types, ""), func(name string) bool { return a.Supports(k, name) }) {
				t.Errorf("%s on %s cannot carry the key %s", q.Action, q.Resource, k)
			}
		}
	}
}

// tags reports whether the request sets the tag of the run just when q says so.
func (m made) tags(q policy.Request) bool {
	set := slices.Concat(m.with["Tags"], m.with["TagSpecification"], m.with["Tag"])
	return slices.Contains(set, "ssmctl:run") == slices.Contains(q.Context["aws:TagKeys"].List(), "ssmctl:run")
}

// parameters are those that name a resource, by the type in its ARN.
var parameters = map[string][]string{
	"user": {"UserName"}, "group": {"GroupName"}, "role": {"RoleName"}, "instance-profile": {"InstanceProfileName"},
	"policy": {"PolicyArn", "PolicyName"}, "parameter": {"Name", "Names", "Path"}, "document": {"DocumentName"},
	"instance": {"InstanceId", "InstanceIds", "ResourceId"},
}

// on reports whether the request acts on the resource, as far as its
// parameters tell: what an association is of, they do not.
func (m made) on(arn string) bool {
	if arn == "*" {
		return true
	}
	fields := strings.SplitN(arn, ":", 6)
	sort, name, _ := strings.Cut(fields[5], "/")
	if name == "*" {
		return true // of what is yet to be made
	}
	told := false
	for _, parameter := range parameters[sort] {
		for _, v := range m.with[parameter] {
			told = true
			if v == arn || v == name || strings.TrimPrefix(v, "/") == name || fields[2] == "iam" && v == name[strings.LastIndexByte(name, '/')+1:] {
				return true
			}
		}
	}
	return !told
}

// What calls act on, and the keys of their requests.
func TestCallsOf(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	mustApply(t, account, head+`users: {svc: {path: /svc/, tags: {Team: ops}, permissions_boundary: "arn:aws:iam::aws:policy/AmazonSSMFullAccess"}}
roles: {node: {type: instance, path: /nodes/}}
instances: {web: {id: i-1234567890abcdef0, role: node}}
`)
	session := connect(t, account)
	text := head + `users: {svc: {path: /svc/, tags: {Team: ops}, permissions_boundary: "arn:aws:iam::aws:policy/AmazonSSMFullAccess", policies: [SecurityAudit]}}
roles: {node: {type: instance, path: /nodes/}, other: {type: instance}}
instances:
  web: {id: i-1234567890abcdef0, role: other, if_profile: replace, restart: agent}
  new: {launch: {ami: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64, instance_type: t3.micro, subnet: subnet-0123456789abcdef0, key_name: ops, volume_gb: 9}, role: other}
`
	p := makePlan(t, session, text)
	got := map[string][]string{}
	for _, s := range p.Steps {
		for _, q := range session.Calls(s.Change) {
			if q.Principal != session.Caller.ARN {
				t.Errorf("%s is asked for as %q, want %q", q.Action, q.Principal, session.Caller.ARN)
			}
			context, err := json.Marshal(q.Context)
			if err != nil {
				t.Fatal(err)
			}
			got[s.ID().String()] = append(got[s.ID().String()], q.Action+" on "+q.Resource+" "+string(context))
		}
	}
	const svc = `arn:aws:iam::123456789012:user/svc/svc {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/Team":"ops","aws:ResourceTag/ssmctl:name":"test",`
	want := map[string][]string{
		"attachment/user/svc/aws:SecurityAudit": {
			"iam:ListAttachedUserPolicies on " + svc + `"iam:ResourceTag/Team":"ops","iam:ResourceTag/ssmctl:name":"test"}`,
			"iam:AttachUserPolicy on " + svc + `"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/AmazonSSMFullAccess","iam:PolicyARN":"arn:aws:iam::aws:policy/SecurityAudit","iam:ResourceTag/Team":"ops","iam:ResourceTag/ssmctl:name":"test"}`,
		},
		"association/i-1234567890abcdef0": {
			`ec2:DescribeIamInstanceProfileAssociations on * {"aws:RequestedRegion":"us-east-1"}`,
			`iam:GetInstanceProfile on arn:aws:iam::123456789012:instance-profile/ssmctl/test/nodes/node {"aws:RequestedRegion":"us-east-1"}`,
			`iam:GetInstanceProfile on arn:aws:iam::123456789012:instance-profile/ssmctl/test/other {"aws:RequestedRegion":"us-east-1"}`,
			`ec2:DisassociateIamInstanceProfile on arn:aws:ec2:us-east-1:123456789012:instance/i-1234567890abcdef0 {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/Name":"web-1","ec2:ResourceTag/Name":"web-1"}`,
			`ec2:ReplaceIamInstanceProfileAssociation on arn:aws:ec2:us-east-1:123456789012:instance/i-1234567890abcdef0 {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/Name":"web-1","ec2:NewInstanceProfile":"arn:aws:iam::123456789012:instance-profile/ssmctl/test/other","ec2:ResourceTag/Name":"web-1"}`,
			`ec2:AssociateIamInstanceProfile on arn:aws:ec2:us-east-1:123456789012:instance/i-1234567890abcdef0 {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/Name":"web-1","ec2:NewInstanceProfile":"arn:aws:iam::123456789012:instance-profile/ssmctl/test/other","ec2:ResourceTag/Name":"web-1"}`,
			`iam:PassRole on arn:aws:iam::123456789012:role/other {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/ssmctl:name":"test","iam:AssociatedResourceArn":"arn:aws:ec2:us-east-1:123456789012:instance/i-1234567890abcdef0","iam:PassedToService":"ec2.amazonaws.com","iam:ResourceTag/ssmctl:name":"test"}`,
		},
		"restart/i-1234567890abcdef0": {
			`ec2:DescribeInstances on * {"aws:RequestedRegion":"us-east-1"}`,
			`ssm:SendCommand on arn:aws:ssm:us-east-1::document/AWS-RunShellScript {"aws:RequestedRegion":"us-east-1"}`,
			`ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-1234567890abcdef0 {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/Name":"web-1","ssm:resourceTag/Name":"web-1"}`,
		},
	}
	const made = `"aws:RequestTag/ssmctl:name":"test","aws:RequestedRegion":"us-east-1"`
	want["role/other"] = []string{
		`iam:CreateRole on arn:aws:iam::123456789012:role/other {` + made + `,"aws:TagKeys":["ssmctl:name"]}`,
		`iam:TagRole on arn:aws:iam::123456789012:role/other {` + made + `,"aws:TagKeys":["ssmctl:name"]}`,
		`iam:GetRole on arn:aws:iam::123456789012:role/other {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/ssmctl:name":"test","iam:ResourceTag/ssmctl:name":"test"}`,
	}
	const profile = `on arn:aws:iam::123456789012:instance-profile/ssmctl/test/other {`
	want["profile/other"] = []string{
		`iam:CreateInstanceProfile ` + profile + made + `,"aws:TagKeys":["ssmctl:name"]}`,
		`iam:TagInstanceProfile ` + profile + made + `,"aws:TagKeys":["ssmctl:name"]}`,
		`iam:GetInstanceProfile ` + profile + `"aws:RequestedRegion":"us-east-1","aws:ResourceTag/ssmctl:name":"test"}`,
		`iam:AddRoleToInstanceProfile ` + profile + `"aws:RequestedRegion":"us-east-1","aws:ResourceTag/ssmctl:name":"test"}`,
		`iam:PassRole on arn:aws:iam::123456789012:role/other {"aws:RequestedRegion":"us-east-1","aws:ResourceTag/ssmctl:name":"test","iam:PassedToService":"ec2.amazonaws.com","iam:ResourceTag/ssmctl:name":"test"}`,
	}
	for id, calls := range want {
		if diff := cmp.Diff(calls, got[id]); diff != "" {
			t.Errorf("calls of %s (-want +got):\n%s", id, diff)
		}
	}
	var launch []string // the keys are their own matter
	for _, call := range got["instance/new"] {
		call, _, _ = strings.Cut(call, " {")
		launch = append(launch, call)
	}
	const ec2 = " on arn:aws:ec2:us-east-1:123456789012:"
	if diff := cmp.Diff([]string{
		"ec2:RunInstances" + ec2 + "instance/*",
		"ec2:RunInstances" + ec2 + "volume/*",
		"ec2:RunInstances" + ec2 + "network-interface/*",
		"ec2:RunInstances" + ec2 + "subnet/subnet-0123456789abcdef0",
		"ec2:RunInstances on arn:aws:ec2:us-east-1::image/*",
		"ec2:CreateTags" + ec2 + "instance/*",
		"ec2:CreateTags" + ec2 + "volume/*",
		"ec2:RunInstances" + ec2 + "security-group/*",
		"ec2:RunInstances" + ec2 + "key-pair/ops",
		"ssm:GetParameters on arn:aws:ssm:us-east-1::parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
		"ssm:GetParameter on arn:aws:ssm:us-east-1::parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
		"ec2:DescribeImages on *",
		"iam:PassRole on arn:aws:iam::123456789012:role/other",
		"iam:GetInstanceProfile on arn:aws:iam::123456789012:instance-profile/ssmctl/test/other",
		"ec2:DescribeIamInstanceProfileAssociations on *",
		"ec2:DescribeInstances on *",
	}, launch); diff != "" {
		t.Errorf("calls of a launch (-want +got):\n%s", diff)
	}
}
