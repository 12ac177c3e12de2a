package cost

import (
	"testing"
	"time"
)

// failing is a test that notes whether it has failed.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Errorf(string, ...any) { f.failed = true }

var kept []byte

func TestWithin(t *testing.T) {
	for name, test := range map[string]struct {
		f    func()
		want bool
	}{
		"little":  {func() { kept = make([]byte, 1<<20) }, false},
		"waiting": {func() { time.Sleep(10 * time.Millisecond) }, false},
		"memory, though never much at once": {func() {
			for range 5 * 64 {
				kept = make([]byte, 16<<20)
			}
		}, true},
		"time": {func() {
			for start := threadTime(); threadTime()-start <= slack*MaxTime; {
				kept = kept[:0]
			}
		}, true},
	} {
		f := failing{TB: t}
		if n := Within(&f, test.f); f.failed != test.want || name == "little" && n < 1<<20 {
			t.Errorf("%s: failed %t, %d bytes", name, f.failed, n)
		}
	}
}
