package policy_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/managed"
)

// identity returns policies of the documents alone.
func identity(documents ...policy.Document) policy.Policies {
	return policy.Policies{Identity: documents}
}

// An inclusionCase is a pair of identity policies, and whether the candidate
// allows anything that the reference does not.
type inclusionCase struct {
	ID, Title            string
	Candidate, Reference policy.Document
	NewAccess            bool
}

func readCases(t *testing.T, file string) []inclusionCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []inclusionCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// checkInclusion asks NewAccess, and confirms a witness.
func checkInclusion(t testing.TB, candidate, reference policy.Policies, want policy.InclusionVerdict) policy.Inclusion {
	t.Helper()
	got := policy.NewAccess(candidate, reference, policy.Budget{})
	if got.Verdict != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if (got.Verdict == policy.Widened) != (got.Witness != nil) || (got.Verdict == policy.Undecided) != (got.Reason != "") {
		t.Errorf("%v with witness %v and reason %q", got.Verdict, got.Witness, got.Reason)
	}
	checkWitness(t, candidate, reference, got)
	return got
}

// checkWitness asks Decide.
func checkWitness(t testing.TB, candidate, reference policy.Policies, got policy.Inclusion) {
	t.Helper()
	w := got.Witness
	if w == nil {
		return
	}
	if d := candidate.Decide(*w); d.Verdict != policy.Allowed {
		t.Errorf("the candidate does not allow %+v: %+v", *w, d)
	}
	if d := reference.Decide(*w); d.Verdict == policy.Allowed {
		t.Errorf("the reference allows %+v: %+v", *w, d)
	}
}

func TestNewAccessCases(t *testing.T) {
	t.Parallel()
	for _, test := range readCases(t, "testdata/inclusion.json") {
		t.Run(test.ID, func(t *testing.T) {
			t.Parallel()
			want := policy.Included
			if test.NewAccess {
				want = policy.Widened
			}
			got := checkInclusion(t, identity(test.Candidate), identity(test.Reference), want)
			t.Log(got)
		})
	}
}

// AWS's own samples for CheckNoNewAccess, with its labels.
func TestNewAccessSamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/access_analyzer.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Samples []struct {
			File      string
			Reference policy.Document
			Pass      []policy.Document
			Fail      []policy.Document
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, sample := range file.Samples {
		t.Run(sample.File, func(t *testing.T) {
			t.Parallel()
			for _, candidate := range sample.Pass {
				checkInclusion(t, identity(candidate), identity(sample.Reference), policy.Included)
			}
			for _, candidate := range sample.Fail {
				want := policy.Widened
				if strings.Contains(candidate.String(), "network-acl/acl-123456") {
					want = policy.Included // it is not the ARN that the reference protects: the label is wrong
				}
				checkInclusion(t, identity(candidate), identity(sample.Reference), want)
			}
		})
	}
}

// AWS's own policies, of which some are as large as policies get.
func TestNewAccessManaged(t *testing.T) {
	t.Parallel()
	everything := identity(policy.New(policy.Allow("*").On("*")))
	n := 0
	for p := range managed.All() {
		if n++; n%5 != 0 || testing.Short() && n%20 != 0 {
			continue
		}
		d, err := policy.Parse(p.Document())
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		for name, reference := range map[string]policy.Policies{"itself": identity(d), "everything": everything} {
			if got := policy.NewAccess(identity(d), reference, policy.Budget{}); got.Verdict != policy.Included {
				t.Errorf("%s in %s: %v", p.Name, name, got)
			}
		}
		// Without its last statement that allows, it is no wider.
		last := -1
		for i, s := range d.Statements {
			if s.Effect == "Allow" {
				last = i
			}
		}
		if last < 0 {
			continue
		}
		less := d
		less.Statements = slices.Delete(slices.Clone(d.Statements), last, last+1)
		if got := policy.NewAccess(identity(less), identity(d), policy.Budget{}); got.Verdict != policy.Included {
			t.Errorf("%s without statement %d, in itself: %v", p.Name, last, got)
		}
		checkWitness(t, identity(d), identity(less), policy.NewAccess(identity(d), identity(less), policy.Budget{}))
	}
}
