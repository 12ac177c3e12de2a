package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/resource"
)

// A process is one life of ssmctl: what its executor sees as the account.
type process struct {
	*trial
	life
	lost    bool      // it has lost the lock, and may not know
	expired time.Time // until when its credentials do not work
	cancel  context.CancelFunc
	tally   tally
	late    int // sends after the lock was lost
}

var errDead = &resource.Failure{Class: resource.Refused, Call: "none", Err: errors.New("the process is dead")}

// strike lets the faults of the next call strike, and returns what is to
// become of the call, "" if nothing. Sort is that of callTroubles.
func (p *process) strike(sort string) trouble {
	p.calls++
	p.sorts = append(p.sorts, sort)
	var result trouble
	for _, f := range p.faults {
		if f.disk || f.at != p.calls || !slices.Contains(callTroubles[sort], f.what) {
			continue
		}
		p.record("fault", 0, string(f.what))
		switch f.what {
		case crashBefore:
			p.dead = true
		case lockLost:
			p.lost = true
		case signalled:
			p.cancel()
			p.cancelled = true
		case stale:
			p.stale = newSpell(f.pick)
		case foreignEdit, foreignMake, foreignNew, foreignUse:
			p.meddle(f, sort == "read")
		case expired:
			p.expired = time.Now().Add(time.Duration(10+f.pick%60) * time.Second)
		case expiredGood:
			p.expired = time.Now().Add(1000 * time.Hour)
		default:
			result = f.what
		}
	}
	return result
}

// refusal of a call whose credentials do not work.
func (p *process) credentials(call string) *resource.Failure {
	if time.Now().Before(p.expired) {
		return &resource.Failure{Class: resource.Expired, Call: call, Code: "ExpiredToken", Err: errors.New("the credentials have expired")}
	}
	return nil
}

// travel takes as long as a request does where several are under way at once.
func (p *process) travel() {
	if p.parallel > 1 {
		p.mu.Lock()
		d := time.Duration(1+p.rand.IntN(100)) * time.Millisecond
		p.mu.Unlock()
		time.Sleep(d)
	}
}

// guard is asked before each write whether the run still has the lock.
func (p *process) guard(context.Context) error {
	p.travel()
	p.mu.Lock()
	defer p.mu.Unlock()
	what := p.strike("guard")
	if p.dead {
		return errDead
	}
	if p.lost {
		p.record("guard", 0, "lost")
		return errors.New("another run has the lock")
	}
	if what == crashAfter {
		p.dead = true
	}
	p.record("guard", 0, "")
	return nil
}

// Read returns objects as the account shows them.
func (p *process) Read(_ context.Context, ids []resource.ID) (*resource.State, error) {
	p.travel()
	s, takes, err := p.read(ids)
	time.Sleep(takes)
	return s, err
}

// slowRead is how long a read takes that takes long: longer than any is stale.
const slowRead = 20 * time.Second

// read also returns how long it takes. What it returns is what was before that.
func (p *process) read(ids []resource.ID) (s *resource.State, takes time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return nil, 0, errDead
	}
	what := p.strike("read")
	if p.dead {
		return nil, 0, errDead
	}
	if f := p.credentials("read"); f != nil {
		p.record("read", p.number(ids[0]), string(f.Class))
		return nil, 0, f
	}
	for _, id := range ids {
		if p.isDenied("read " + id.Kind) {
			what = refused
		}
	}
	if what != "" {
		p.record("read", p.number(ids[0]), string(what))
	}
	switch what {
	case denied:
		p.deny("read " + ids[0].Kind)
		fallthrough
	case refused:
		return nil, 0, &resource.Failure{Class: resource.Refused, Call: "read", Code: "AccessDenied", Err: errors.New("access denied")}
	case hang:
		return nil, readTimeout, errors.New("no answer in time")
	case panics:
		panic("a bug in a read")
	case slow:
		takes = slowRead
	case "":
	default:
		return nil, 0, errors.New(string(what))
	}
	lag := p.lag
	if p.stale.strikes(p.calls) {
		lag = maxLag
	}
	s = &resource.State{}
	for _, id := range ids {
		it := p.item(id)
		it.readAt = p.calls
		o, truth := p.show(it, lag)
		it.seen, it.stale = it.version, !truth
		if truth {
			it.looked = p.calls
		} else {
			it.seen--
			it.hid = it.hid || it.theirs
		}
		it.fresh = true
		if o != nil {
			if err := s.Add(o); err != nil {
				panic(err)
			}
		}
	}
	p.current = resource.ID{}
	if len(ids) == 1 {
		p.current = ids[0]
	}
	p.record("read", p.number(ids[0]), "")
	return s, takes, nil
}

// executor returns an executor that works through the process.
func (p *process) executor() *executor.Executor {
	var account executor.Account = p
	if wrap := p.world.wrap; wrap != nil {
		account = wrap(p)
	}
	return &executor.Executor{
		Account: account, Guard: p.guard, Keep: p.keep, Jitter: p.jitter, Settle: settle,
		Parallel: p.parallel,
		OnEvent:  p.tally.event,
	}
}

func (p *process) jitter() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rand.Float64()
}

// settle is how long changes take to be everywhere.
const settle = 10 * time.Second

func cmpOr(a, b resource.Object) resource.Object {
	if a != nil {
		return a
	}
	return b
}

// violate notes that a property does not hold. The first one counts.
func (t *trial) violate(property, format string, args ...any) {
	if t.violation == "" {
		t.property, t.violation = property, fmt.Sprintf(format, args...)
	}
}
