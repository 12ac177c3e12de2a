package planner

import (
	"cmp"
	"container/heap"
)

// linear puts steps in a row, each after those that it waits for; of those
// that could come next, the one of the lowest stage does, then the one of the
// lowest index. Stuck are those that wait, through others, for themselves, and
// those that wait for these, ascending.
func linear(waits [][]int, stages []int) (order, stuck []int) {
	unmet := make([]int, len(waits))
	users := make([][]int, len(waits))
	ready := next{stages: stages}
	for i, ws := range waits {
		unmet[i] = len(ws)
		for _, w := range ws {
			users[w] = append(users[w], i)
		}
		if len(ws) == 0 {
			ready.steps = append(ready.steps, i)
		}
	}
	heap.Init(&ready)
	order = make([]int, 0, len(waits))
	for ready.Len() > 0 {
		i := heap.Pop(&ready).(int)
		order = append(order, i)
		for _, u := range users[i] {
			if unmet[u]--; unmet[u] == 0 {
				heap.Push(&ready, u)
			}
		}
	}
	for i, n := range unmet {
		if n > 0 {
			stuck = append(stuck, i)
		}
	}
	return order, stuck
}

// next is a heap of steps that could come next.
type next struct{ steps, stages []int }

func (h next) Len() int { return len(h.steps) }

func (h next) Less(i, j int) bool {
	a, b := h.steps[i], h.steps[j]
	return cmp.Or(cmp.Compare(h.stages[a], h.stages[b]), cmp.Compare(a, b)) < 0
}

func (h next) Swap(i, j int) { h.steps[i], h.steps[j] = h.steps[j], h.steps[i] }
func (h *next) Push(x any)   { h.steps = append(h.steps, x.(int)) }
func (h *next) Pop() any {
	x := h.steps[len(h.steps)-1]
	h.steps = h.steps[:len(h.steps)-1]
	return x
}
