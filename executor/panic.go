package executor

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// caught calls f, and turns a panic into a failure with an outcome unknown, so
// that a bug in one kind does not keep the other steps from being undone.
func caught(call string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &resource.Failure{
				Class: resource.Unknown,
				Call:  call,
				Help:  "this is a bug in ssmctl; please report it",
				Err:   fmt.Errorf("panic at %s: %v", panicked(), p),
			}
		}
	}()
	return f()
}

// panicked returns the file and line that panicked, given that it is called by
// a deferred function.
func panicked() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
