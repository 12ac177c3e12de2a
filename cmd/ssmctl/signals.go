package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/ssmctl/ssmctl/view"
)

// A stop is what signals mean at the moment. Before a run the first one ends
// the command; during one it makes the run drain and roll back, and the second
// ends the process at once; after it they mean nothing any more.
type stop struct {
	mu    sync.Mutex
	first func() // tells what the first one does; nil where there is nothing to tell
	again func() // what to do before the process ends at once; nil outside a run
	over  bool   // the run has ended, and only remains to be reported
}

// during sets what signals mean while a plan is run.
func (s *stop) during(first, again func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first, s.again = first, again
}

// after says that the run has ended.
func (s *stop) after() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first, s.again, s.over = nil, nil, true
}

// interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP
// ends, and what to call when signals are of no interest any more.
func (o *options) interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // nohup means that nobody wants to know
			signal.Notify(signals, s)
		}
	}
	// A reader that went away must not end the process: writing to it fails
	// instead. To ignore the signal would pass that on to credential processes.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	quit := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-quit:
				return
			case <-signals:
				o.stop.take(n == 0, cancel)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(quit)
		cancel()
	}
}

// take deals with one signal.
func (s *stop) take(first bool, cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
	case first:
		if s.first != nil {
			s.first()
		}
		cancel()
	case s.again != nil:
		s.again()
		os.Exit(exitPartial)
	default:
		os.Exit(exitInterrupted)
	}
}

// draining tells what the first signal of a run does.
func (o *options) draining() {
	then := "everything is undone"
	if o.onFailure == keep {
		then = "what was done stays"
	}
	fmt.Fprintf(o.stdio.err, "\nStopping: no new steps; what is in flight ends, then %s. Once more stops at once.\n", then)
}

// abandoning tells how to go on after the second signal, and keeps what the
// sandbox has got to.
func (o *options) abandoning(run string) {
	text := "\nStopped at once: the account is neither as it was nor as wanted, and a step in flight may have happened.\n"
	o.kept.stop() // or the journal might tell of what the file does not have
	if err := o.kept.save(); err != nil {
		text += view.Escape(errors.Join(errors.New("the sandbox was not kept"), err).Error()) + "\n"
	}
	o.kept.release()
	fmt.Fprint(o.stdio.err, text+o.waysOut(run, nil))
}
