package mutants

import (
	"cmp"
	"flag"
	"go/parser"
	"go/token"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	allFlag  = flag.Bool("all", false, "run all mutants")
	onlyFlag = flag.String("only", "", "run the mutants whose files or names match this regular expression, as in \"executor/write.go: no intent\"")
)

// A mutant is the program with one safety taken out.
type mutant struct {
	name string
	file string // from the root of the module
	old  string // what stands there exactly once
	new  string
	lost string // what the program no longer does, or does that it must not

	// run matches the tests of the file's package that are to catch it, "" all.
	// If they do not, all of them are run, and then the simulation.
	run string

	// survives says why no test can tell it from the program, if so.
	survives string
}

func all() []mutant {
	return slices.Concat(
		writeMutants, runMutants, rollbackMutants, recoverMutants,
		journalMutants, readingMutants, dirMutants,
		orderMutants, secureMutants, waitsMutants,
	)
}

// sample is what is run for real where nobody asks for more.
var sample = []string{"guard not asked on undo", "torn record not told"}

// least is how much of all mutants has to be caught, in per cent, and how many
// there are at least.
const (
	leastCaught  = 95
	leastMutants = 60
)

// Each mutant still changes what it was made to change.
func TestMutantsFit(t *testing.T) {
	t.Parallel()
	if n := len(all()); n < leastMutants {
		t.Errorf("there are %d mutants, and at least %d are called for", n, leastMutants)
	}
	names := map[string]bool{}
	for _, m := range all() {
		if m.name == "" || names[m.name] {
			t.Errorf("two mutants are named %q", m.name)
		}
		names[m.name] = true
		if m.lost == "" {
			t.Errorf("%s: it does not say what is lost by it", m.name)
		}
		if _, err := regexp.Compile(m.run); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		changed, err := m.changed()
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), m.file, changed, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
	for _, name := range sample {
		if !names[name] {
			t.Errorf("there is no mutant %q", name)
		}
	}
}

// The tests catch the mutants.
func TestMutantsAreCaught(t *testing.T) {
	only, err := regexp.Compile(*onlyFlag)
	if err != nil {
		t.Fatal(err)
	}
	todo := slices.DeleteFunc(all(), func(m mutant) bool {
		switch {
		case *allFlag:
			return false
		case *onlyFlag != "":
			return !only.MatchString(m.file + ": " + m.name)
		}
		return !slices.Contains(sample, m.name)
	})
	if len(todo) == 0 {
		t.Fatalf("no mutant matches %q", *onlyFlag)
	}
	full := *allFlag || *onlyFlag != ""
	sound(t, todo, full)

	var mu sync.Mutex
	var caught, survived []string
	report := func(m mutant, v verdict) {
		mu.Lock()
		defer mu.Unlock()
		t.Logf("%-9s %-40s %-24s %6.1fs  %s", v.word(), m.name, m.file, v.took.Seconds(), cmp.Or(v.by, m.survives))
		switch {
		case v.err != nil:
			t.Errorf("%s is stale: %v", m.name, v.err)
		case v.by == "":
			survived = append(survived, m.name)
			if m.survives == "" {
				t.Errorf("%s survived: %s", m.name, m.lost)
			}
		default:
			caught = append(caught, m.name)
			if m.survives != "" {
				t.Errorf("%s is said to survive, and was caught by %s", m.name, v.by)
			}
		}
	}
	next := make(chan mutant)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for m := range next {
				report(m, m.try(t, full))
			}
		})
	}
	start := time.Now()
	for _, m := range todo {
		next <- m
	}
	close(next)
	workers.Wait()
	slices.Sort(survived)
	t.Logf("%d of %d mutants caught in %s; survived: %s", len(caught), len(todo), time.Since(start).Round(time.Second), cmp.Or(strings.Join(survived, ", "), "none"))
	if *allFlag && len(caught)*100 < leastCaught*len(todo) {
		t.Errorf("%d of %d mutants were caught, less than %d %%", len(caught), len(todo), leastCaught)
	}
}
