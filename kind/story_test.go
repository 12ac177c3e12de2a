package kind_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A story is what happens to an account: a spec is applied, somebody else
// changes something by hand, and a spec is planned and applied again.
type story struct {
	before    func(somebody) // changes the guide's account first
	first     string         // sections that are applied; "" for none
	meanwhile func(somebody)
	then      string   // sections that are planned; "" for the first ones again
	plan      []string // its steps, sorted: "update role/x", and what is lost
	notes     []string // parts of what the plan remarks, one each
	refused   string   // what the refusals say, if the plan is refused
	oneWay    bool     // the plan cannot be undone
}

// tell checks that the story's plan is as expected, that it can be undone
// when its last call fails, and that it is done after it was applied.
func (s story) tell(t *testing.T) {
	account := guideAccount()
	by := somebody{t, account, clientsOf(account)}
	if s.before != nil {
		s.before(by)
	}
	if s.first != "" {
		mustApply(t, account, head+s.first+"\n")
	}
	if s.meanwhile != nil {
		s.meanwhile(by)
	}
	text := head + s.then + "\n"
	if s.then == "" {
		text = head + s.first + "\n"
	}
	session := connect(t, account)
	p, notes, refused := review(t, session, text)
	if s.refused != "" || refused != "" {
		if s.refused == "" || !strings.Contains(refused, s.refused) {
			t.Errorf("refused: %q, want %q", refused, s.refused)
		}
		return
	}
	if diff := cmp.Diff(s.plan, steps(p)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if len(notes) != len(s.notes) {
		t.Errorf("notes %q, want %q", notes, s.notes)
	}
	for i := range min(len(notes), len(s.notes)) {
		if !strings.Contains(notes[i], s.notes[i]) {
			t.Errorf("note %q, want it to say %q", notes[i], s.notes[i])
		}
	}
	if !s.oneWay && len(p.Steps) > 0 {
		inverted(t, account, text)
		undone(t, account, text)
	}
	mustApply(t, account, text)
}

// tellAll tells each story in an account and at a time of its own.
func tellAll(t *testing.T, stories map[string]story) {
	for name, s := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, s.tell)
		})
	}
}

// inverted applies text to a copy of the account and then writes the inverse of
// each step, the last one first: the copy must end as it was.
func inverted(t *testing.T, account *sandbox.Server, text string) {
	t.Helper()
	c := copyOf(t, account)
	before := string(c.Dump())
	session := connect(t, c)
	p := makePlan(t, session, text)
	if r := (&executor.Executor{Account: session}).Run(t.Context(), p); r.Outcome != executor.Applied {
		t.Fatalf("%s: %v", r.Outcome, r.Cause)
	}
	for _, s := range slices.Backward(p.Steps) {
		if s.Event() {
			continue
		}
		if err := session.Write(t.Context(), s.Inverse()); err != nil {
			t.Errorf("undoing %s %s: %v", s.Action(), s.ID(), err)
		}
	}
	if after := string(c.Dump()); after != before {
		t.Errorf("after each step was inverted the account differs (-before +after):\n%s", cmp.Diff(before, after))
	}
}

// undone applies text to a copy of the account, with the last writing call
// refused: the copy must end as it was.
func undone(t *testing.T, account *sandbox.Server, text string) {
	t.Helper()
	probe := copyOf(t, account)
	session := connect(t, probe)
	p := makePlan(t, session, text)
	probe.ResetRequests()
	one := executor.Executor{Account: session} // one step at a time, so that the last call is the same again
	one.Run(t.Context(), p)
	last, times := "", map[string]int{}
	for _, r := range probe.Requests() {
		if r.Write {
			last = r.Service + ":" + r.Operation
			times[last]++
		}
	}

	broken := copyOf(t, account)
	before := string(broken.Dump())
	session = connect(t, broken)
	p = makePlan(t, session, text)
	broken.Inject(sandbox.Fault{Operation: last, Nth: times[last], Effect: sandbox.ErrorBefore})
	one.Account = session
	r := one.Run(t.Context(), p)
	broken.ClearFaults()
	if r.Outcome != executor.RolledBack {
		t.Errorf("with its last call refused the apply ended as %q: %v; left %v", r.Outcome, r.Cause, r.Left)
	}
	if after := string(broken.Dump()); after != before {
		t.Errorf("after it was undone the account differs (-before +after):\n%s", cmp.Diff(before, after))
	}
}

// review plans text as the command does, and returns the plan, its remarks and
// the refusals in one text.
func review(t testing.TB, session *kind.Session, text string) (*planner.Plan, []string, string) {
	t.Helper()
	loaded := load(t, text)
	var refused []string
	for _, r := range kind.Check(loaded.Desired) {
		refused = append(refused, r.Text+"; "+r.Help)
	}
	survey, err := session.Survey(context.Background(), loaded.Spec.Name, loaded.Desired)
	if err != nil {
		return nil, nil, err.Error()
	}
	for _, r := range survey.Refusals {
		refused = append(refused, r.Text+"; "+r.Help)
	}
	p, err := planner.Make(planner.Input{Desired: survey.Desired, Live: survey.Live, Loss: kind.Loss, MaxDeletes: new(1 << 20)})
	if err != nil {
		return nil, nil, strings.Join(append(refused, err.Error()), "\n")
	}
	changes := make([]resource.Change, len(p.Steps))
	for i, s := range p.Steps {
		changes[i] = s.Change
	}
	found, err := session.Preflight(context.Background(), changes)
	if err != nil {
		return nil, nil, err.Error()
	}
	for _, r := range found {
		refused = append(refused, r.Text+"; "+r.Help)
	}
	var notes []string
	for _, n := range survey.Notes {
		notes = append(notes, n.ID.String()+": "+n.Text)
	}
	for _, n := range p.Notes {
		notes = append(notes, n.Resource.String()+": "+n.Text)
	}
	return p, notes, strings.Join(refused, "\n")
}

// steps returns a plan's steps, sorted, without those of the ledger.
func steps(p *planner.Plan) []string {
	var all []string
	for _, s := range p.Steps {
		line := fmt.Sprintf("%s %s", s.Action(), s.ID())
		if s.Loss.What != "" {
			line += "; loses " + s.Loss.What
		}
		if s.Loss.Final {
			line += " for good"
		}
		if s.ID().Kind != "ledger" {
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return all
}

// Somebody is another person at work in the account.
type somebody struct {
	testing.TB
	account *sandbox.Server
	sdk
}

type sdk struct {
	iam *iam.Client
	ec2 *ec2.Client
	ssm *ssm.Client
}

func clientsOf(s *sandbox.Server) sdk {
	c := aws.Config{
		Region: s.Region(), HTTPClient: s.Client(), Credentials: credentials.NewStaticCredentialsProvider("somebody", "else", ""),
		BaseEndpoint: new("http://sandbox.invalid"), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	return sdk{iam.NewFromConfig(c), ec2.NewFromConfig(c), ssm.NewFromConfig(c)}
}

// must panics if a call that has to work does not.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

// rewriting changes what the account answers.
type rewriting struct {
	http.RoundTripper
	rewrite func(answer []byte) []byte
}

func (w rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	body = w.rewrite(body)
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return answer, err
}

// connectBy opens a session on the sandbox by way of a transport.
func connectBy(t testing.TB, s *sandbox.Server, by http.RoundTripper) *kind.Session {
	t.Helper()
	return must(kind.Connect(context.Background(), kind.Target{Region: s.Region(), HTTPClient: &http.Client{Transport: by}}))
}

// asText is an object as its JSON, indented.
func asText(o resource.Object) string {
	return string(must(json.MarshalIndent(o, "", " ")))
}
