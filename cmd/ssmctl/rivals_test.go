//go:build unix

package main

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ssmctl/ssmctl/sandbox"
)

// Fault 28: of two to eight appliers of one spec one wins, and the others are
// refused before they write anything.
func TestRivals(t *testing.T) {
	t.Parallel()
	for n := 2; n <= 8; n++ {
		if testing.Short() && n > 2 && n < 8 {
			continue
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			account := sandbox.New(sandbox.Options{})
			account.SeedGuide()
			r := newRig(t, save(t, account))
			r.spec("guide.yaml", killSpec("guide"))
			// Nobody's first step is done before everybody has come to the lock.
			var mu sync.Mutex
			asked := map[string]bool{}
			all := make(chan struct{})
			r.watch(func(_ int, q request, _ bool) {
				mu.Lock()
				if q.operation == "PutParameter" && strings.Contains(q.body, "/lock") && !asked[q.key] {
					if asked[q.key] = true; len(asked) == n {
						close(all)
					}
				}
				mu.Unlock()
				if q.operation == "CreateGroup" {
					<-all
				}
			})
			children := make([]*child, n)
			var wg sync.WaitGroup
			for i := range n {
				children[i] = r.ssmctl(fmt.Sprintf("key%d", i), "apply", "--settle=0s", "--auto-approve", "guide.yaml")
				wg.Go(func() { children[i].status() })
			}
			wg.Wait()
			winners := 0
			for i, c := range children {
				key := fmt.Sprintf("key%d", i)
				switch status := c.ProcessState.ExitCode(); status {
				case exitDone:
					winners++
				case exitRefused:
					if w := r.writes(key, 0); len(w) > 0 {
						t.Errorf("%s was refused, and had written %v", key, w)
					}
					if !strings.Contains(c.err.String(), "is locked by run") {
						t.Errorf("%s: %s", key, &c.err)
					}
				default:
					t.Errorf("%s: exit status %d\n%s%s", key, status, &c.out, &c.err)
				}
			}
			if winners != 1 {
				t.Errorf("%d of %d won", winners, n)
			}
		})
	}
}

// Fault 29: a run that slept while its lock was taken away and another one
// went to work writes at most once more, undoes nothing, and says so.
func TestZombie(t *testing.T) {
	t.Parallel()
	account := sandbox.New(sandbox.Options{})
	account.SeedGuide()
	start := save(t, account)
	var wg sync.WaitGroup
	for at := 1; at <= 12; at++ {
		if testing.Short() && at%4 != 1 {
			continue
		}
		wg.Go(func() { // all at once, since they mostly wait
			t.Run(fmt.Sprint(at), func(t *testing.T) { wake(t, start, at) })
		})
	}
	wg.Wait()
}

// wake has a run sleep after so many writes, and wakes it when another one is
// done.
func wake(t *testing.T, start []byte, at int) {
	r := newRig(t, start)
	r.spec("guide.yaml", killSpec("guide"))
	r.spec("small.yaml", killSpec("small"))
	zombie := r.ssmctl("zombie", "apply", "--settle=0s", "--auto-approve", "--parallelism=1", "guide.yaml")
	asleep, writes := make(chan struct{}), 0
	r.watch(func(_ int, q request, done bool) {
		if q.key == "zombie" && q.write && done && !strings.Contains(q.body, "/lock") {
			if writes++; writes == at {
				zombie.signal(syscall.SIGSTOP)
				close(asleep)
			}
		}
	})
	if err := zombie.start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asleep:
	case <-time.After(patience):
		t.Fatalf("it did not come to write %d\n%s%s", at, &zombie.out, &zombie.err)
	}
	r.mu.Lock()
	r.at = nil
	r.mu.Unlock()
	run := r.interrupted(t, "zombie")
	if c := r.ssmctl("other", "unlock", "--auto-approve", "-f", "guide.yaml", run); c.status() != 0 {
		t.Fatalf("unlock: %s%s", &c.out, &c.err)
	}
	if c := r.ssmctl("other", "apply", "--settle=0s", "--max-deletes=100", "--auto-approve", "small.yaml"); c.status() != 0 {
		t.Fatalf("the other's apply: %s%s", &c.out, &c.err)
	}
	from := r.count()
	zombie.signal(syscall.SIGCONT)
	_ = zombie.Wait()
	if w := r.writes("zombie", from); len(w) > 1 {
		t.Errorf("it went on to write %v", w)
	}
	if status := zombie.ProcessState.ExitCode(); status != exitPartial {
		t.Errorf("exit status %d\n%s%s", status, &zombie.out, &zombie.err)
	}
	if !strings.Contains(zombie.out.String()+zombie.err.String(), "lock") {
		t.Errorf("it does not say that its lock was taken away:\n%s%s", &zombie.out, &zombie.err)
	}
}
