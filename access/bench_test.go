package access

import (
	"maps"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ssmctl/ssmctl/policy"
)

// peak runs do and returns the most memory that the heap held meanwhile beyond
// what it held before, in MiB, as seen every few milliseconds.
func peak(do func()) float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	var most atomic.Uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	look := func() {
		runtime.ReadMemStats(&m)
		most.Store(max(most.Load(), m.HeapAlloc))
	}
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				look()
			}
		}
	}()
	do()
	close(done)
	<-stopped
	look()
	return float64(most.Load()-before) / (1 << 20)
}

// The matrix of 1,000 principals with 400 policies over 10,000 nodes and 50
// documents, for 30 actions and for all.
func BenchmarkMatrix(b *testing.B) {
	a := organisation(7, large, false)
	for name, actions := range map[string][]string{"actions=30": thirty, "actions=all": nil} {
		b.Run(name, func(b *testing.B) {
			most := 0.0
			for b.Loop() {
				var m *Matrix
				most = max(most, peak(func() { m = NewMatrix(a, actions) }))
				b.ReportMetric(float64(len(m.results)), "classes")
				runtime.KeepAlive(m)
			}
			b.ReportMetric(most, "peak-MiB")
		})
	}
}

// edited returns the account with one statement more in the policy that most
// would notice.
func edited(a *Account) *Account {
	c := *a
	c.Policies = maps.Clone(a.Policies)
	arn := iamARN("policy/policy-003")
	p := c.Policies[arn]
	p.Document.Statements = append(slices.Clone(p.Document.Statements), policy.Allow("ssm:SendCommand").On(a.Nodes[1].ARN, a.Nodes[2].ARN, a.Nodes[3].ARN, documentARN("Corp-30")))
	c.Policies[arn] = p
	return &c
}

// Comparing that organisation with itself after the edit of one policy, and
// with one node more.
func BenchmarkCompare(b *testing.B) {
	a := organisation(7, large, false)
	node := *a
	node.Nodes = append(slices.Clone(a.Nodes), Node{ID: "i-0", ARN: nodeARN("i-0"), Tags: map[string]string{"Team": "team01"}})
	for name, after := range map[string]*Account{"change=policy": edited(a), "change=node": &node, "change=none": a} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(len(Compare(a, after))), "changes")
			}
		})
	}
}
