// Package cost measures what reading hostile input costs, for tests: every
// reader of this module has to answer whatever it is given within a second and
// 256 MiB. It knows nothing of what is read.
package cost

import (
	"runtime"
	"testing"
	"time"
)

// What reading one input may cost at most.
const (
	MaxBytes = 256 << 20
	MaxTime  = time.Second
)

// Bytes returns how many bytes f allocates, freed or not. Nothing else may run
// beside it.
func Bytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Within runs f and fails the test if f took more than [MaxTime] of the
// processor, or allocated more than [MaxBytes], freed or not, which is more than
// it had at any one time. It returns the bytes. Nothing else may run beside it.
//
// The time is that of f's own thread, so that a busy machine fails no test;
// where a system does not tell, it is the clock's. Under the race detector both
// bounds are four times as high: it makes f slower, and defeats sync.Pool.
func Within(t testing.TB, f func()) uint64 {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var took time.Duration
	n := Bytes(func() {
		start := threadTime()
		f()
		took = threadTime() - start
	})
	if took > slack*MaxTime {
		t.Errorf("took %v, and may take %v", took, slack*MaxTime)
	}
	if n > slack*MaxBytes {
		t.Errorf("allocated %d MiB, and may allocate %d", n>>20, slack*MaxBytes>>20)
	}
	return n
}
