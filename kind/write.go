package kind

import (
	"context"
	"net/http/httptrace"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// writeTimeout bounds one writing call. The SDK alone has no bound; a call
// that runs into this one has an unknown outcome.
const writeTimeout = 30 * time.Second

// A Write is one change being written: the clients to write with, which make
// one attempt a call, and what has been done so far.
type Write struct {
	clients
	Session *Session

	change resource.Change // the empty one for calls about the lock
	done   int             // calls that succeeded
}

// Note tells the person who runs the apply something that stops nothing.
func (w *Write) Note(text string) { w.Session.note(w.change.ID(), text) }

// call makes one writing call, once. Its error is a *resource.Failure.
func call[In, Out, Opt any](ctx context.Context, w *Write, f func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) (*Out, error) {
	op := operation[In]()
	out, sent, err := send(ctx, f, in)
	if skew(err) != 0 {
		// The request was refused for its date, before anything else, and from
		// the answer the SDK has learned what time AWS has.
		out, sent, err = send(ctx, f, in)
	}
	w.Session.log.Debug("wrote", "call", op, "object", w.object(), "error", err)
	if err != nil {
		return nil, w.failure(op, sent, err)
	}
	w.done++
	return out, nil
}

// send makes one attempt at a call. Sent is false if the request was certainly
// never written to a connection: the context had ended before, or there was no
// connection to be had.
func send[In, Out, Opt any](ctx context.Context, f func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) (out *Out, sent bool, err error) {
	if ctx.Err() != nil {
		return nil, false, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	var wanted, had atomic.Bool // a client that keeps to itself what it does says neither
	out, err = f(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { had.Store(true) },
	}), in)
	return out, had.Load() || !wanted.Load(), err
}

// object names what is written, for the log.
func (w *Write) object() string {
	if w.change == (resource.Change{}) {
		return "lock"
	}
	return w.change.ID().String()
}

// operation names the call that takes an In: "iam:CreateRole" for
// iam.CreateRoleInput.
func operation[In any]() string {
	pkg, name, _ := strings.Cut(reflect.TypeFor[In]().String(), ".")
	return pkg + ":" + strings.TrimSuffix(name, "Input")
}
