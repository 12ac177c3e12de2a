package kind

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A lockSort is one of the two locks that a spec has, by the last part of the
// parameter's name.
type lockSort string

const (
	mainLock    lockSort = "lock"    // of who is at work on the spec
	recoverLock lockSort = "recover" // of who goes on with the run that has the first
)

func (sort lockSort) parameter(spec string) string { return ledgerPath(spec) + "/" + string(sort) }

// A lockFound is a lock as it was read.
type lockFound struct {
	Lock
	sort    lockSort
	put     time.Time
	damaged bool // its value is none that this version can read
}

// locks reads both locks of a spec in one request, so that what is known of
// the one holds while what is known of the other does.
func (s *Session) locks(ctx context.Context, spec string) (map[lockSort]*lockFound, error) {
	names := map[string]lockSort{}
	for _, sort := range []lockSort{mainLock, recoverLock} {
		names[sort.parameter(spec)] = sort
	}
	got, err := s.read.ssm.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{mainLock.parameter(spec), recoverLock.parameter(spec)}})
	if err != nil {
		what := "reading the lock of spec " + spec
		if f, ok := notRead(what, plain(err)).(*resource.Failure); ok {
			return nil, f
		}
		return nil, fmt.Errorf("%s: %w", what, plain(err))
	}
	all := map[lockSort]*lockFound{}
	for _, p := range got.Parameters {
		sort, asked := names[aws.ToString(p.Name)]
		if !asked {
			continue
		}
		at := &lockFound{sort: sort, put: aws.ToTime(p.LastModifiedDate)}
		if err := json.Unmarshal([]byte(aws.ToString(p.Value)), &at.Lock); err != nil || at.Run == "" || at.Holder == "" {
			at.Lock, at.damaged = Lock{}, true
		}
		at.Spec = spec
		all[sort] = at
	}
	return all, nil
}

// locked is the error of finding a lock that somebody else has. Who put a
// damaged one there is asked for, and left out if the caller may not know.
func (s *Session) locked(ctx context.Context, at *lockFound) *LockedError {
	e := &LockedError{Lock: at.Lock, At: at.sort.parameter(at.Spec)}
	if !at.damaged {
		return e
	}
	e.Lock.Since = at.put
	pages := ssm.NewDescribeParametersPaginator(s.read.ssm, &ssm.DescribeParametersInput{
		ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: new("Name"), Option: new("Equals"), Values: []string{e.At}}},
	})
	rows, err := allRows(ctx, pages, func(page *ssm.DescribeParametersOutput) []ssmtypes.ParameterMetadata { return page.Parameters })
	if err == nil && len(rows) == 1 {
		e.Lock.Caller = aws.ToString(rows[0].LastModifiedUser)
	}
	return e
}

// putLock writes a lock, once, of the hold that is being taken.
func (s *Session) putLock(ctx context.Context, sort lockSort, l Lock, overwrite bool) *resource.Failure {
	w := &Write{clients: s.write, Session: s}
	_, err := call(ctx, w, w.ssm.PutParameter, &ssm.PutParameterInput{
		Name: new(sort.parameter(l.Spec)), Value: new(l.text()), Type: ssmtypes.ParameterTypeString, Overwrite: &overwrite,
		Description: new("Who is at work on spec " + l.Spec + ", by ssmctl; `ssmctl unlock` takes it away"),
	})
	f := failureOf(err)
	if f == nil || f.Class == resource.Unknown {
		s.held().put(sort)
	}
	return f
}

// deleteLock deletes a lock, once, whoever has it.
func (s *Session) deleteLock(ctx context.Context, sort lockSort, spec string) error {
	w := &Write{clients: s.write, Session: s}
	_, err := call(ctx, w, w.ssm.DeleteParameter, &ssm.DeleteParameterInput{Name: new(sort.parameter(spec))})
	return gone(err)
}

func failureOf(err error) *resource.Failure {
	if err == nil {
		return nil
	}
	return err.(*resource.Failure) // as call says
}

func encode(l Lock) string {
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // plain data always encodes
	}
	return string(text)
}

// lockCalls are the calls about the locks.
func (w Where) lockCalls() []policy.Request {
	var all []policy.Request
	for _, sort := range []lockSort{mainLock, recoverLock} {
		at := w.parameter(sort.parameter(w.Owner))
		all = append(all,
			w.call("ssm:GetParameters", at),
			w.call("ssm:PutParameter", at, key("ssm:Overwrite", "false")),
			w.call("ssm:DeleteParameter", at),
		)
		if sort == recoverLock {
			all = append(all, w.call("ssm:PutParameter", at, key("ssm:Overwrite", "true")))
		}
	}
	return all
}

// A hold is a lock that the session took.
type hold struct {
	Lock
	recovers bool // it took the run over

	taken []lockSort // that were put there, or may have been
	since time.Time  // the last of them was

	mu            sync.Mutex
	current, next *flight
}

// A flight is one asking whether the lock is held, for all who came before it
// took off.
type flight struct {
	landed chan struct{}
	err    error
}

// put notes that a lock was put there, or may have been.
func (h *hold) put(sort lockSort) {
	h.taken, h.since = append(h.taken, sort), time.Now()
}

// shows reports whether all that was put there can be read.
func (h *hold) shows(found map[lockSort]*lockFound) bool {
	return !slices.ContainsFunc(h.taken, func(sort lockSort) bool {
		return found[sort] == nil || found[sort].Holder != h.Holder
	})
}

// settled reports whether an answer that was asked for at that time shows what
// was put there, if nobody has taken it away.
func (h *hold) settled(asked time.Time) bool { return asked.Sub(h.since) > lockShows }

// lockShows is how long after it was taken a lock may not be there to be read.
const lockShows = 10 * time.Second

// flightTimeout bounds one asking with all its attempts.
const flightTimeout = 2 * time.Minute

// ask has the question asked by the next flight, whoever else waits for that.
func (h *hold) ask(ctx context.Context, question func(context.Context, *hold) error) error {
	h.mu.Lock()
	f := h.next
	if f == nil {
		f = &flight{landed: make(chan struct{})}
		before := h.current
		h.next = f
		go func() {
			if before != nil {
				<-before.landed
			}
			h.mu.Lock()
			h.current, h.next = f, nil
			h.mu.Unlock()
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTimeout) // others wait for it too
			defer cancel()
			f.err = question(ctx, h)
			close(f.landed)
		}()
	}
	h.mu.Unlock()
	select {
	case <-f.landed:
		return f.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Session) holdOn(h *hold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = h
}

func (s *Session) held() *hold {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hold
}
