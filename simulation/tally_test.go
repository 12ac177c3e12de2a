package simulation

import (
	"context"
	"fmt"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/resource"
)

// A tally counts what a process sends, and why it may: for each step that it
// begins, and for each time that it says it tries again.
type tally struct{ sends, starts, retries int }

func (t *tally) event(e executor.Event) {
	switch e.Type {
	case executor.StepStarted:
		t.starts++
	case executor.StepRetried:
		t.retries++
	}
}

// excess is the error of a process that sent more than it had reason to.
func (t *tally) excess() error {
	if t.sends <= t.starts+t.retries {
		return nil
	}
	return fmt.Errorf("%d writes for %d steps begun and %d retries", t.sends, t.starts, t.retries)
}

// A counted account counts what it is sent.
type counted struct {
	executor.Account
	tally *tally
}

func (c counted) Write(ctx context.Context, change resource.Change) error {
	c.tally.sends++
	return c.Account.Write(ctx, change)
}
