package executor

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// record runs a schedule of tasks that take a second each, and returns which
// began in which second. The tasks that fail return false.
func record(s schedule, workers int, fails ...int) [][]int {
	var mu sync.Mutex
	var began [][]int
	start := time.Now()
	s.run(workers, func(task int) bool {
		mu.Lock()
		second := int(time.Since(start) / time.Second)
		for len(began) <= second {
			began = append(began, nil)
		}
		began[second] = append(began[second], task)
		mu.Unlock()
		time.Sleep(time.Second)
		return !slices.Contains(fails, task)
	})
	for _, tasks := range began {
		slices.Sort(tasks)
	}
	return began
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	chain := [][]int{nil, nil, nil, {2}, {3}} // 2, 3 and 4 are a chain
	flat := make([]int, 5)
	for name, tc := range map[string]struct {
		waits   [][]int
		stages  []int
		workers int
		fails   []int
		want    [][]int // tasks by the second in which they begin
	}{
		"one at a time":                                {chain, flat, 0, nil, [][]int{{2}, {3}, {0}, {1}, {4}}},
		"two at a time":                                {chain, flat, 2, nil, [][]int{{0, 2}, {1, 3}, {4}}},
		"more workers than tasks":                      {chain, flat, 99, nil, [][]int{{0, 1, 2}, {3}, {4}}},
		"a later stage waits for all":                  {chain, []int{1, 0, 0, 0, 0}, 9, nil, [][]int{{1, 2}, {3}, {4}, {0}}},
		"an empty stage is passed":                     {chain, []int{2, 0, 0, 0, 2}, 9, nil, [][]int{{1, 2}, {3}, {0, 4}}},
		"nothing begins after a failure":               {chain, flat, 1, []int{3}, [][]int{{2}, {3}}},
		"tasks that wait for each other are not begun": {[][]int{{1}, {0}, nil}, make([]int, 3), 2, nil, [][]int{{2}}},
		"nothing": {nil, nil, 3, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := record(schedule{tc.waits, tc.stages, heights(tc.waits)}, tc.workers, tc.fails...)
				if d := cmp.Diff(tc.want, got); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}
