package planner_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// objects draws things that need earlier ones, ties among them, a cover, and
// bells.
func objects(t *rapid.T, label string) []resource.Object {
	var all []resource.Object
	names := rapid.SliceOfNDistinct(rapid.IntRange(0, 7), 0, 7, rapid.ID[int]).Draw(t, label)
	slices.Sort(names)
	for i, n := range names {
		o := thing{Name: fmt.Sprint(n), Value: rapid.SampledFrom([]string{"", "x", "<&>"}).Draw(t, "value")}
		if i > 0 && rapid.Bool().Draw(t, "needs") {
			o.On = []resource.ID{thingID(fmt.Sprint(names[rapid.IntRange(0, i-1).Draw(t, "on")]))}
		}
		all = append(all, o)
		for _, to := range names {
			if to != n && rapid.IntRange(0, 2).Draw(t, "tie") == 0 {
				all = append(all, tie{fmt.Sprint(n), fmt.Sprint(to), ""})
			}
		}
		if rapid.Bool().Draw(t, "bell") {
			all = append(all, bell{fmt.Sprint(n), []resource.ID{o.ID()}})
		}
	}
	if rapid.Bool().Draw(t, "cover") {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID[string]).Draw(t, "covers")
		slices.Sort(names)
		all = append(all, cover{names})
	}
	return all
}

// lasting drops the events, which are never live.
func lasting(objects []resource.Object) []resource.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o resource.Object) bool { _, event := o.(resource.Event); return event })
}

func input(t *rapid.T, want, live []resource.Object) planner.Input {
	live = lasting(live)
	return planner.Input{
		Desired:    &resource.Desired{State: state(t, want...)},
		Live:       &resource.Live{State: state(t, live...), Owned: owned(live...)},
		MaxDeletes: new(1000),
		Loss: func(c resource.Change) resource.Loss {
			if c.After == nil {
				return resource.Loss{What: "its id"}
			}
			return resource.Loss{}
		},
	}
}

// made returns a plan, which some of the time has been secured.
func made(t *rapid.T, in planner.Input) *planner.Plan {
	p, err := planner.Make(in)
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "secure") {
		p.Secure(drawWhim(t, p), nil)
	}
	return p
}

func TestPlanOfTheSameIsEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := objects(t, "x")
		p, err := planner.Make(input(t, x, x))
		if err != nil || len(p.Steps) != 0 || p.Unchanged != len(lasting(x)) {
			t.Fatalf("steps %v, unchanged %d of %d, %v", p.Steps, p.Unchanged, len(lasting(x)), err)
		}
	})
}

// However its input was put together, a plan has the same bytes.
func TestPlanIsDeterministic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want, live := objects(t, "want"), objects(t, "live")
		encode := func(want, live []resource.Object) string {
			p, err := planner.Make(input(t, want, live))
			if err != nil {
				t.Fatal(err)
			}
			f, err := p.File("1.0.0")
			if err != nil {
				t.Fatal(err)
			}
			b, err := f.Encode()
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		first := encode(want, live)
		second := encode(rapid.Permutation(want).Draw(t, "want shuffled"), rapid.Permutation(live).Draw(t, "live shuffled"))
		if d := cmp.Diff(first, second); d != "" {
			t.Fatalf("(-first +second):\n%s", d)
		}
	})
}

// Any order that heeds the waits is safe: after every step, what is there has
// what it needs. It ends as desired.
func TestEveryPrefixIsSafe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want, live := objects(t, "want"), objects(t, "live")
		p := made(t, input(t, want, live))
		there := map[resource.ID]resource.Object{}
		for _, o := range lasting(live) {
			there[o.ID()] = o
		}
		done := map[int]bool{}
		for len(done) < len(p.Steps) {
			var ready []int
			for i, s := range p.Steps {
				if !slices.IsSorted(s.Waits) || len(slices.Compact(slices.Clone(s.Waits))) != len(s.Waits) {
					t.Fatalf("waits %v", s.Waits)
				}
				if !done[i] && !slices.ContainsFunc(s.Waits, func(w int) bool { return w >= i || !done[w] }) {
					ready = append(ready, i)
				}
			}
			if len(ready) == 0 {
				t.Fatalf("nothing can go on; done %v of %v", done, describe(p))
			}
			i := rapid.SampledFrom(ready).Draw(t, "next")
			s := p.Steps[i]
			done[i] = true
			if !resource.Equal(there[s.ID()], s.Before) {
				t.Fatalf("step %d expects %v, and there is %v", i, s.Before, there[s.ID()])
			}
			switch {
			case s.Event():
				continue
			case s.After == nil:
				delete(there, s.ID())
			default:
				there[s.ID()] = s.After
			}
			for id, o := range there {
				needs := o.Needs()
				if l, ok := o.(resource.Link); ok {
					needs = append(needs, l.Holders()...)
				}
				for _, n := range needs {
					if there[n] == nil {
						t.Fatalf("after step %d %s lacks %s: %v", i, id, n, describe(p))
					}
				}
			}
		}
		for _, o := range lasting(want) {
			if !resource.Equal(there[o.ID()], o) {
				t.Fatalf("%s is %v in the end, want %v", o.ID(), there[o.ID()], o)
			}
		}
		if len(there) != len(lasting(want)) {
			t.Fatalf("in the end there is %v", there)
		}
	})
}

// A span covers both ends for as long as anything else is under way.
func TestSpanCoversEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := made(t, input(t, objects(t, "want"), objects(t, "live")))
		// after holds, for each step, all steps that it waits for, through others too.
		after := make([]map[int]bool, len(p.Steps))
		for i, s := range p.Steps {
			after[i] = map[int]bool{}
			for _, w := range s.Waits {
				after[i][w] = true
				for x := range after[w] {
					after[i][x] = true
				}
			}
		}
		for i, s := range p.Steps {
			if s.ID().Kind != "cover" {
				continue
			}
			names := func(o resource.Object) []string { c, _ := o.(cover); return c.Names }
			widens := s.Before == nil || slices.ContainsFunc(names(s.After), func(n string) bool { return !slices.Contains(names(s.Before), n) })
			for j, other := range p.Steps {
				if other.ID().Kind == "cover" {
					continue
				}
				if widens && !after[j][i] {
					t.Fatalf("%s does not wait for the span to widen: %v", other.ID(), describe(p))
				}
				if !widens && !after[i][j] {
					t.Fatalf("the span narrows before %s: %v", other.ID(), describe(p))
				}
			}
		}
	})
}

// The planner is pure: it knows neither AWS nor YAML, and can reach nothing.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		own, ours := strings.CutPrefix(dep, "github.com/ssmctl/ssmctl/")
		ours = ours && slices.Contains([]string{"planner", "resource", "spelling"}, own)
		if strings.Contains(dep, ".") && !ours || dep == "net" || dep == "os/exec" {
			t.Errorf("planner must not depend on %s", dep)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		var all []resource.Object
		for i := range n / 5 {
			holder := thing{Name: fmt.Sprint("r", i), Value: strings.Repeat("a policy document ", 20)}
			all = append(all, holder)
			for j := range 4 {
				all = append(all, thing{Name: fmt.Sprint(holder.Name, "/", j), On: []resource.ID{holder.ID()}})
			}
		}
		full, err := resource.NewState(all...)
		if err != nil {
			b.Fatal(err)
		}
		live := &resource.Live{State: full, Owned: owned(all...)}
		for name, in := range map[string]planner.Input{
			"same":    {Desired: &resource.Desired{State: full}, Live: live},
			"create":  {Desired: &resource.Desired{State: full}},
			"destroy": {Live: live, Destroy: true},
		} {
			b.Run(fmt.Sprintf("%s/objects=%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := planner.Make(in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// Of many steps, those whose order bears on nobody cost next to nothing.
func BenchmarkSecure(b *testing.B) {
	for name, rules := range map[string]bool{"trivial": false, "each replaced": true} {
		b.Run(name, func(b *testing.B) {
			const n = 10_000
			plan := &planner.Plan{}
			w := &replacements{rules: rules}
			for i := range n {
				s := planner.Step{Change: resource.Change{After: thing{Name: fmt.Sprint(i)}}}
				if i > 0 {
					s.Waits = []int{0}
				}
				plan.Steps = append(plan.Steps, s)
			}
			for i := 1; i+4 < n; i += 5 {
				w.parties = append(w.parties, planner.Party{Principals: []resource.ID{thingID(fmt.Sprint(i))}, Steps: []int{i, i + 1, i + 2, i + 3, i + 4}})
			}
			for b.Loop() {
				p := *plan
				p.Steps = slices.Clone(plan.Steps)
				if left := p.Secure(w, nil); len(left) > 0 {
					b.Fatal(left)
				}
			}
		})
	}
}

// replacements is a Watch over parties of five steps, of which the first, if
// there are rules, must not come before the last.
type replacements struct {
	parties []planner.Party
	rules   bool
}

func (r *replacements) Parties() []planner.Party { return r.parties }

func (r *replacements) Judge(party int, done []bool) []planner.Breach {
	if !r.rules || !done[0] || done[4] {
		return nil
	}
	return []planner.Breach{{Principal: r.parties[party].Principals[0], Effect: planner.Loss, Text: "all"}}
}
