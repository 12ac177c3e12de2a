package resource

// A Failure is the error of a write: the call that failed, and what is known
// of its effect. Whoever runs a plan decides by it whether to try again.
type Failure struct {
	Class Class
	Call  string // "iam:CreateRole"
	Code  string // AWS's error code, or "" if no answer was understood
	Done  int    // how many calls of the same write had succeeded before
	Help  string // what the person who reads it can do; may be ""
	Err   error
}

func (f *Failure) Error() string { return f.Call + ": " + f.Err.Error() }

// Unwrap returns the error that the call ended with.
func (f *Failure) Unwrap() error { return f.Err }

// A Class says what is known after a call failed.
type Class string

// The classes.
const (
	Refused   Class = "refused"   // AWS answered no: nothing happened, and asking again gives the same answer
	Throttled Class = "throttled" // nothing happened: there were too many requests
	Busy      Class = "busy"      // nothing happened: someone is changing the same object just now
	NotYet    Class = "not yet"   // nothing happened: something made a moment ago is not visible everywhere
	Unsent    Class = "unsent"    // nothing happened: the request never left
	Expired   Class = "expired"   // nothing happened: the credentials have run out, or are no longer the same caller's
	Unknown   Class = "unknown"   // no answer came, or none that could be read: it may have happened
)
