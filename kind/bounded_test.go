package kind_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

var block = bytes.Repeat([]byte("x"), 1<<16)

// endless is an answer that has no end.
type endless struct{ begins io.Reader }

func (e endless) Read(p []byte) (int, error) {
	if n, err := e.begins.Read(p); err == nil {
		return n, nil
	}
	return copy(p, block), nil
}

// An answer without an end is given up, once, and of a write its effect is not
// known.
//
// Faults 49, 54: an answer of a gigabyte.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	for name, begins := range map[string]string{
		"ssm:GetParameters": `{"Parameters":[{"Value":"`,
		"iam:CreateGroup":   "<CreateGroupResponse><CreateGroupResult><Group><GroupName>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := guideAccount()
			by := &switched{RoundTripper: account.Client().Transport}
			session := connectBy(t, account, by)
			asked := 0
			by.RoundTripper = answering(func() (*http.Response, error) {
				asked++
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(endless{strings.NewReader(begins)})}, nil
			})
			var err error
			if name == "ssm:GetParameters" {
				_, err = session.Locked(t.Context(), "test")
			} else {
				err = session.Write(t.Context(), makesGroup("g"))
				if f, ok := errors.AsType[*resource.Failure](err); !ok || f.Class != resource.Unknown {
					t.Errorf("%v, want that it is not known", err)
				}
			}
			if err == nil || !strings.Contains(err.Error(), name+": the answer is larger than 64 MiB") || asked != 1 {
				t.Errorf("%v after %d requests", err, asked)
			}
		})
	}
}

// A read that is never answered is asked again each time after a quarter of a
// minute, and given up after the last attempt, also by way of a client of the
// caller's own.
func TestReadThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		by := &switched{RoundTripper: account.Client().Transport}
		session := connectBy(t, account, by)
		hangs := &silent{}
		by.RoundTripper = hangs
		start := time.Now()
		_, err := session.Locked(t.Context(), "test")
		if took := time.Since(start); err == nil || hangs.asked != 8 || took < 2*time.Minute || took > 5*time.Minute {
			t.Errorf("%v after %d requests in %v", err, hangs.asked, took)
		}
	})
}

// A read whose answer is cut short is asked again.
//
// Fault 6: the answer is cut short.
func TestReadCutShort(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	session := connect(t, account)
	account.Inject(sandbox.Fault{Operation: "ssm:GetParameters", Nth: 1, Effect: sandbox.Truncate})
	if held, err := session.Locked(t.Context(), "test"); held != nil || err != nil {
		t.Errorf("%v, %v", held, err)
	}
}

// silent never answers.
type silent struct{ asked int }

func (s *silent) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked++
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A document that is far larger than IAM keeps is not read: of what the spec
// has nothing to do with it is left out and said, of what it owns it stops the
// plan.
//
// Fault 54: a policy document of several megabytes.
func TestHugeDocument(t *testing.T) {
	t.Parallel()
	huge := url.PathEscape(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + strings.Repeat("a", 8<<20) + `","Resource":"*"}}`)
	for name, tt := range map[string]struct{ text, policy, refused string }{
		"foreign": {"groups: {g: {}}", "theirs", ""},
		"owned":   {"groups: {g: {inline: {mine: {Version: 2012-10-17, Statement: {Effect: Allow, Action: 'ssm:List*', Resource: '*'}}}}}", "mine", "inline policy mine of group/g cannot be read: a document of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := guideAccount()
			mustApply(t, account, head+tt.text+"\n")
			if tt.policy == "theirs" {
				by := somebody{t, account, clientsOf(account)}
				must(by.iam.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: new("alice"), PolicyName: new("theirs"), PolicyDocument: new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:List*","Resource":"*"}}`)}))
			}
			session := connectBy(t, account, rewriting{account.Client().Transport, func(answer []byte) []byte {
				before, after, found := bytes.Cut(answer, []byte("<PolicyName>"+tt.policy+"</PolicyName><PolicyDocument>"))
				if !found {
					return answer
				}
				_, after, _ = bytes.Cut(after, []byte("</PolicyDocument>"))
				return []byte(string(before) + "<PolicyName>" + tt.policy + "</PolicyName><PolicyDocument>" + huge + "</PolicyDocument>" + string(after))
			}})
			loaded := load(t, head+tt.text+"\n")
			survey, err := session.Survey(t.Context(), "test", loaded.Desired)
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("%v, want %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			unread := 0
			for _, p := range survey.Access(nil).Policies {
				if strings.Contains(p.Unread, "more than IAM keeps") {
					unread++
				}
			}
			if unread != 1 {
				t.Errorf("%d policies are said not to be read, want 1", unread)
			}
		})
	}
}
