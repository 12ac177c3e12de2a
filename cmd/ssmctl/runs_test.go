package main

import (
	"slices"
	"testing"
	"time"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/view"
)

// Runs of the same second are in the order in which they began, whatever their
// ids; the id alone tells of one that cannot be read.
func TestNewestFirst(t *testing.T) {
	t.Parallel()
	second := time.Date(2026, 11, 23, 23, 15, 0, 0, time.UTC)
	var all []storedRun
	for _, r := range []struct {
		id      string
		started time.Time
	}{
		{"20261123-231500-zzzzzz", second.Add(100 * time.Millisecond)},
		{"20261123-231501-unread", time.Time{}},
		{"20261123-231500-000000", second.Add(200 * time.Millisecond)},
		{"20261123-231459-mmmmmm", second.Add(-time.Millisecond)},
		{"20261123-231459-unread", time.Time{}},
		{"odd", time.Time{}},
	} {
		all = append(all, storedRun{ListedRun: view.ListedRun{Summary: journal.Summary{Run: r.id, Started: r.started}}})
	}
	newestFirst(all)
	want := []string{"20261123-231501-unread", "20261123-231500-000000", "20261123-231500-zzzzzz", "20261123-231459-mmmmmm", "20261123-231459-unread", "odd"}
	for i, id := range want {
		if all[i].Run != id {
			t.Fatalf("%v, want %v", slices.Collect(func(yield func(string) bool) {
				for _, r := range all {
					yield(r.Run)
				}
			}), want)
		}
	}
}
