package simulation

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

var deepFlag = flag.Int("deep", 300, "how many runs of the second depth, through the kinds and the SDK")

// runsPerSpec is how many runs a plan of the second depth gets.
const runsPerSpec = 100

// Faults 1, 3, 4, 5, 6, 7, 9, 10, 11, 14, 15, 19, 22, 26, 27, 29, 31, 32, 33, 34, 35, 36, 37, 41: through the kinds, the SDK and the wire protocols.
func TestSDK(t *testing.T) {
	t.Parallel()
	if *replayFlag != "" {
		replaySDK(t, *replayFlag)
		return
	}
	plans := (*deepFlag + runsPerSpec - 1) / runsPerSpec
	s := simulate(t, runtime.GOMAXPROCS(0), plans, func(plan int) summary { return playSpec(*seedFlag, plan, runsPerSpec) })
	t.Logf("seed %d, %d plans\n%s", *seedFlag, plans, s)
	s.fail(t)
}

// playSpec plays so many runs of one plan.
func playSpec(seed uint64, plan, runs int) summary {
	sum := newSummary()
	s, err := newSite(seed<<32 + uint64(plan))
	if err != nil {
		sum.violated("no plan", fmt.Sprint(plan), err.Error)
		return sum
	}
	for n := range runs {
		sc := s.scenario(n)
		t := s.play(sc, false)
		if n%16 == 0 {
			if again := s.play(sc, false); again.hash != t.hash {
				t.violate("P9", "played again, it took another course: %d requests, then %d", t.shared.requests, again.shared.requests)
			}
		}
		sum.runs++
		sum.calls += t.shared.requests
		sum.crashes += t.crashes
		sum.recoveries += t.recoveries
		sum.outcomes[string(t.outcome)]++
		sum.digest += t.hash
		if t.violation != "" {
			name := fmt.Sprintf("%d/%d/%d", seed, plan, n)
			sum.violated(t.property+" "+string(t.outcome), name, func() string { return s.report(sc, t.property, name) })
		}
	}
	return sum
}

// report describes a violation with the fewest faults that show it.
func (s *site) report(sc scenario, property, name string) string {
	for i := 0; i < len(sc.faults); {
		fewer := sc
		fewer.faults = slices.Delete(slices.Clone(sc.faults), i, i+1)
		if s.play(fewer, false).property == property {
			sc = fewer
		} else {
			i++
		}
	}
	t := s.play(sc, true)
	var steps strings.Builder
	for i, step := range s.plan.Steps {
		fmt.Fprintf(&steps, "  %d %s %s, waits for %v\n", i, step.Action(), step.ID(), step.Waits)
	}
	return fmt.Sprintf("%s: %s\nreplay with: go test ./simulation -run TestSDK -v -args -replay %s\nspec:\n%splan:\n%sfaults:\n%strace:\n%s\n",
		t.property, t.violation, name, s.text, steps.String(), sc, strings.Join(t.tape, "\n"))
}

// replaySDK plays one run again and prints it.
func replaySDK(t *testing.T, name string) {
	seed, plan, run := parseReplay(t, name)
	synctest.Test(t, func(t *testing.T) {
		s, err := newSite(seed<<32 + uint64(plan))
		if err != nil {
			t.Fatal(err)
		}
		sc := s.scenario(run)
		r := s.play(sc, true)
		t.Logf("spec:\n%sfaults:\n%strace:\n%s\noutcome %q", s.text, sc, strings.Join(r.tape, "\n"), r.outcome)
		if r.violation != "" {
			t.Error(s.report(sc, r.property, name))
		}
	})
}
