package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/samples"
)

// ssmctl runs a command within the test's process.
func ssmctl(in string, args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	status = run(args, stdio{in: strings.NewReader(in), out: &o, err: &e})
	return status, o.String(), e.String()
}

// Fault 46: an empty or cut-off spec. However much of the guide's sample arrives,
// what is left of it is no spec, is refused, or deletes no more than one may
// without saying so.
func TestTruncatedSpec(t *testing.T) {
	account := "--sandbox=" + filepath.Join(t.TempDir(), "account.json")
	guide := string(samples.Guide)
	if status, _, errs := ssmctl(guide, "apply", account, "--auto-approve", "-f", "-"); status != exitDone {
		t.Fatalf("apply: exit status %d\n%s", status, errs)
	}
	status, out, errs := ssmctl(guide, "plan", account, "--json", "-f", "-")
	whole, err := planner.Decode([]byte(out))
	if status != exitDone || err != nil || len(whole.Steps) != 0 {
		t.Fatalf("the account is not as the spec says: exit status %d, %v\n%s", status, err, errs)
	}
	owned := whole.Unchanged

	ended := map[int]int{}
	for _, cut := range cuts(guide) {
		status, out, errs := ssmctl(guide[:cut], "plan", account, "--json", "-f", "-")
		ended[status]++
		where := fmt.Sprintf("cut after %q", guide[max(0, cut-40):cut])
		switch status {
		case exitInvalid:
		case exitRefused:
			if out != "" || !strings.Contains(errs, "max-deletes") && !strings.Contains(errs, "asks for nothing") {
				t.Errorf("%s: refused, but neither for what it deletes nor because nothing is asked for\n%s", where, errs)
			}
		case exitDone:
			f, err := planner.Decode([]byte(out))
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			deleted := 0
			for _, c := range f.ResourceChanges {
				if c.Change.Actions[0] == resource.Delete {
					deleted++
				}
			}
			if deleted > 10 && deleted*10 > owned*3 {
				t.Errorf("%s: the plan deletes %d of %d objects", where, deleted, owned)
			}
		default:
			t.Errorf("%s: exit status %d\n%s", where, status, errs)
		}
	}
	for _, status := range []int{exitDone, exitInvalid, exitRefused} {
		if ended[status] == 0 {
			t.Errorf("no cut ended with status %d; they ended %v", status, ended)
		}
	}
}

// cuts are where a text may be cut off: after each line, and within it.
func cuts(text string) (all []int) {
	at := 0
	for line := range strings.Lines(text) {
		all = append(all, at, at+len(line)/2)
		at += len(line)
	}
	return all
}
