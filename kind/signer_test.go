package kind_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A login is what the environment holds as credentials at the time.
type login struct {
	mu  sync.Mutex
	now aws.Credentials
	err error
}

func (l *login) Retrieve(context.Context) (aws.Credentials, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now, l.err
}

func (l *login) as(c aws.Credentials, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now, l.err = c, err
}

// keyOf makes an access key for a user.
func (by somebody) keyOf(user string) aws.Credentials {
	k := must(by.iam.CreateAccessKey(by.Context(), &iam.CreateAccessKeyInput{UserName: &user})).AccessKey
	return aws.Credentials{AccessKeyID: *k.AccessKeyId, SecretAccessKey: *k.SecretAccessKey}
}

// assumes returns the credentials of a session of a role.
func (by somebody) assumes(role, session string) aws.Credentials {
	client := sts.NewFromConfig(aws.Config{Region: by.account.Region(), HTTPClient: by.account.Client(), BaseEndpoint: new("http://sandbox.invalid"), Credentials: credentials.NewStaticCredentialsProvider("somebody", "else", "")})
	got := must(client.AssumeRole(by.Context(), &sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::123456789012:role/" + role), RoleSessionName: &session})).Credentials
	return aws.Credentials{AccessKeyID: *got.AccessKeyId, SecretAccessKey: *got.SecretAccessKey, SessionToken: *got.SessionToken}
}

// connectAs opens a session with the credentials of the login.
func connectAs(t *testing.T, account *sandbox.Server, by http.RoundTripper, l *login) *kind.Session {
	t.Helper()
	return must(kind.Connect(t.Context(), kind.Target{Region: account.Region(), HTTPClient: &http.Client{Transport: by}, Credentials: l}))
}

func makesGroup(name string) resource.Change {
	return resource.Change{After: kind.Group{Name: name, Path: "/"}}
}

// New credentials of the same caller go on where the old ones were; those of
// another one send nothing, neither to write nor to read.
//
// Fault 12: the caller becomes another one in the middle of a run.
func TestCallerStays(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	by := somebody{t, account, clientsOf(account)}
	by.makesRole("ops")
	by.makesRole("other")
	alice, bob, morning := by.keyOf("alice"), by.keyOf("bob"), by.assumes("ops", "morning")
	tests := map[string]struct {
		was, is   aws.Credentials
		from, now string // what the failure names; "" if it goes on
	}{
		"another key of the same user":      {was: alice, is: by.keyOf("alice")},
		"another session of the same role":  {was: morning, is: by.assumes("ops", "evening")},
		"another user":                      {alice, bob, "user/alice", "user/bob"},
		"another role":                      {morning, by.assumes("other", "morning"), "assumed-role/ops/morning", "assumed-role/other/morning"},
		"the same name, of another account": {alice, aws.Credentials{AccessKeyID: "elsewhere", SecretAccessKey: "x"}, "123456789012:user/alice", "999999999999:user/alice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := copyOf(t, account)
			l := &login{now: tt.was}
			session := connectAs(t, account, elsewhere{account.Client().Transport}, l)
			if err := session.Write(t.Context(), makesGroup("before")); err != nil {
				t.Fatal(err)
			}
			l.as(tt.is, nil)
			account.ResetRequests()
			err := session.Write(t.Context(), makesGroup("after"))
			_, readErr := session.Read(t.Context(), ids("group/before"))
			asked, sent := 0, 0
			for _, r := range account.Requests() {
				if r.Operation == "GetCallerIdentity" {
					asked++
				} else {
					sent++
				}
			}
			if tt.now == "" {
				if err != nil || readErr != nil || asked != 1 {
					t.Errorf("%v, %v; asked %d times who it is, want once", err, readErr, asked)
				}
				return
			}
			for _, err := range []error{err, readErr} {
				f, ok := errors.AsType[*resource.Failure](err)
				if !ok || f.Class != resource.Expired || !strings.Contains(f.Error(), tt.from) || !strings.Contains(f.Error(), tt.now) || !strings.Contains(f.Help, "log in again as ") || strings.Contains(f.Error(), "\n") {
					t.Errorf("%v, want that %s became %s", err, tt.from, tt.now)
				}
			}
			if sent != 0 {
				t.Errorf("%d requests were sent by the other's credentials: %v", sent, account.Requests())
			}
			l.as(tt.was, nil)
			if err := session.Write(t.Context(), makesGroup("after")); err != nil {
				t.Errorf("back as before: %v", err)
			}
		})
	}
}

// elsewhere tells the holder of the key "elsewhere" that it is alice of another
// account.
type elsewhere struct{ http.RoundTripper }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	by := e.RoundTripper
	if strings.Contains(r.Header.Get("Authorization"), "Credential=elsewhere/") {
		by = rewriting{by, func(answer []byte) []byte {
			return bytes.ReplaceAll(answer, []byte("123456789012:root"), []byte("999999999999:user/alice"))
		}}
	}
	return by.RoundTrip(r)
}

// Without credentials nothing happens, and the failure says what to do; with
// new ones of the same caller the session goes on.
//
// Fault 11: the credentials run out in the middle of a run.
func TestCredentialsRunOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		by := somebody{t, account, clientsOf(account)}
		old := by.keyOf("alice")
		l := &login{now: old}
		session := connectAs(t, account, account.Client().Transport, l)
		expired := func(what string, err error) {
			t.Helper()
			if f, ok := errors.AsType[*resource.Failure](err); !ok || f.Class != resource.Expired || f.Help == "" || f.Done != 0 {
				t.Errorf("%s: %v, want that the credentials have run out", what, err)
			}
		}
		l.as(aws.Credentials{}, errors.New("the SSO session has expired"))
		expired("no credentials", session.Write(t.Context(), makesGroup("g")))
		_, err := session.Read(t.Context(), ids("group/g"))
		expired("no credentials", err)

		l.as(old, nil)
		for code, status := range map[string]int{
			"ExpiredToken": 403, "ExpiredTokenException": 400, "RequestExpired": 400, "InvalidClientTokenId": 403, "AuthFailure": 401,
			"UnrecognizedClientException": 400, "SignatureDoesNotMatch": 403, "InvalidSignatureException": 400, "RequestTimeTooSkewed": 403,
		} {
			for call, o := range map[string]resource.Object{
				"iam:CreateGroup": kind.Group{Name: "g", Path: "/"}, "ssm:PutParameter": kind.Ledger{Spec: "test", Links: []string{}},
			} {
				account.Inject(sandbox.Fault{Operation: call, Effect: sandbox.ErrorBefore, Code: code, Status: status})
				expired(call+" "+code, session.Write(t.Context(), resource.Change{After: o}))
				account.ClearFaults()
			}
			account.Inject(sandbox.Fault{Operation: "iam:GetGroup", Effect: sandbox.ErrorBefore, Code: code, Status: status})
			_, err := session.Read(t.Context(), ids("group/g"))
			expired("reading "+code, err)
			account.ClearFaults()
		}

		// A call between which and its read they ran out.
		account.Inject(sandbox.Fault{Operation: "ssm:GetParametersByPath", Effect: sandbox.ErrorBefore, Code: "ExpiredTokenException", Status: 400})
		expired("a read within a write", session.Write(t.Context(), resource.Change{After: kind.Ledger{Spec: "test", Links: []string{}}}))
		account.ClearFaults()

		// New ones that AWS does not take, and new ones that it cannot be asked about.
		l.as(by.keyOf("alice"), nil)
		account.Inject(sandbox.Fault{Operation: "sts:GetCallerIdentity", Effect: sandbox.ErrorBefore, Code: "ExpiredToken", Status: 403})
		expired("new ones that have expired", session.Write(t.Context(), makesGroup("g")))
		account.ClearFaults()
		account.Inject(sandbox.Fault{Operation: "sts:GetCallerIdentity", Effect: sandbox.ServerError})
		if f, ok := errors.AsType[*resource.Failure](session.Write(t.Context(), makesGroup("g"))); !ok || f.Class != resource.Unsent {
			t.Errorf("nobody tells whose they are: %v, want that nothing was sent", f)
		}
		account.ClearFaults()
		if err := session.Write(t.Context(), makesGroup("g")); err != nil {
			t.Errorf("with new credentials: %v", err)
		}
	})
}

// Waiting for credentials is not having lost them: nothing was sent.
func TestCredentialsSlow(t *testing.T) {
	t.Parallel()
	session := connectAs(t, guideAccount(), guideAccount().Client().Transport, &login{now: aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}})
	over, end := context.WithCancel(t.Context())
	end()
	if f, ok := errors.AsType[*resource.Failure](session.Write(over, makesGroup("g"))); !ok || f.Class != resource.Unsent {
		t.Errorf("%v, want that nothing was sent", f)
	}
}
