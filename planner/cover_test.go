package planner

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCover(t *testing.T) {
	t.Parallel()
	// 0 is in most of the lists, and of no use once the others are chosen.
	got := cover([][]int{{0, 1}, {0, 2}, {0, 3}, {1}, {2}, {3}}, 4)
	if d := cmp.Diff([]int{1, 2, 3}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	rapid.Check(t, func(t *rapid.T) {
		lists := rapid.SliceOf(rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 1, 4, rapid.ID[int])).Draw(t, "lists")
		chosen := cover(lists, 10)
		covered := func(chosen []int) bool {
			return !slices.ContainsFunc(lists, func(list []int) bool {
				return !slices.ContainsFunc(list, func(x int) bool { return slices.Contains(chosen, x) })
			})
		}
		if !covered(chosen) {
			t.Fatalf("%v leaves out one of %v", chosen, lists)
		}
		for _, x := range chosen {
			if covered(slices.DeleteFunc(slices.Clone(chosen), func(y int) bool { return x == y })) {
				t.Fatalf("%v has no need of %d in %v", chosen, x, lists)
			}
		}
	})
}
