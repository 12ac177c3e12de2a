package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/kind"
)

// lock takes the lock for a process, where the site has one, and has the
// executor ask for it before each write. It reports whether the process goes on.
func (t *deepTrial) lock(p *deepProcess, session *kind.Session, e *executor.Executor, take func(context.Context, kind.Lock) error) bool {
	if !t.site.locks {
		return true
	}
	l := kind.Lock{Spec: "test", Run: runID, Holder: fmt.Sprintf("process %d", t.recoveries), Since: time.Now()}
	err := e.Journal.Append(journal.Record{Type: journal.Locked, Time: time.Now(), Step: -1, Holder: l.Holder})
	if err == nil {
		err = take(p.ctx, l)
	}
	if err != nil {
		t.record("not locked: %v", err)
		t.drop(p, session)
		return false
	}
	e.Guard = session.HoldsLock
	return true
}

// drop gives the lock back.
func (t *deepTrial) drop(p *deepProcess, session *kind.Session) {
	if !t.site.locks {
		return
	}
	err := session.DropLock(context.Background())
	if t.locked = err != nil && !p.dead; t.locked {
		t.record("still locked: %v", err)
	}
}

// unlock takes the lock away, as a person may.
func (t *deepTrial) unlock() error {
	ctx := context.Background()
	session, err := kind.Connect(ctx, kind.Target{Region: t.server.Region(), HTTPClient: t.server.Client()})
	if err == nil {
		_, err = session.BreakLock(ctx, "test", runID)
	}
	return err
}

// holders are the processes that a journal says took the lock, or tried to.
func holders(h journal.History) []string {
	var all []string
	for _, r := range h.Records {
		if r.Type == journal.Locked {
			all = append(all, r.Holder)
		}
	}
	return all
}
