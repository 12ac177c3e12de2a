package simulation

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
	"github.com/ssmctl/ssmctl/spec"
)

// maxDeepSteps is how many steps a plan of the second depth may have.
const maxDeepSteps = 12

// A site is a plan of the second depth and the account that it is for.
type site struct {
	seed    uint64
	text    string // the spec
	saved   []byte // the account
	before  string // its dump
	after   string // its dump when the plan was applied
	plan    *planner.Plan
	locks   bool // runs take the lock, and ask for it before each write
	changes []resource.Change
	begin   journal.Start
	sorts   []string // of the requests of a run without a fault
	disk    []string // of its writes to disk
}

// newSite draws a site from a seed. The error is that of a bug.
func newSite(seed uint64) (*site, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	for {
		account := sandbox.New(sandbox.Options{})
		account.SeedGuide()
		s := &site{seed: seed, locks: seed%4 == 0}
		from, to := drawSpecs(r)
		s.text = to
		if err := s.prepare(account, from); err != nil {
			return nil, err
		}
		if s.plan == nil || len(s.plan.Steps) == 0 || len(s.plan.Steps) > maxDeepSteps {
			continue
		}
		return s, s.measure()
	}
}

// prepare applies a spec to the account and plans the site's own.
func (s *site) prepare(account *sandbox.Server, from string) error {
	ctx := context.Background()
	session, err := kind.Connect(ctx, kind.Target{Region: account.Region(), HTTPClient: account.Client()})
	if err != nil {
		return err
	}
	p, err := planFor(ctx, session, from)
	if err != nil {
		return nil // IAM or the account forbids it
	}
	if r := (&executor.Executor{Account: session}).Run(ctx, p); r.Outcome != executor.Applied {
		return fmt.Errorf("the account cannot be prepared: %w\n%s", r.Cause, from)
	}
	var saved bytes.Buffer
	if err := account.Save(&saved); err != nil {
		return err
	}
	s.saved, s.before = saved.Bytes(), string(account.Dump())
	if s.plan, err = planFor(ctx, session, s.text); err != nil {
		s.plan = nil
		return nil
	}
	for _, step := range s.plan.Steps {
		s.changes = append(s.changes, step.Change)
	}
	s.begin = beginning(s.plan)
	return nil
}

// planFor plans a spec against an account.
func planFor(ctx context.Context, session *kind.Session, text string) (*planner.Plan, error) {
	loaded, err := spec.Load("test.yaml", []byte(text), kind.Sections())
	if err != nil {
		return nil, err
	}
	survey, err := session.Survey(ctx, loaded.Spec.Name, loaded.Desired)
	if err != nil {
		return nil, err
	}
	if len(survey.Refusals) > 0 {
		return nil, errors.New(survey.Refusals[0].Text)
	}
	return planner.Make(planner.Input{Desired: survey.Desired, Live: survey.Live, Loss: kind.Loss, MaxDeletes: new(1 << 20)})
}

// measure runs the plan without a fault.
func (s *site) measure() error {
	t := s.play(scenario{}, false)
	if t.outcome != executor.Applied {
		return fmt.Errorf("seed %d: without a fault the run ended as %q: %s\n%s", s.seed, t.outcome, t.violation, s.text)
	}
	s.sorts, s.disk, s.after = t.shared.sorts, t.disk.sorts, string(t.server.Dump())
	return nil
}

// untagged is a dump without which run made each thing.
func untagged(dump string) string { return runTags.ReplaceAllString(dump, "") }

// runTags match the tag of a run in a dump.
var runTags = regexp.MustCompile(`,\s*"ssmctl:run": "[^"]*"|"ssmctl:run": "[^"]*",\s*`)

// scenario returns the nth run of the site's programme: half with one fault.
func (s *site) scenario(n int) scenario {
	r := rand.New(rand.NewPCG(s.seed, uint64(n)+10))
	sc := scenario{finish: r.IntN(2) == 0, undo: r.IntN(4) == 0, keep: n%2 == 1 && r.IntN(8) == 0}
	many := 1
	if n%2 == 1 {
		many = 2 + r.IntN(2)
	}
	for range many {
		f := fault{pick: r.Uint64(), disk: r.IntN(3) == 0}
		sorts, troubles := s.sorts, requestTroubles
		if f.disk {
			sorts, troubles = s.disk, diskTroubles
		}
		if len(sorts) == 0 {
			continue
		}
		f.at = 1 + r.IntN(len(sorts))
		some := troubles[sorts[f.at-1]]
		f.what = some[r.IntN(len(some))]
		if many > 1 {
			f.at += r.IntN(len(sorts))
		}
		sc.faults = append(sc.faults, f)
	}
	slices.SortFunc(sc.faults, func(a, b fault) int { return cmp.Compare(a.at, b.at) })
	return sc
}
