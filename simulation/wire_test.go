package simulation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/ssmctl/ssmctl/sandbox"
)

// What may become of a request, besides what the sandbox can do by itself.
const (
	serverError trouble = "server error after the effect"
	unknownCode trouble = "error code that nobody knows"
)

// requestTroubles is what may become of each sort of request.
var requestTroubles = map[string][]trouble{
	"write": {throttled, busy, refused, denied, lostBefore, lostAfter, truncated, serverError, unknownCode, hang, slow, stale, expired, crashBefore, crashAfter, lockLost, signalled, foreignUse},
	"read":  {throttled, refused, denied, lostBefore, truncated, serverError, hang, slow, stale, expired, crashBefore, lockLost, signalled, foreignUse},
}

// effects are the troubles that the sandbox makes.
var effects = map[trouble]sandbox.Fault{
	throttled:   {Effect: sandbox.Throttle},
	busy:        {Effect: sandbox.ErrorBefore, Code: "ConcurrentModification", Status: http.StatusConflict},
	refused:     {Effect: sandbox.ErrorBefore},
	denied:      {Effect: sandbox.ErrorBefore},
	unknownCode: {Effect: sandbox.ErrorBefore, Code: "SomethingNew", Status: http.StatusBadRequest},
	lostBefore:  {Effect: sandbox.DropBefore},
	lostAfter:   {Effect: sandbox.DropAfter},
	truncated:   {Effect: sandbox.Truncate},
	serverError: {Effect: sandbox.ServerError},
	expired:     {Effect: sandbox.ErrorBefore, Code: "ExpiredToken", Status: http.StatusForbidden},
}

const (
	readTimeout = 15 * time.Second // how long a session waits for the answer to a read
	slowAnswer  = 12 * time.Second // longer than any read is stale
)

// A wire carries the requests of one process to the sandbox, as the faults
// have it.
type wire struct {
	*life
	server *sandbox.Server
	shared *wires
	open   bool // requests are counted, and faults strike

	mu       sync.Mutex
	attempts map[string]attempts // by the SDK's id of the call
}

// attempts is how often a call was made, and when the last attempt ended.
type attempts struct {
	n     int
	ended time.Time
}

// wires is what the wires of a trial have in common.
type wires struct {
	mu       sync.Mutex
	faults   []fault
	requests int
	sorts    []string // of the requests so far
	signal   context.CancelFunc
	old      *sandbox.Server // the account as reads show it
	stale    spell           // while they do
	record   func(format string, args ...any)
	meddle   func(pick uint64)
	unlock   func() error
	violate  func(property, format string, args ...any)
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	sort, err := w.queue(r)
	if err != nil {
		return nil, err
	}
	defer w.ended(r)
	arrived := time.Now()
	answer, manner, err := w.carry(r, sort)
	// Not under the lock: the clock stands still for those who wait for one.
	switch manner {
	case hang:
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteRequest != nil {
			trace.WroteRequest(httptrace.WroteRequestInfo{})
		}
		<-r.Context().Done()
		if sort == "read" && errors.Is(r.Context().Err(), context.DeadlineExceeded) {
			time.Sleep(time.Until(arrived.Add(readTimeout))) // it began to run before the wait in again
		}
		return nil, r.Context().Err()
	case slow:
		time.Sleep(slowAnswer)
	}
	return answer, err
}

// ended notes that an attempt of a call ended.
func (w *wire) ended(r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	call := r.Header.Get("Amz-Sdk-Invocation-Id")
	w.attempts[call] = attempts{w.attempts[call].n + 1, time.Now()}
}

// made returns the attempts at a call so far.
func (w *wire) made(r *http.Request) attempts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.attempts[r.Header.Get("Amz-Sdk-Invocation-Id")]
}

// again waits as long as the SDK may at most before it makes a call again:
// min(2^n, 20) seconds after the nth attempt. It waits for a random part of that
// by itself, and the same seed is to give the same run.
func (w *wire) again(r *http.Request) {
	if last := w.made(r); last.n > 0 {
		time.Sleep(time.Until(last.ended.Add(min(time.Second<<last.n, retry.DefaultMaxBackoff))))
	}
}

// queue takes a moment that depends on what is asked for, so that of requests
// that are made at once the same is always the first to arrive. It returns the
// request's sort, which is that of requestTroubles.
func (w *wire) queue(r *http.Request) (string, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return "", err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.again(r)
	target := r.Header.Get("X-Amz-Target")
	h := fnv.New32a()
	fmt.Fprint(h, r.URL.Host, target)
	h.Write(body)
	time.Sleep(time.Millisecond + time.Duration(h.Sum32()%1_000_000))
	if reads.MatchString(target) || reads.Match(body) {
		return "read", nil
	}
	return "write", nil
}

// reads match a request that changes nothing, by its header or its body.
var reads = regexp.MustCompile(`(^Action=|&Action=|\.)(Get|List|Describe)`)

// carry carries one request at a time. The manner says if its answer never
// arrives (hang), or takes a while (slow).
func (w *wire) carry(r *http.Request, sort string) (answer *http.Response, manner trouble, err error) {
	w.shared.mu.Lock()
	defer w.shared.mu.Unlock()
	if w.dead {
		answer, err = w.refuse(r)
		return answer, "", err
	}
	if !w.open {
		answer, err = w.server.Client().Transport.RoundTrip(r)
		return answer, "", err
	}
	w.shared.requests++
	if sort == "write" && w.made(r).n > 0 {
		w.shared.violate("P8", "the SDK made a writing call again by itself")
	}
	// Somebody else comes first: what else goes wrong is not for their requests.
	for f := range w.due(sort) {
		switch f.what {
		case foreignUse:
			w.shared.meddle(f.pick)
		case lockLost:
			if err := w.shared.unlock(); err != nil {
				w.shared.record("they cannot: %v", err)
			}
		case stale:
			w.shared.old, w.shared.stale = copyOf(w.server), newSpell(f.pick)
		}
	}
	server := w.server
	if sort == "read" && w.shared.stale.strikes(w.shared.requests) {
		server = w.shared.old
	}
	after := false
	for f := range w.due(sort) {
		w.shared.record("fault: %s", f.what)
		switch f.what {
		case crashBefore:
			w.dead = true
			answer, err = w.refuse(r)
			return answer, "", err
		case hang:
			return nil, hang, nil
		case slow:
			manner = slow
		case crashAfter:
			after = true
		case signalled:
			w.shared.signal()
		case foreignUse, lockLost, stale:
		default:
			effect := effects[f.what]
			effect.Operation, effect.Nth = "*", 1
			server.Inject(effect)
			if f.what == denied {
				defer w.denyLast(server)
			}
		}
	}
	server.ResetRequests()
	answer, err = server.Client().Transport.RoundTrip(r)
	for _, q := range server.Requests() {
		if q.Write != (sort == "write") {
			panic("the sort of " + q.Operation + " was misjudged")
		}
		w.shared.sorts = append(w.shared.sorts, sort)
		w.shared.record("%d %s:%s %s%s", w.shared.requests, q.Service, q.Operation, q.Code, map[bool]string{true: " (no answer)"}[q.Dropped])
	}
	if after {
		w.dead = true
		answer, err = w.refuse(r)
	}
	return answer, manner, err
}

// copyOf returns an account that holds what another one does, and goes on by
// itself.
func copyOf(s *sandbox.Server) *sandbox.Server {
	var saved bytes.Buffer
	if err := s.Save(&saved); err != nil {
		panic(err)
	}
	other, err := sandbox.Load(&saved)
	if err != nil {
		panic(err)
	}
	return other
}

// due yields the faults of the request that is counted last.
func (w *wire) due(sort string) iter.Seq[fault] {
	return func(yield func(fault) bool) {
		for _, f := range w.shared.faults {
			if !f.disk && f.at == w.shared.requests && slices.Contains(requestTroubles[sort], f.what) && !yield(f) {
				return
			}
		}
	}
}

// refuse answers that access is denied, to a process that is dead.
func (w *wire) refuse(r *http.Request) (*http.Response, error) {
	w.server.Inject(sandbox.Fault{Operation: "*", Nth: 1, Effect: sandbox.ErrorBefore})
	return w.server.Client().Transport.RoundTrip(r)
}

// denyLast denies the operation of the last request to a server from now on.
func (w *wire) denyLast(server *sandbox.Server) {
	all := server.Requests()
	if len(all) > 0 {
		last := all[len(all)-1]
		w.server.Inject(sandbox.Fault{Operation: last.Service + ":" + last.Operation, Effect: sandbox.ErrorBefore})
	}
}
