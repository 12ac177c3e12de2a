package simulation

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A world is a plan and the account that it is for. All trials of the plan
// share it, and none changes it.
type world struct {
	seed    uint64
	start   map[resource.ID]resource.Object
	goal    map[resource.ID]resource.Object
	owned   map[resource.ID]bool
	plan    *planner.Plan
	account *account      // as it is at the start
	ids     []resource.ID // of all that can ever exist; the first is of nothing
	touches []resource.ID // of what the plan changes
	sides   map[resource.ID][]resource.Object
	begin   journal.Start
	links   []*link // that there can be
	safe    bool    // in its order nobody's access is ever wrong

	principals []principal                             // whose access the plan bears on
	wrap       func(executor.Account) executor.Account // plants a bug; nil for none
}

// newWorld draws a world from a seed.
func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 0))
	for {
		start := drawState(r)
		goal := maps.Clone(start)
		for range 1 + r.IntN(4) {
			change(r, goal)
		}
		if r.IntN(2) == 0 {
			put(goal, newLedger(pickSome(r, users)...))
		}
		w := tryWorld(seed, start, goal, minSteps)
		if w == nil {
			continue
		}
		if r.IntN(4) == 0 {
			w.account.lag = time.Duration(r.IntN(6)) * time.Second
			w.account.spread = time.Duration(r.IntN(4)) * 3 * time.Second
		}
		return w
	}
}

// tryWorld returns the world of that start and goal, or nil if there is no
// plan for it, or none of a size that can be looked at from all sides.
func tryWorld(seed uint64, start, goal objects, least int) *world {
	w := &world{seed: seed, start: start, goal: goal, owned: map[resource.ID]bool{}}
	for id := range start {
		if id.Name != theirName && id.Kind != "attachment" && id.Kind != "membership" {
			w.owned[id] = true
		}
	}
	desired := maps.Clone(goal)
	maps.DeleteFunc(desired, func(id resource.ID, _ resource.Object) bool { return id.Name == theirName })
	for _, r := range restarts {
		put(desired, r)
	}
	p, err := planner.Make(planner.Input{
		Desired:    &resource.Desired{State: stateOf(desired)},
		Live:       &resource.Live{State: stateOf(start), Owned: w.owned},
		MaxDeletes: new(1000),
		Loss:       lossOf,
		Spec:       planner.Spec{Name: "test"},
	})
	if err != nil || len(p.Steps) < least || len(p.Steps) > maxSteps {
		return nil
	}
	w.plan = p
	w.sides = map[resource.ID][]resource.Object{}
	all := map[resource.ID]bool{}
	for _, m := range []map[resource.ID]resource.Object{start, goal} {
		for id := range m {
			all[id] = true
			for n := range 2 {
				all[useOf(id, n)] = true
			}
		}
	}
	for _, s := range p.Steps {
		id := s.ID()
		if !s.Event() && !slices.Contains(w.touches, id) {
			w.touches = append(w.touches, id)
		}
		w.sides[id] = append(w.sides[id], s.Before, s.After)
	}
	w.ids = append([]resource.ID{{Kind: "all", Name: "of it"}}, slices.SortedFunc(maps.Keys(all), resource.ID.Compare)...)
	w.account = newAccount(w.ids, stateOf(start))
	w.secure()
	w.begin = beginning(p)
	return w
}

// beginning is what the journals of a plan's runs begin with. What is only
// for people is left out: reading it takes longer than all the rest.
func beginning(p *planner.Plan) journal.Start {
	f, err := p.File("test")
	if err != nil {
		panic(err)
	}
	f.ResourceChanges = nil
	steps, err := p.Stored()
	if err != nil {
		panic(err)
	}
	return journal.Start{Format: journal.Format, Version: "test", Run: runID, Command: "apply", Plan: f, Steps: steps}
}

// restore returns the plan that a journal holds.
func (w *world) restore(h journal.History) (*planner.Plan, error) {
	return planner.Restore(h.Start.Plan, h.Start.Steps, decode)
}

// How many steps a plan has.
const (
	minSteps = 3
	maxSteps = 9
)

// asks reports whether a plan's step begins or ends with that very object.
func (w *world) asks(id resource.ID, o resource.Object) bool {
	return slices.ContainsFunc(w.sides[id], func(side resource.Object) bool { return same(side, o) })
}

func stateOf(objects map[resource.ID]resource.Object) *resource.State {
	var s resource.State
	for _, o := range objects {
		if err := s.Add(o); err != nil {
			panic(err)
		}
	}
	return &s
}

// The names that worlds are made of.
var (
	users    = []string{"u0", "u1", "u2"}
	groups   = []string{"g0", "g1"}
	roles    = []string{"r0", "r1"}
	policies = []string{"p0", "p1", "p2", "p3"}
	profiles = []string{"i0", "i1"}
	machines = []string{"n0", "n1"}
	restarts = []*restart{restartOf("n0"), restartOf("n1")}
)
