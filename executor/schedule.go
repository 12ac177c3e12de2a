package executor

import (
	"cmp"
	"container/heap"
	"sync"
)

// A schedule runs tasks, numbered from 0, several at once.
type schedule struct {
	waits   [][]int // for each task, those it waits for
	stages  []int   // a task begins when all tasks of lower stages have ended
	urgency []int   // of the tasks that could begin, the most urgent does
}

// run calls do for each task, from at most that many goroutines, until all
// have ended or one call returns false; then no other begins, and run returns
// when those under way have ended.
func (s schedule) run(workers int, do func(task int) bool) {
	q := newQueue(s)
	var wg sync.WaitGroup
	for range min(max(workers, 1), len(s.waits)) {
		wg.Go(func() {
			for {
				task, ok := q.next()
				if !ok {
					return
				}
				q.ended(task, do(task))
			}
		})
	}
	wg.Wait()
}

// A queue hands out the tasks of a schedule. It may be used from several
// goroutines.
type queue struct {
	schedule
	users [][]int // for each task, those that wait for it

	mu      sync.Mutex
	changed sync.Cond
	ready   []int // a heap of tasks whose waits have ended
	unmet   []int // how many waits of each task have not
	open    []int // how many tasks of each stage have not ended
	stage   int   // the lowest stage with open tasks
	running int
	stopped bool
}

func newQueue(s schedule) *queue {
	n := len(s.waits)
	q := &queue{schedule: s, users: make([][]int, n), unmet: make([]int, n)}
	q.changed.L = &q.mu
	for task, waits := range s.waits {
		for len(q.open) <= s.stages[task] {
			q.open = append(q.open, 0)
		}
		q.open[s.stages[task]]++
		q.unmet[task] = len(waits)
		if len(waits) == 0 {
			q.ready = append(q.ready, task)
		}
		for _, w := range waits {
			q.users[w] = append(q.users[w], task)
		}
	}
	heap.Init(q)
	return q
}

// next waits for a task that can begin. It returns false when none ever will.
func (q *queue) next() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for q.stage < len(q.open) && q.open[q.stage] == 0 {
			q.stage++
		}
		switch {
		case q.stopped || q.stage == len(q.open):
			return 0, false
		case len(q.ready) > 0 && q.stages[q.ready[0]] <= q.stage:
			q.running++
			return heap.Pop(q).(int), true
		case q.running == 0:
			return 0, false // the tasks left wait for each other
		}
		q.changed.Wait()
	}
}

// ended notes that a task has ended, and whether others may begin.
func (q *queue) ended(task int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	q.open[q.stages[task]]--
	q.stopped = q.stopped || !ok
	for _, u := range q.users[task] {
		if q.unmet[u]--; q.unmet[u] == 0 {
			heap.Push(q, u)
		}
	}
	q.changed.Broadcast()
}

// The heap of ready tasks: lower stages first, then the more urgent.

func (q *queue) Len() int { return len(q.ready) }

func (q *queue) Less(i, j int) bool {
	a, b := q.ready[i], q.ready[j]
	return cmp.Or(
		cmp.Compare(q.stages[a], q.stages[b]),
		cmp.Compare(q.urgency[b], q.urgency[a]),
		cmp.Compare(a, b),
	) < 0
}

func (q *queue) Swap(i, j int) { q.ready[i], q.ready[j] = q.ready[j], q.ready[i] }
func (q *queue) Push(x any)    { q.ready = append(q.ready, x.(int)) }
func (q *queue) Pop() any {
	x := q.ready[len(q.ready)-1]
	q.ready = q.ready[:len(q.ready)-1]
	return x
}

// heights returns, for each task, how many tasks the longest chain has that
// begins with it. Waits point to earlier tasks only.
func heights(waits [][]int) []int {
	h := make([]int, len(waits))
	for i := len(waits) - 1; i >= 0; i-- {
		h[i]++
		for _, w := range waits[i] {
			h[w] = max(h[w], h[i])
		}
	}
	return h
}
