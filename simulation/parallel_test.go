package simulation

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// Faults 29, 33, 34, 35, 45: where steps run at once.
//
// Which of them is first is for the scheduler to say, so that a replay may go
// another way.
func TestMemoryParallel(t *testing.T) {
	t.Parallel()
	if *replayFlag != "" {
		t.Skip("a run is replayed")
	}
	const each = 200
	plans := (*runsFlag/20 + each - 1) / each
	s := simulate(t, runtime.GOMAXPROCS(0), plans, func(plan int) summary {
		w := worldOf(*seedFlag+1<<16, plan)
		g := programmeOf(w)
		r := rand.New(rand.NewPCG(w.seed, 4))
		s := newSummary()
		for n := range each {
			sc := g.scenario(len(g.singles) + n)
			sc.parallel = 2 + r.IntN(3)
			p := w.play(sc, false)
			s.count(p, fmt.Sprint(plan, n), func() string {
				return fmt.Sprintf("plan %d of seed %d, %d at once: %s: %s\n%sfaults:\n%s", plan, *seedFlag, sc.parallel, p.property, p.violation, w, sc)
			})
		}
		return s
	})
	t.Logf("seed %d, %d plans\n%s", *seedFlag, plans, s)
	s.fail(t)
}
