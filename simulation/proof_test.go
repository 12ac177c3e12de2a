package simulation

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/resource"
)

// The same seed gives the same runs, to the last call, however many workers
// share them.
func TestSameSeedSameRuns(t *testing.T) {
	t.Parallel()
	depths := map[string]struct {
		runs int
		play func(plan int) summary
	}{
		"memory": {600, func(plan int) summary { return playPlan(7, plan, 200) }},
		"sdk":    {60, func(plan int) summary { return playSpec(7, plan, 20) }},
	}
	for name, depth := range depths {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play := func(workers int) summary {
				s := simulate(t, workers, 3, depth.play)
				s.elapsed, s.failures = 0, nil
				return s
			}
			one := play(1)
			if one.runs != depth.runs || one.digest == 0 {
				t.Fatalf("%d runs, digest %d", one.runs, one.digest)
			}
			for _, workers := range []int{1, 3} {
				if d := cmp.Diff(one, play(workers), cmp.AllowUnexported(summary{})); d != "" {
					t.Errorf("with %d workers (-first +this):\n%s", workers, d)
				}
			}
		})
	}
}

// A run comes out the same whenever it is played, though records of a journal
// are the longer the more of a second their time has, and the SDK waits for a
// random time before it asks again. These runs once showed either.
func TestSameRunWhenever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, name := range []string{"1/4/1052", "1/64/670", "1/98/1605"} {
			seed, plan, run := parseReplay(t, name)
			w := worldOf(seed, plan)
			sc := programmeOf(w).scenario(run)
			alike(t, name, func() []string { return w.play(sc, true).tape })
		}
		s, err := newSite(1<<32 + 10)
		if err != nil {
			t.Fatal(err)
		}
		sc := scenario{finish: true, faults: []fault{{what: foreignUse, at: 14, pick: 2}, {what: hang, at: 22}, {what: hang, at: 23}}}
		alike(t, "two reads without an answer", func() []string { return s.play(sc, true).tape })
	})
}

// Of what the run has left half-way nobody can tell whether somebody else has
// made it again just so. In this run an instance profile without its role is.
func TestMadeAgainHalfWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed, plan, run := parseReplay(t, "2/4744/495")
		w := worldOf(seed, plan)
		r := w.play(programmeOf(w).scenario(run), false)
		if r.property != "P4" || r.excuse != "a foreign write of the very content of the plan" {
			t.Errorf("property %q: %s; excuse %q", r.property, r.violation, r.excuse)
		}
	})
}

// alike plays a run several times, and compares what happens and how long it
// takes.
func alike(t *testing.T, name string, play func() []string) {
	t.Helper()
	timed := func() []string {
		start := time.Now()
		tape := append(play(), time.Since(start.Truncate(time.Second)).String())
		for i := range tape {
			tape[i] = requestIDs.ReplaceAllString(tape[i], "")
		}
		return tape
	}
	first := timed()
	for range 4 {
		time.Sleep(12_345_678_901)
		if d := cmp.Diff(first, timed()); d != "" {
			t.Errorf("%s (-first +again):\n%s", name, d)
			return
		}
	}
}

// requestIDs match what is made at random for each request.
var requestIDs = regexp.MustCompile(` \(request [^)]*\)`)

// A hasty account sends a write again when no answer came, as SDKs do.
type hasty struct{ executor.Account }

func (h hasty) Write(ctx context.Context, c resource.Change) error {
	err := h.Account.Write(ctx, c)
	if f, ok := errors.AsType[*resource.Failure](err); ok && f.Class == resource.Unknown {
		return h.Account.Write(ctx, c)
	}
	return err
}

// A forgetful account says of every attachment that it was changed, and goes on
// saying so, and changes none.
type forgetful struct {
	executor.Account
	said map[resource.ID]resource.Object
}

func (f forgetful) Write(ctx context.Context, c resource.Change) error {
	if c.ID().Kind == "attachment" {
		f.said[c.ID()] = c.After
		return nil
	}
	return f.Account.Write(ctx, c)
}

func (f forgetful) Read(ctx context.Context, ids []resource.ID) (*resource.State, error) {
	s, err := f.Account.Read(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := []resource.Object{}
	for o := range s.All() {
		if _, ok := f.said[o.ID()]; !ok {
			all = append(all, o)
		}
	}
	for _, id := range ids {
		if o := f.said[id]; o != nil {
			all = append(all, o)
		}
	}
	return resource.NewState(all...)
}

// The simulation finds what is planted, and shows it with no more faults and
// steps than it takes.
func TestPlantedBugsAreFound(t *testing.T) {
	t.Parallel()
	bugs := map[string]struct {
		wrap     func(executor.Account) executor.Account
		property string
		faults   int // that it takes
	}{
		"sends again without looking": {func(a executor.Account) executor.Account { return hasty{a} }, "P8", 1},
		"says what is not so": {func(a executor.Account) executor.Account {
			return forgetful{a, map[resource.ID]resource.Object{}}
		}, "P1", 0},
	}
	for name, bug := range bugs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for plan := range 50 {
					w := worldOf(1, plan)
					w.wrap = bug.wrap
					g := programmeOf(w)
					for n := range g.singles {
						s := g.scenario(len(g.singles) + n) // several faults
						r := w.play(s, false)
						if r.property != bug.property {
							continue
						}
						small, few := shrink(w, s, r.property)
						if len(small.plan.Steps) != 1 || len(few.faults) != bug.faults {
							t.Errorf("shrunk to\n%sand\n%s", small, few)
						}
						text := report(w, s, r.property, "1/2/3")
						for _, part := range []string{bug.property + ": ", "-replay 1/2/3", small.plan.Steps[0].ID().String(), "ended: "} {
							if !strings.Contains(text, part) {
								t.Errorf("the report does not say %q:\n%s", part, text)
							}
						}
						return
					}
				}
				t.Error("it was not found")
			})
		})
	}
}
