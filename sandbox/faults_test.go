package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/sandbox"
)

// served lets the kit's clients go through a real socket.
func served(t *testing.T, k *kit) *kit {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	urls, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- sandbox.Serve(ctx, "127.0.0.1:0", k.server, func(url string) { urls <- url }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	c := k.config.Copy()
	c.HTTPClient = &http.Client{Transport: &http.Transport{}}
	select {
	case url := <-urls:
		c.BaseEndpoint = &url
	case err := <-done:
		t.Fatalf("Serve: %v", err)
	}
	return kitWith(t, k.server, c)
}

// TestFaults: each effect, in the process and over a socket: what the client
// sees, and whether it was done.
func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault string
		code  string // the error code the SDK reports; "transport" if there is none
		done  bool
	}{
		"no fault for this one": {"iam:CreateGroup", "", true},
		"denied":                {"iam:CreateUser", "AccessDenied", false},
		"any code":              {"iam:*=ServiceFailure", "ServiceFailure", false},
		"first":                 {"iam:CreateUser:1=LimitExceeded", "LimitExceeded", false},
		"second, and no more":   {"iam:CreateUser:2", "", true},
		"lost answer":           {"iam:CreateUser=drop", "transport", true},
		"lost request":          {"*=drop-before", "transport", false},
		"half an answer":        {"iam:CreateUser=truncate", "transport", true},
		"error afterwards":      {"iam:CreateUser=500", "InternalFailure", true},
		"throttled":             {"iam:CreateUser=throttle", "Throttling", false},
	}
	for name, tt := range tests {
		for way, connect := range map[string]func(*testing.T, *kit) *kit{"in process": func(_ *testing.T, k *kit) *kit { return k }, "over a socket": served} {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				k := connect(t, newKit(t))
				f, err := sandbox.ParseFault(tt.fault)
				if err != nil {
					t.Fatal(err)
				}
				k.server.Inject(f)
				_, err = k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u")})
				if tt.code == "transport" {
					// A socket may break in several ways; in the process it is one.
					if err == nil || way == "in process" && !errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "api error") {
						t.Errorf("got %v, want a broken connection", err)
					}
				} else if code(err) != tt.code {
					t.Errorf("got %v, want code %q", err, tt.code)
				}
				if tt.code == "transport" && !k.server.Requests()[0].Dropped {
					t.Error("the request is not remembered as dropped")
				}
				k.server.ClearFaults()
				if _, err := k.iam.GetUser(k.ctx(), &iam.GetUserInput{UserName: new("u")}); (err == nil) != tt.done {
					t.Errorf("afterwards: %v, want it done: %v", err, tt.done)
				}
			})
		}
	}
}

// TestNth: a fault meets the request it counts to, and no other.
func TestNth(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.server.Inject(sandbox.Fault{Operation: "iam:ListUsers", Nth: 2, Effect: sandbox.ErrorBefore})
	var got []string
	for range 3 {
		_, err := k.iam.ListUsers(k.ctx(), nil)
		got = append(got, code(err))
		must(k.iam.ListGroups(k.ctx(), nil)) // does not count
	}
	if diff := cmp.Diff([]string{"", "AccessDenied", ""}, got); diff != "" {
		t.Errorf("three requests (-want +got):\n%s", diff)
	}
}

// TestSpellings: refusals and throttling in each service's own words.
func TestSpellings(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	calls := map[string]func() error{
		"iam":     func() error { _, err := k.iam.ListUsers(k.ctx(), nil); return err },
		"ec2":     func() error { _, err := k.ec2.DescribeInstances(k.ctx(), nil); return err },
		"ssm":     func() error { _, err := k.ssm.DescribeParameters(k.ctx(), nil); return err },
		"sts":     func() error { _, err := k.sts.GetCallerIdentity(k.ctx(), nil); return err },
		"tagging": func() error { _, err := k.tagging.GetResources(k.ctx(), nil); return err },
	}
	want := map[string][2]string{
		"iam": {"AccessDenied", "Throttling"}, "sts": {"AccessDenied", "Throttling"}, "ec2": {"UnauthorizedOperation", "RequestLimitExceeded"},
		"ssm": {"AccessDeniedException", "ThrottlingException"}, "tagging": {"AccessDeniedException", "ThrottledException"},
	}
	for service, do := range calls {
		var got [2]string
		for i, effect := range []sandbox.FaultEffect{sandbox.ErrorBefore, sandbox.Throttle} {
			k.server.Inject(sandbox.Fault{Operation: service + ":*", Effect: effect})
			got[i] = code(do())
			k.server.ClearFaults()
		}
		if got != want[service] {
			t.Errorf("%s says %v, want %v", service, got, want[service])
		}
	}
}

func TestParseFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault sandbox.Fault
		wrong string
	}{
		"iam:AttachRolePolicy":                   {fault: sandbox.Fault{Operation: "iam:AttachRolePolicy", Effect: sandbox.ErrorBefore}},
		"iam:AttachRolePolicy:2":                 {fault: sandbox.Fault{Operation: "iam:AttachRolePolicy", Nth: 2, Effect: sandbox.ErrorBefore}},
		"ec2:RunInstances=InvalidAMIID.NotFound": {fault: sandbox.Fault{Operation: "ec2:RunInstances", Effect: sandbox.ErrorBefore, Code: "InvalidAMIID.NotFound"}},
		"*:3=hang":                               {fault: sandbox.Fault{Operation: "*", Nth: 3, Effect: sandbox.Hang}},
		"ssm:*=drop":                             {fault: sandbox.Fault{Operation: "ssm:*", Effect: sandbox.DropAfter}},
		"iam:CreateRole=500":                     {fault: sandbox.Fault{Operation: "iam:CreateRole", Effect: sandbox.ServerError}},
		"":                                       {wrong: "want SERVICE:OPERATION"},
		"CreateRole":                             {wrong: "want SERVICE:OPERATION"},
		"s3:GetObject":                           {wrong: `no service "s3"`},
		"iam:CreateRoll":                         {wrong: "no operation CreateRoll of iam"},
		"iam:CreateRole:0":                       {wrong: "count from 1"},
		"iam:CreateRole=":                        {wrong: "neither an AWS error code nor"},
		"iam:CreateRole=not a code":              {wrong: "neither an AWS error code nor"},
	}
	for text, tt := range tests {
		got, err := sandbox.ParseFault(text)
		if tt.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%q: %v, want ...%s...", text, err, tt.wrong)
			}
			continue
		}
		if diff := cmp.Diff(tt.fault, got); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
}

// TestWaiting: latency, delays and hanging, in a bubble where time is free.
func TestWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kitOf(t, sandbox.New(sandbox.Options{}))
		took := func(do func()) time.Duration {
			start := time.Now()
			do()
			return time.Since(start)
		}
		k.server.SetLatency(300 * time.Millisecond)
		if d := took(func() { k.user("u") }); d != 300*time.Millisecond {
			t.Errorf("with latency it took %v, want 300ms", d)
		}
		k.server.SetLatency(0)
		k.server.Inject(sandbox.Fault{Operation: "iam:CreateUser", Delay: time.Minute})
		if d := took(func() { k.user("v") }); d != time.Minute {
			t.Errorf("with a delay it took %v, want 1m", d)
		}
		k.server.ClearFaults()
		k.server.Inject(sandbox.Fault{Operation: "*", Effect: sandbox.Hang})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		d := took(func() {
			if _, err := k.iam.ListUsers(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("hanging ended with %v, want the deadline", err)
			}
		})
		if d != 5*time.Second {
			t.Errorf("hanging took %v, want 5s", d)
		}
	})
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	now := noon
	k := kitOf(t, sandbox.New(sandbox.Options{Clock: func() time.Time { return now }}))
	k.server.SetThrottle(2, 3)
	burst := func() (codes []string) {
		for range 5 {
			_, err := k.iam.ListUsers(k.ctx(), nil)
			codes = append(codes, code(err))
		}
		return codes
	}
	if diff := cmp.Diff([]string{"", "", "", "Throttling", "Throttling"}, burst()); diff != "" {
		t.Errorf("a burst of three (-want +got):\n%s", diff)
	}
	if _, err := k.ec2.DescribeInstances(k.ctx(), nil); err != nil {
		t.Errorf("EC2 has a bucket of its own: %v", err)
	}
	now = now.Add(time.Second)
	if diff := cmp.Diff([]string{"", "", "Throttling", "Throttling", "Throttling"}, burst()); diff != "" {
		t.Errorf("a second later, two more (-want +got):\n%s", diff)
	}
}

// TestRequests: what is remembered, and which operations are writes.
func TestRequests(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.user("u")
	if _, err := k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u")}); err == nil {
		t.Fatal("u was created twice")
	}
	must(k.ec2.DescribeInstances(k.ctx(), &ec2.DescribeInstancesInput{}))
	must(0, put("/a", "v")(k))
	_, err := k.ssm.CreateActivation(k.ctx(), &ssm.CreateActivationInput{IamRole: new("r")})
	if code(err) != "UnknownOperationException" || !strings.Contains(message(err), "CreateActivation") {
		t.Errorf("an operation that the sandbox lacks: %v, want UnknownOperationException, naming it", err)
	}
	_, err = k.iam.CreateSAMLProvider(k.ctx(), &iam.CreateSAMLProviderInput{Name: new("n"), SAMLMetadataDocument: new(strings.Repeat("x", 1000))})
	if code(err) != "InvalidAction" || !strings.Contains(message(err), "CreateSAMLProvider") {
		t.Errorf("an operation that the sandbox lacks: %v, want InvalidAction, naming it", err)
	}
	want := []sandbox.Request{
		{Service: "iam", Operation: "CreateUser", Write: true},
		{Service: "iam", Operation: "CreateUser", Write: true, Code: "EntityAlreadyExists"},
		{Service: "ec2", Operation: "DescribeInstances"},
		{Service: "ssm", Operation: "PutParameter", Write: true},
		{Service: "ssm", Operation: "CreateActivation", Code: "UnknownOperationException"},
		{Service: "iam", Operation: "CreateSAMLProvider", Code: "InvalidAction"},
	}
	if diff := cmp.Diff(want, k.server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	k.server.ResetRequests()
	if got := k.server.Requests(); len(got) != 0 {
		t.Errorf("after a reset: %v", got)
	}
}

// TestDryRun: a request that only asks is no write, is not counted by a fault of
// one request, and fails by a fault of every request.
func TestDryRun(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	ask := func(dry bool) string {
		_, err := k.ec2.RebootInstances(k.ctx(), &ec2.RebootInstancesInput{InstanceIds: []string{"i-1234567890abcdef0"}, DryRun: &dry})
		return code(err)
	}
	k.server.Inject(sandbox.Fault{Operation: "ec2:RebootInstances", Nth: 1, Effect: sandbox.ErrorBefore, Code: "First"})
	got := []string{ask(true), ask(false), ask(true)}
	k.server.Inject(sandbox.Fault{Operation: "ec2:RebootInstances", Effect: sandbox.ErrorBefore, Code: "Every"})
	got = append(got, ask(true), ask(false))
	if diff := cmp.Diff([]string{"DryRunOperation", "First", "DryRunOperation", "Every", "Every"}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	var writes []bool
	for _, r := range k.server.Requests() {
		writes = append(writes, r.Write)
	}
	if diff := cmp.Diff([]bool{false, true, false, false, true}, writes); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}
