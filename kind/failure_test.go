package kind_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A failed write says which call failed, with which code, and what is known of
// its effect.
//
// Faults 1, 3, 4, 5, 6, 7, 9, 13, 14: throttling, lost answers, denials, quotas, somebody else at work.
func TestFailure(t *testing.T) {
	t.Parallel()
	answered := func(code string, status int) sandbox.Fault {
		return sandbox.Fault{Effect: sandbox.ErrorBefore, Code: code, Status: status}
	}
	writes := map[string]resource.Object{ // one for each service, by its call
		"iam:CreateGroup":                 kind.Group{Name: "g", Path: "/"},
		"ec2:AssociateIamInstanceProfile": kind.Association{Instance: web, Profile: "one"},
		"ssm:PutParameter":                kind.Ledger{Spec: "test", Links: []string{}},
	}
	tests := map[string]struct {
		fault sandbox.Fault
		class resource.Class
		codes map[string]string // by service; "" for all
	}{
		"throttled":                    {sandbox.Fault{Effect: sandbox.Throttle}, resource.Throttled, map[string]string{"iam": "Throttling", "ec2": "RequestLimitExceeded", "ssm": "ThrottlingException"}},
		"denied":                       {sandbox.Fault{Effect: sandbox.ErrorBefore}, resource.Refused, map[string]string{"iam": "AccessDenied", "ec2": "UnauthorizedOperation", "ssm": "AccessDeniedException"}},
		"modified meanwhile":           {answered("ConcurrentModification", 409), resource.Busy, map[string]string{"": "ConcurrentModification"}},
		"unmodifiable for now":         {answered("EntityTemporarilyUnmodifiable", 409), resource.Busy, map[string]string{"": "EntityTemporarilyUnmodifiable"}},
		"quota":                        {answered("LimitExceeded", 409), resource.Refused, map[string]string{"": "LimitExceeded"}},
		"quota, as the SDK retries":    {answered("LimitExceededException", 400), resource.Refused, map[string]string{"": "LimitExceededException"}},
		"malformed":                    {answered("MalformedPolicyDocument", 400), resource.Refused, map[string]string{"": "MalformedPolicyDocument"}},
		"nobody of ours was just made": {answered("NoSuchEntity", 404), resource.Refused, map[string]string{"": "NoSuchEntity"}},
		"too slow":                     {answered("RequestTimeout", 400), resource.Unknown, map[string]string{"": "RequestTimeout"}},
		"unavailable":                  {answered("ServiceUnavailable", 503), resource.Unknown, map[string]string{"": "ServiceUnavailable"}},
		"internal failure":             {sandbox.Fault{Effect: sandbox.ServerError}, resource.Unknown, map[string]string{"": "InternalFailure"}},
		"dropped before":               {sandbox.Fault{Effect: sandbox.DropBefore}, resource.Unknown, map[string]string{"": ""}},
		"dropped after":                {sandbox.Fault{Effect: sandbox.DropAfter}, resource.Unknown, map[string]string{"": ""}},
		"truncated":                    {sandbox.Fault{Effect: sandbox.Truncate}, resource.Unknown, map[string]string{"": ""}},
		"hangs":                        {sandbox.Fault{Effect: sandbox.Hang}, resource.Unknown, map[string]string{"": ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for call, object := range writes {
					account := guideAccount()
					by := somebody{t, account, clientsOf(account)}
					by.makesRole("one")
					by.makesProfile("one", "/", "one")
					session := connect(t, account)
					account.ResetRequests()
					fault := tt.fault
					fault.Operation = call
					account.Inject(fault)
					err := session.Write(context.Background(), resource.Change{After: object})
					f, ok := errors.AsType[*resource.Failure](err)
					if !ok {
						t.Fatalf("%s: %v, want a failure", call, err)
					}
					service, _, _ := strings.Cut(call, ":")
					code, each := tt.codes[service]
					if !each {
						code = tt.codes[""]
					}
					if f.Call != call || f.Class != tt.class || f.Code != code || f.Done != 0 {
						t.Errorf("%s: %q, class %q, code %q, done %d; want class %q, code %q, done 0", call, f.Call, f.Class, f.Code, f.Done, tt.class, code)
					}
					if text := f.Error(); strings.Contains(text, "\n") || !strings.HasPrefix(text, call+": "+code) {
						t.Errorf("%s: the text is %q", call, text)
					}
					sent := 0
					for _, r := range account.Requests() {
						if r.Write {
							sent++
						}
					}
					if sent != 1 && name != "hangs" {
						t.Errorf("%s was sent %d times, want once", call, sent)
					}
				}
			})
		})
	}
}

// What was made a moment ago may be refused because it is not known everywhere
// yet; what was not is refused for good.
//
// Fault 16: what was made a moment ago is refused for not being known everywhere.
func TestNotYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		session := connect(t, account)
		group := kind.Group{Name: "g", Path: "/"}
		if err := session.Write(t.Context(), resource.Change{After: group}); err != nil {
			t.Fatal(err)
		}
		account.Inject(sandbox.Fault{Operation: "iam:AttachGroupPolicy", Effect: sandbox.ErrorBefore, Code: "NoSuchEntity", Status: 404})
		for of, want := range map[string]resource.Class{"g": resource.NotYet, "other": resource.Refused} {
			err := session.Write(t.Context(), resource.Change{After: kind.Attachment{To: ids("group/" + of)[0], Policy: readOnlyARN}})
			if f, ok := errors.AsType[*resource.Failure](err); !ok || f.Class != want {
				t.Errorf("attaching to %s: %v, want class %q", of, err, want)
			}
		}
	})
}

// Reads are tried again, writes are not: the answer to CreateRole is lost, and
// the role is read back rather than made again.
//
// Faults 1, 3, 4: reads that are throttled or cut, and a write whose answer is lost.
func TestWritesOnceReadsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		for _, read := range []string{"iam:GetAccountAuthorizationDetails", "ec2:DescribeInstances", "ssm:GetParametersByPath", "sts:GetCallerIdentity"} {
			account.Inject(sandbox.Fault{Operation: read, Nth: 1, Effect: sandbox.Throttle}, sandbox.Fault{Operation: read, Nth: 2, Effect: sandbox.DropBefore})
		}
		account.Inject(sandbox.Fault{Operation: "iam:CreateRole", Nth: 1, Effect: sandbox.DropAfter})
		mustApply(t, account, head+"roles: {one: {type: instance}}")
		made := map[string]int{}
		for _, r := range account.Requests() {
			made[r.Operation]++
		}
		if made["CreateRole"] != 1 || made["GetRole"] == 0 {
			t.Errorf("%d calls of CreateRole and %d of GetRole, want 1 and some", made["CreateRole"], made["GetRole"])
		}
	})
}

// Being refused a read names the call and what AWS said, in one line.
//
// Fault 18: reading is denied.
func TestReadRefused(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	session := connect(t, account)
	account.Inject(sandbox.Fault{Operation: "iam:ListRoles", Effect: sandbox.ErrorBefore, Message: "no entry"})
	_, err := session.Survey(t.Context(), "test", load(t, head+"groups: {a: {}}").Desired)
	if err == nil || !strings.HasPrefix(err.Error(), "reading each role: iam:ListRoles: AccessDenied: no entry (request ") {
		t.Errorf("%v", err)
	}
	_, err = session.Read(t.Context(), ids("role/a", "role/b", "role/c", "role/d", "role/e", "role/f"))
	if f, ok := errors.AsType[*resource.Failure](err); !ok || f.Class != resource.Refused || f.Code != "AccessDenied" {
		t.Errorf("reading back: %v, want a failure that is refused", err)
	}
}

// answering is a transport that fails, or answers with an error of STS.
type answering func() (*http.Response, error)

func (a answering) RoundTrip(*http.Request) (*http.Response, error) { return a() }

// Faults 2, 11, 20: no connection, expired credentials, a wrong clock, before anything is begun.
func TestConnectExplains(t *testing.T) {
	t.Parallel()
	unreachable := answering(func() (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	})
	account := guideAccount()
	tests := map[string]struct {
		by     http.RoundTripper
		region string
		fault  sandbox.Fault
		want   string
	}{
		"no region":     {by: account.Client().Transport, want: "no region: set `region:` in the spec"},
		"unreachable":   {by: unreachable, region: "us-east-1", want: "cannot reach AWS: "},
		"expired":       {region: "us-east-1", fault: sandbox.Fault{Code: "ExpiredToken", Status: 403}, want: "the credentials have expired: log in again"},
		"unknown key":   {region: "us-east-1", fault: sandbox.Fault{Code: "InvalidClientTokenId", Status: 403}, want: "AWS does not know this access key"},
		"bad signature": {region: "us-east-1", fault: sandbox.Fault{Code: "SignatureDoesNotMatch", Status: 403}, want: "the secret key does not fit the access key"},
		"denied":        {region: "us-east-1", fault: sandbox.Fault{}, want: "asking AWS who the caller is: sts:GetCallerIdentity: AccessDenied: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				by := tt.by
				if by == nil {
					broken := guideAccount()
					tt.fault.Operation, tt.fault.Effect = "sts:GetCallerIdentity", sandbox.ErrorBefore
					broken.Inject(tt.fault)
					by = broken.Client().Transport
				}
				_, err := kind.Connect(t.Context(), kind.Target{Region: tt.region, HTTPClient: &http.Client{Transport: by}})
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
			})
		})
	}
}

// Without a profile or credentials the error says what to do. The environment
// is the process's, so this test runs by itself.
func TestConnectWithoutCredentials(t *testing.T) {
	for _, name := range []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/config")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/credentials")
	for name, tt := range map[string]struct {
		target kind.Target
		want   string
	}{
		"no region":      {kind.Target{}, "no region: set `region:` in the spec"},
		"no profile":     {kind.Target{Region: "us-east-1", Profile: "nobody"}, "no profile \"nobody\" in the shared AWS configuration: `aws configure list-profiles` lists those there are"},
		"no credentials": {kind.Target{Region: "us-east-1", EndpointURL: "http://127.0.0.1:1"}, "no AWS credentials: "},
	} {
		if _, err := kind.Connect(t.Context(), tt.target); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
