//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/sandbox"
)

var (
	kills    = flag.Int("kills", 24, "how many applies TestKilled kills")
	killSeed = flag.Uint64("kill-seed", 1, "which moments TestKilled chooses")
)

// killed are the changes that are interrupted: from the state that one spec
// leaves to that of another.
var killed = map[string]struct{ from, to string }{
	"first apply": {"", "guide"},
	"edit":        {"guide", "edited"},
	"shrink":      {"edited", "small"},
	"new":         {"small", "guide"},
}

var killSpecs = map[string]string{
	"small": `groups: {ssm-admins: {access: read-only, members: [alice]}}
roles: {ssm-managed: {type: instance}}`,
	"edited": `groups:
  ssm-admins: {access: read-only, members: [alice, carol]}
  ssm-auditors: {access: {insights: full}, members: [bob]}
users: {carol: {existing: true, access: {actions: read-only}}, svc: {access: read-only}}
roles:
  ssm-managed: {type: instance, policies: [CloudWatchAgentServerPolicy]}
  people: {type: people, trust: {accounts: ["111111111111"]}}
instances: {web: {ids: [i-1234567890abcdef0, i-0598c7d356eba48d7], role: ssm-managed, restart: none}}`,
	"guide": `restrictions: {patch: {documents: [AWS-RunPatchBaseline], instances: [i-1234567890abcdef0]}}
groups:
  ssm-admins: {access: full, members: [alice]}
  ssm-users: {restrictions: [patch], members: [bob, carol]}
roles: {ssm-managed: {type: instance}}
instances: {web: {ids: [i-1234567890abcdef0, i-345678abcdef12345], role: ssm-managed, restart: none}}`,
}

func killSpec(name string) string {
	return "ssmctl: v1\nname: killed\naccount: \"123456789012\"\nregion: us-east-1\n" + killSpecs[name] + "\n"
}

// A way is a change with what both its ends look like.
type way struct {
	saved       []byte // the account at the start
	start, goal string // dumps
	requests    int    // of an undisturbed apply
}

// Faults 31, 32, 33, 34, 35: a process that is killed at any moment of an
// apply, and again while it recovers, leaves a run that recover finishes or
// undoes: the account is as wanted or as it was, with no lock and nothing
// twice. More moments: go test ./cmd/ssmctl -run TestKilled -args -kills 1000
func TestKilled(t *testing.T) {
	t.Parallel()
	ways := map[string]way{}
	for name, k := range killed {
		ways[name] = measure(t, k.from, k.to)
	}
	names := slices.Sorted(maps.Keys(ways)) // so that a number always means the same moment
	var wg sync.WaitGroup
	var tally tally
	next := make(chan int)
	for range 12 { // what was under way is awaited for ten seconds, idly
		wg.Go(func() {
			for i := range next {
				name := names[i%len(names)]
				ok := t.Run(fmt.Sprintf("%s %d", name, i), func(t *testing.T) {
					tally.add(kill(t, ways[name], killed[name].to, rand.New(rand.NewPCG(*killSeed, uint64(i)))))
				})
				if !ok {
					t.Logf("again: go test ./cmd/ssmctl -run 'TestKilled/%s_%d$' -args -kills %d -kill-seed %d", strings.ReplaceAll(name, " ", "_"), i, i+1, *killSeed)
				}
			}
		})
	}
	n := *kills
	if testing.Short() {
		n = min(n, 8)
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	t.Logf("%d applies: %d were killed, and %d times a recovery; in the end %d accounts were as at the start, and %d as wanted",
		tally.all, tally.applies, tally.recoveries, tally.start, tally.goal)
	if tally.applies < tally.all*9/10 {
		t.Errorf("only %d of %d were killed", tally.applies, tally.all)
	}
}

// A tally counts what became of applies.
type tally struct {
	mu                                    sync.Mutex
	all, applies, recoveries, start, goal int
}

func (t *tally) add(kills int, end string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all++
	if kills > 0 {
		t.applies++
		t.recoveries += kills - 1
	}
	switch end {
	case "start":
		t.start++
	case "goal":
		t.goal++
	}
}

// measure applies both specs undisturbed.
func measure(t *testing.T, from, to string) way {
	t.Helper()
	account := sandbox.New(sandbox.Options{})
	account.SeedGuide()
	r := newRig(t, save(t, account))
	applied := func(name string) {
		if c := r.ssmctl("setup", "apply", "--settle=0s", "--max-deletes=100", "--auto-approve", r.spec(name+".yaml", killSpec(name))); c.status() != 0 {
			t.Fatalf("apply %s: %d\n%s%s", name, c.ProcessState.ExitCode(), &c.out, &c.err)
		}
	}
	if from != "" {
		applied(from)
	}
	w := way{saved: save(t, r.account), start: r.dump()}
	before := r.count()
	applied(to)
	w.goal, w.requests = r.dump(), r.count()-before
	return w
}

func save(t *testing.T, s *sandbox.Server) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// kill kills one apply, recovers it, and looks at the account: it returns how
// many processes it killed, and whether the account is as at the "start" or as
// is the "goal".
func kill(t *testing.T, w way, to string, rng *rand.Rand) (kills int, end string) {
	r := newRig(t, w.saved)
	r.spec("to.yaml", killSpec(to))
	parallel := fmt.Sprintf("--parallelism=%d", []int{1, 3, 10}[rng.IntN(3)])
	c := r.ssmctl("victim", "apply", "--settle=0s", "--max-deletes=100", "--auto-approve", parallel, "to.yaml")
	moment := killAt(r, c, rng, 1+rng.IntN(w.requests))
	if c.status() == 0 { // it was quicker
		r.ends(t, "the apply that was not killed", w.goal)
		return 0, "goal"
	}
	kills++
	r.watch(nil)
	runs := r.runs(t, "victim")
	if len(runs) == 0 {
		r.ends(t, "killed "+moment+", before there was a journal", w.start)
		return kills, "start"
	}
	finish := rng.IntN(2) == 0
	for tries := 0; ; tries++ {
		if tries == 8 {
			t.Fatalf("killed %s: recover does not come to an end", moment)
		}
		if r.interrupted(t, "victim") == "" {
			break
		}
		how := "--undo"
		if finish {
			how = "--finish"
		}
		c := r.ssmctl("victim", "recover", "--settle=0s", "--auto-approve", parallel, how)
		if tries < 6 && rng.IntN(3) == 0 {
			moment += ", then " + killAt(r, c, rng, 1+rng.IntN(w.requests))
		} else {
			r.watch(nil)
		}
		switch status := c.status(); {
		case status == -1:
			kills++
		case status == exitRefused && finish: // what is being undone cannot be finished
			finish = false
		case status != 0:
			t.Fatalf("killed %s: recover %s: exit status %d\n%s%s", moment, how, status, &c.out, &c.err)
		}
	}
	r.watch(nil)
	if c := r.ssmctl("victim", "recover", runs[0].Run); c.status() != 0 { // killed with nothing but the lock left
		t.Fatalf("killed %s: recover once more: %s%s", moment, &c.out, &c.err)
	}
	switch got := r.dump(); got {
	case w.start:
		return kills, "start"
	case w.goal:
		return kills, "goal"
	default:
		t.Fatalf("killed %s: neither as it was (-start +got):\n%s\nnor as wanted (-goal +got):\n%s", moment, cmp.Diff(w.start, got), cmp.Diff(w.goal, got))
		return kills, ""
	}
}

// killAt has a process killed at its nth request: as it comes, or when its
// effect is there, or a little later.
func killAt(r *rig, c *child, rng *rand.Rand, n int) string {
	when := rng.IntN(3)
	delay := time.Duration(rng.IntN(4000)) * time.Microsecond
	r.watch(func(i int, _ request, done bool) {
		if i != n || done != (when > 0) {
			return
		}
		if when == 2 {
			time.Sleep(delay)
		}
		c.signal(os.Kill)
	})
	return fmt.Sprintf("at request %d, %s", n, []string{"before its effect", "after its effect", "after " + delay.String()}[when])
}

// runs returns the runs that a process's journals tell of.
func (r *rig) runs(t *testing.T, key string) []runRow {
	t.Helper()
	c := r.ssmctl(key, "runs", "--json")
	if c.status() != 0 {
		t.Fatalf("runs: %s%s", &c.out, &c.err)
	}
	var runs []runRow
	if err := json.Unmarshal(c.out.Bytes(), &runs); err != nil {
		t.Fatal(err)
	}
	return runs
}

// interrupted returns the run of a process that is to be recovered, or "".
func (r *rig) interrupted(t *testing.T, key string) string {
	t.Helper()
	for _, run := range r.runs(t, key) {
		if run.Outcome == "interrupted" || run.Outcome == "partial" || run.Outcome == "under way" {
			return run.Run
		}
		if strings.HasPrefix(run.Outcome, "unreadable") {
			t.Fatalf("run %s is %s", run.Run, run.Outcome)
		}
	}
	return ""
}

// ends checks what the account is in the end.
func (r *rig) ends(t *testing.T, what, want string) {
	t.Helper()
	if got := r.dump(); got != want {
		t.Errorf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}
