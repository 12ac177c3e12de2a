package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Fault is something to go wrong with some requests.
type Fault struct {
	Operation string // "iam:CreateRole", "iam:*" or "*"
	Nth       int    // which of the requests that match, from 1, those with DryRun not counted; 0 is every one, those too
	Effect    FaultEffect
	Code      string        // of ErrorBefore; "" is access denied, as the service spells it
	Message   string        // of ErrorBefore; "" is what the service would say
	Status    int           // of ErrorBefore, of HTTP; 0 is what the service would send
	Delay     time.Duration // before anything else happens
}

// A FaultEffect says what a Fault does to a request.
type FaultEffect int

// The effects.
const (
	Slow        FaultEffect = iota // only the Delay
	ErrorBefore                    // do nothing, answer Code
	DropAfter                      // do it, then cut the connection without an answer
	DropBefore                     // do nothing, cut the connection
	Truncate                       // do it, then send half an answer and cut the connection
	ServerError                    // do it, then answer 500 InternalFailure
	Throttle                       // do nothing, answer that there are too many requests
	Hang                           // do nothing until the client gives up
)

// An armedFault counts the requests that have matched.
type armedFault struct {
	Fault
	matched int
}

// Inject adds faults to those that are there. Of several that match a
// request, all count it, and the first that is due decides.
func (s *Server) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, &armedFault{Fault: f})
	}
}

// ClearFaults takes away all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// faultFor returns the fault that is due for a request, or nil, which is no
// fault. The caller holds the lock.
func (s *Server) faultFor(c *call) *Fault {
	if c.service == nil {
		return nil
	}
	var due *Fault
	for _, f := range s.faults {
		if f.Operation != "*" && f.Operation != c.service.name+":*" && f.Operation != c.service.name+":"+c.operation {
			continue
		}
		if c.dryRun() && f.Nth != 0 {
			continue
		}
		f.matched++
		if due == nil && (f.Nth == 0 || f.Nth == f.matched) {
			due = &f.Fault
		}
	}
	return due
}

func (f *Fault) is(effects ...FaultEffect) bool {
	return f != nil && slices.Contains(effects, f.Effect)
}

// before reports whether the request must not be carried out.
func (f *Fault) before() bool { return f.is(ErrorBefore, DropBefore, Throttle) }

// after reports whether an error takes the place of the answer.
func (f *Fault) after() bool { return f.is(ServerError) }

// silences reports whether no answer is sent at all.
func (f *Fault) silences() bool { return f.is(DropAfter, DropBefore) }

func (f *Fault) truncates() bool { return f.is(Truncate) }

// drops reports whether the answer does not arrive whole.
func (f *Fault) drops() bool { return f.silences() || f.truncates() }

// wait takes as long as the fault says, and reports whether there is still
// somebody to answer.
func (f *Fault) wait(ctx context.Context) bool {
	if f == nil {
		return true
	}
	if !wait(ctx, f.Delay) {
		return false
	}
	if f.Effect == Hang {
		<-ctx.Done()
		return false
	}
	return true
}

// wait reports whether d went by before the context ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// refusal is the error the fault answers with.
func (f *Fault) refusal(c *call) error {
	switch f.Effect {
	case Throttle:
		return new(c.service.codes.throttled)
	case ServerError:
		return &apiError{Code: "InternalFailure", Message: "The request processing has failed because of an unknown error, exception or failure.", Status: http.StatusInternalServerError}
	case DropBefore:
		return &apiError{} // nobody will see it
	}
	denied := c.denied()
	if f.Code == "" || f.Code == denied.Code {
		return &apiError{Code: denied.Code, Message: cmp.Or(f.Message, denied.Message), Status: cmp.Or(f.Status, denied.Status)}
	}
	return &apiError{Code: f.Code, Message: cmp.Or(f.Message, "The sandbox was told to answer "+f.Code+"."), Status: f.Status}
}

// faultNames are the words ParseFault knows for effects.
var faultNames = map[string]FaultEffect{
	"drop": DropAfter, "drop-before": DropBefore, "truncate": Truncate, "500": ServerError, "throttle": Throttle, "hang": Hang,
}

// ParseFault reads a fault in its text form: OPERATION[:N][=WHAT]. OPERATION
// is as in a Fault; N says which request, and every one fails without it.
// WHAT is an AWS error code, answered in place of doing it, or one of drop,
// drop-before, truncate, 500, throttle and hang; without it access is denied.
// So "iam:AttachRolePolicy:2=drop" loses the answer to the second attachment.
func ParseFault(text string) (Fault, error) {
	f := Fault{Effect: ErrorBefore}
	name, what, given := strings.Cut(text, "=")
	if given {
		if effect, ok := faultNames[what]; ok {
			f.Effect = effect
		} else if f.Code = what; what == "" || !alphanumeric.MatchString(strings.ReplaceAll(what, ".", "")) {
			return Fault{}, fmt.Errorf("fault %q: %q is neither an AWS error code nor one of 500, drop, drop-before, hang, throttle, truncate", text, what)
		}
	}
	parts := strings.Split(name, ":")
	if last := parts[len(parts)-1]; len(parts) > 1 {
		if n, err := strconv.Atoi(last); err == nil {
			if n < 1 {
				return Fault{}, fmt.Errorf("fault %q: requests count from 1", text)
			}
			f.Nth, parts = n, parts[:len(parts)-1]
		}
	}
	f.Operation = strings.Join(parts, ":")
	return f, checkOperation(text, parts)
}

// checkOperation says why no request could ever match, or nil.
func checkOperation(text string, parts []string) error {
	if len(parts) == 1 && parts[0] == "*" {
		return nil
	}
	if len(parts) != 2 {
		return fmt.Errorf("fault %q: want SERVICE:OPERATION[:N][=WHAT], such as iam:AttachRolePolicy:2=AccessDenied", text)
	}
	for _, s := range services {
		if s.name != parts[0] {
			continue
		}
		if _, ok := s.operations[parts[1]]; ok || parts[1] == "*" {
			return nil
		}
		return fmt.Errorf("fault %q: the sandbox has no operation %s of %s", text, parts[1], parts[0])
	}
	return fmt.Errorf("fault %q: the sandbox has no service %q; it has ec2, iam, ssm, sts and tagging", text, parts[0])
}
