package kind_test

import (
	"bytes"
	"context"
	"regexp"
	"testing"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
	"github.com/ssmctl/ssmctl/spec"
)

// head begins every spec of these tests.
const head = "ssmctl: v1\nname: test\naccount: \"123456789012\"\nregion: us-east-1\n"

// guideAccount is a sandbox with what the guide's example needs.
func guideAccount() *sandbox.Server {
	s := sandbox.New(sandbox.Options{})
	s.SeedGuide()
	return s
}

// copyOf returns another account that is just like s, without its faults.
func copyOf(t testing.TB, s *sandbox.Server) *sandbox.Server {
	t.Helper()
	var text bytes.Buffer
	if err := s.Save(&text); err != nil {
		t.Fatal(err)
	}
	c, err := sandbox.Load(&text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// connect opens a session on the sandbox.
func connect(t testing.TB, s *sandbox.Server) *kind.Session {
	t.Helper()
	session, err := kind.Connect(context.Background(), kind.Target{Region: s.Region(), HTTPClient: s.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// load reads a spec that must be valid.
func load(t testing.TB, text string) *spec.Loaded {
	t.Helper()
	loaded, err := spec.Load("test.yaml", []byte(text), kind.Sections())
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return loaded
}

// makePlan plans text against the account.
func makePlan(t testing.TB, session *kind.Session, text string) *planner.Plan {
	t.Helper()
	p, err := tryPlan(t, session, text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

func tryPlan(t testing.TB, session *kind.Session, text string) (*planner.Plan, error) {
	t.Helper()
	loaded := load(t, text)
	survey, err := session.Survey(context.Background(), loaded.Spec.Name, loaded.Desired)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range survey.Refusals {
		return nil, planner.Refused{{ID: r.ID, Text: r.Text, Help: r.Help}}
	}
	many := 1 << 20
	return planner.Make(planner.Input{Desired: survey.Desired, Live: survey.Live, Loss: kind.Loss, MaxDeletes: &many})
}

// apply carries out text on the account.
func apply(t testing.TB, s *sandbox.Server, text string) *executor.Report {
	t.Helper()
	session := connect(t, s)
	return run(session, makePlan(t, session, text))
}

func run(session *kind.Session, p *planner.Plan) *executor.Report {
	return (&executor.Executor{Account: session, Parallel: 4}).Run(context.Background(), p)
}

// mustApply carries out text, which must succeed and leave nothing to do.
func mustApply(t testing.TB, s *sandbox.Server, text string) {
	t.Helper()
	if r := apply(t, s, text); r.Outcome != executor.Applied {
		t.Fatalf("apply: %s: %v; left %v\n%s", r.Outcome, r.Cause, r.Left, text)
	}
	mustBeDone(t, s, text)
}

// mustBeDone fails unless planning text again finds nothing to do.
func mustBeDone(t testing.TB, s *sandbox.Server, text string) {
	t.Helper()
	if p := makePlan(t, connect(t, s), text); len(p.Steps) != 0 {
		for _, step := range p.Steps {
			t.Errorf("after the apply the plan still has: %s %s\n  before %+v\n  after  %+v", step.Action(), step.ID(), step.Before, step.After)
		}
		t.FailNow()
	}
}

// kindsOf returns the kinds that a plan changes.
func kindsOf(p *planner.Plan) map[string]bool {
	kinds := map[string]bool{}
	for _, s := range p.Steps {
		kinds[s.ID().Kind] = true
	}
	return kinds
}

// ids are objects by their text form.
func ids(names ...string) []resource.ID {
	all := make([]resource.ID, len(names))
	for i, n := range names {
		if err := all[i].UnmarshalText([]byte(n)); err != nil {
			panic(err)
		}
	}
	return all
}

// dump is what the account holds, but for which run made each thing.
func dump(s *sandbox.Server) string {
	return runTags.ReplaceAllString(string(s.Dump()), "")
}

// runTags match the tag of a run in a dump: after others, before others, or
// alone.
var runTags = regexp.MustCompile(`,\s*"ssmctl:run": "[^"]*"|"ssmctl:run": "[^"]*",\s*`)
