package simulation

import (
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// simulate spreads plans, each in a bubble with a clock of its own, over
// workers, and sums up.
func simulate(t *testing.T, workers, plans int, play func(plan int) summary) summary {
	defer debug.SetGCPercent(debug.SetGCPercent(1000)) // runs make much and keep nothing
	var next atomic.Int64
	var mu sync.Mutex
	total := newSummary()
	var start time.Time // of the first of them, which may have to wait for other tests
	var begin sync.Once
	t.Run("workers", func(t *testing.T) {
		for n := range workers {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				begin.Do(func() { start = time.Now() })
				for plan := int(next.Add(1)) - 1; plan < plans; plan = int(next.Add(1)) - 1 {
					synctest.Test(t, func(*testing.T) {
						s := play(plan)
						mu.Lock()
						total.add(s)
						mu.Unlock()
					})
				}
			})
		}
	})
	total.elapsed = time.Since(start)
	if len(total.failures) > 0 {
		synctest.Test(t, func(*testing.T) {
			for k, f := range total.failures {
				f.text = f.describe()
				total.failures[k] = f
			}
		})
	}
	return total
}

// nextSecond waits for a whole second. A record of a journal is the longer the
// more of a second its time has, and a run must come out the same whenever it
// begins.
func nextSecond() { time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) }

// A summary says what became of many runs.
type summary struct {
	runs, calls, crashes, recoveries, violations int

	outcomes map[string]int
	broken   map[string]int     // violations by property and outcome
	excuses  map[string]int     // undecidable runs by reason
	failures map[string]failure // one for each of broken
	digest   uint64             // of all traces, in whatever order
	elapsed  time.Duration
}

// A failure is a violation that will be described: that takes a while, since
// it is shrunk.
type failure struct {
	name     string // of the run
	describe func() string
	text     string
}

func newSummary() summary {
	return summary{outcomes: map[string]int{}, broken: map[string]int{}, excuses: map[string]int{}, failures: map[string]failure{}}
}

func (s *summary) add(o summary) {
	s.runs += o.runs
	s.calls += o.calls
	s.crashes += o.crashes
	s.recoveries += o.recoveries
	s.violations += o.violations
	s.digest += o.digest
	for k, n := range o.outcomes {
		s.outcomes[k] += n
	}
	for k, n := range o.broken {
		s.broken[k] += n
	}
	for k, n := range o.excuses {
		s.excuses[k] += n
	}
	for k, f := range o.failures {
		if was, ok := s.failures[k]; !ok || f.name < was.name {
			s.failures[k] = f
		}
	}
}

// count adds one run.
func (s *summary) count(t *trial, name string, describe func() string) {
	s.runs++
	s.calls += t.calls
	s.crashes += t.crashes
	s.recoveries += t.recoveries
	s.outcomes[string(t.outcome)]++
	s.digest += t.hash
	switch {
	case t.violation == "":
	case t.excuse != "":
		s.excuses[t.excuse]++
	default:
		s.violated(t.property+" "+string(t.outcome), name, describe)
	}
}

// violated counts a violation of a sort.
func (s *summary) violated(sort, name string, describe func() string) {
	s.violations++
	s.broken[sort]++
	if _, ok := s.failures[sort]; !ok {
		s.failures[sort] = failure{name: name, describe: describe}
	}
}

func (s *summary) undecidable() int {
	n := 0
	for _, of := range s.excuses {
		n += of
	}
	return n
}

// fail fails the test with the violations.
func (s *summary) fail(t *testing.T) {
	for _, k := range slices.Sorted(maps.Keys(s.failures)) {
		t.Error(s.failures[k].text)
	}
}

func (s summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs, %d calls, %d crashes, %d recoveries, %d violations, digest %016x; %s, %.0f runs per second\n",
		s.runs, s.calls, s.crashes, s.recoveries, s.violations, s.digest, s.elapsed.Round(100*time.Millisecond), float64(s.runs)/s.elapsed.Seconds())
	for _, k := range slices.Sorted(maps.Keys(s.outcomes)) {
		fmt.Fprintf(&b, "  %-12s %d\n", k, s.outcomes[k])
	}
	for _, k := range slices.Sorted(maps.Keys(s.broken)) {
		fmt.Fprintf(&b, "  %s: %d violations\n", k, s.broken[k])
	}
	fmt.Fprintf(&b, "  undecidable  %d\n", s.undecidable())
	for _, k := range slices.Sorted(maps.Keys(s.excuses)) {
		fmt.Fprintf(&b, "    %s: %d\n", k, s.excuses[k])
	}
	return b.String()
}
