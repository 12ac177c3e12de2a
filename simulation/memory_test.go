package simulation

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

// The flags of the test binary.
var (
	runsFlag   = flag.Int("runs", 20_000, "how many runs of the first depth")
	plansFlag  = flag.Int("plans", 0, "how many plans of the first depth, each with all faults, instead of -runs")
	seedFlag   = flag.Uint64("seed", 1, "what all that is random comes from")
	replayFlag = flag.String("replay", "", "a run to play again, as SEED/PLAN/RUN")
)

// runsPerPlan is how many runs a plan gets, of those that have one fault, and
// then of those that have several.
const (
	runsPerPlan  = 1000
	pairsPerPlan = 100
)

// Faults 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 14, 15, 16, 22, 23, 24, 25, 26, 27, 29, 31, 32, 33, 34, 35, 36, 37, 41, 45: every one at every call and at every write to disk of random plans, and in twos and threes.
func TestMemory(t *testing.T) {
	t.Parallel()
	if *replayFlag != "" {
		replay(t, *replayFlag)
		return
	}
	plans, each := (*runsFlag+runsPerPlan-1)/runsPerPlan, runsPerPlan
	if *plansFlag > 0 {
		plans, each = *plansFlag, 0
	}
	s := simulate(t, runtime.GOMAXPROCS(0), plans, func(plan int) summary { return playPlan(*seedFlag, plan, each) })
	t.Logf("seed %d, %d plans\n%s", *seedFlag, plans, s)
	if undecidable := s.undecidable(); undecidable*1000 > s.runs {
		t.Errorf("%d of %d runs are undecidable, more than one in a thousand", undecidable, s.runs)
	}
	s.fail(t)
}

// worldOf returns a plan of a seed.
func worldOf(seed uint64, plan int) *world { return newWorld(seed<<32 + uint64(plan)) }

// playPlan plays so many runs of one plan, or, if that is 0, all that have one
// fault and some that have more.
func playPlan(seed uint64, plan, runs int) summary {
	w := worldOf(seed, plan)
	g := programmeOf(w)
	s := newSummary()
	order := make([]int, 0, runs)
	if n := len(g.singles); runs == 0 || n <= runs-pairsPerPlan {
		for r := range max(runs, n+pairsPerPlan) {
			order = append(order, r)
		}
	} else {
		order = rand.New(rand.NewPCG(w.seed, 2)).Perm(n)[:runs-pairsPerPlan]
		for r := range pairsPerPlan {
			order = append(order, n+r)
		}
	}
	for _, r := range order {
		sc := g.scenario(r)
		name := fmt.Sprintf("%d/%d/%d", seed, plan, r)
		t := w.play(sc, false)
		if r%64 == 0 {
			if again := w.play(sc, false); again.hash != t.hash {
				t.excuse = ""
				t.violate("P9", "played again, it took another course: %d calls, then %d", t.calls, again.calls)
			}
		}
		s.count(t, name, func() string { return report(w, sc, t.property, name) })
	}
	return s
}

// report describes a violation, shrunk, and how to see it again.
func report(w *world, s scenario, property, name string) string {
	w, s = shrink(w, s, property)
	t := w.play(s, true)
	return fmt.Sprintf("%s: %s\nreplay with: go test ./simulation -run TestMemory -v -args -replay %s\n%sfaults:\n%strace:\n%s\n",
		t.property, t.violation, name, w, s, t.trace())
}

func (w *world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan, lag %v, spread %v:\n", w.account.lag, w.account.spread)
	for i, s := range w.plan.Steps {
		fmt.Fprintf(&b, "  %d %s %s: %s -> %s, waits for %v", i, s.Action(), s.ID(), text(s.Before), text(s.After), s.Waits)
		if s.Pause {
			b.WriteString(", pause")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// replay plays one run again and prints it.
func replay(t *testing.T, name string) {
	seed, plan, run := parseReplay(t, name)
	synctest.Test(t, func(t *testing.T) {
		w := worldOf(seed, plan)
		s := programmeOf(w).scenario(run)
		r := w.play(s, true)
		t.Logf("%sfaults:\n%strace:\n%s\noutcome %q, property %q: %s; excuse %q", w, s, r.trace(), r.outcome, r.property, r.violation, r.excuse)
		if r.violation != "" && r.excuse == "" {
			t.Error(report(w, s, r.property, name))
		}
	})
}

func parseReplay(t *testing.T, name string) (seed uint64, plan, run int) {
	t.Helper()
	if _, err := fmt.Sscanf(name, "%d/%d/%d", &seed, &plan, &run); err != nil {
		t.Fatalf("%q is not SEED/PLAN/RUN", name)
	}
	return seed, plan, run
}
