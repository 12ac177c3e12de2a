package mutants

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A suite is some tests of one package.
type suite struct{ pkg, run string }

// simulation is the suite that is to catch what the packages' own tests do not.
var simulation = suite{"./simulation", "^TestMemory"}

// suites returns what is to catch m, one after another. The first of them
// alone is enough to see whether all is as it should be.
func (m mutant) suites() []suite {
	own := suite{"./" + path.Dir(m.file), ""}
	if m.run == "" {
		return []suite{own, simulation}
	}
	return []suite{{own.pkg, m.run}, own, simulation}
}

// changed returns the file as m has it.
func (m mutant) changed() (string, error) {
	text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m.file)))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.old); n != 1 || m.old == m.new {
		return "", fmt.Errorf("%s: %s has its old text %d times, and it should be there once:\n%s", m.name, m.file, n, m.old)
	}
	return strings.Replace(string(text), m.old, m.new, 1), nil
}

// A verdict is what became of a mutant.
type verdict struct {
	by   string // the test that caught it; "" if none did
	took time.Duration
	err  error // it could not be tried
}

func (v verdict) word() string {
	switch {
	case v.err != nil:
		return "STALE"
	case v.by == "":
		return "survived"
	}
	return "caught"
}

// try runs tests on m until one fails. Unless it is to be full, only the first
// of its suites is run.
func (m mutant) try(t *testing.T, full bool) verdict {
	start := time.Now()
	overlay, err := m.overlay(t.TempDir())
	if err != nil {
		return verdict{err: err}
	}
	suites := m.suites()
	if !full {
		suites = suites[:1]
	}
	for _, s := range suites {
		by, err := s.failing(t, "-overlay", overlay)
		if by != "" || err != nil {
			return verdict{by, time.Since(start), err}
		}
	}
	return verdict{took: time.Since(start)}
}

// overlay writes the changed file to dir, and what `go -overlay` has to know of
// it. It returns the name of the latter.
func (m mutant) overlay(dir string) (string, error) {
	text, err := m.changed()
	if err != nil {
		return "", err
	}
	original, err := filepath.Abs(filepath.Join("..", filepath.FromSlash(m.file)))
	if err != nil {
		return "", err
	}
	changed, name := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	return name, errors.Join(os.WriteFile(changed, []byte(text), 0o600), os.WriteFile(name, overlay, 0o600))
}

// sound fails if the tests fail that are to catch the mutants, though there is
// no mutant: then they would seem to be caught all.
func sound(t *testing.T, todo []mutant, full bool) {
	t.Helper()
	var suites []suite
	for _, m := range todo {
		own := m.suites()
		if full {
			own = own[len(own)-2:] // the first of three is of the same tests as the second
		} else {
			own = own[:1]
		}
		for _, s := range own {
			if !slices.Contains(suites, s) {
				suites = append(suites, s)
			}
		}
	}
	for _, s := range suites {
		start := time.Now()
		if by, err := s.failing(t); by != "" || err != nil {
			t.Fatalf("%s fails without any mutant: %s %v", s.pkg, by, err)
		}
		t.Logf("%-9s %-40s %-28s %6.1fs", "sound", s.run, s.pkg, time.Since(start).Seconds())
	}
}

var (
	failed   = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)
	timedOut = regexp.MustCompile(`(?m)^panic: test timed out`)
	running  = regexp.MustCompile(`(?m)^running tests:\n\t(\S+)`)
	panicked = regexp.MustCompile(`(?m)^(?:panic|fatal error): (.*)`)
)

// rapid returns the flags of rapid, if the package uses it: the same cases every
// time, none of which is kept in the package, and no time spent on making one
// small.
func (s suite) rapid() []string {
	files, _ := filepath.Glob(filepath.Join("..", filepath.FromSlash(s.pkg), "*_test.go")) // the pattern is a good one
	for _, name := range files {
		if text, err := os.ReadFile(name); err == nil && bytes.Contains(text, []byte(`"pgregory.net/rapid"`)) {
			return []string{"-rapid.seed=1", "-rapid.nofailfile", "-rapid.shrinktime=0s"}
		}
	}
	return nil
}

// failing runs a suite, and returns which test failed, "" if none did. The
// error is that there was nothing to run.
func (s suite) failing(t *testing.T, flags ...string) (by string, err error) {
	args := append([]string{"test", "-count=1", "-failfast", "-vet=off", "-timeout=120s", "-run", s.run}, flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(append(args, s.pkg), s.rapid()...)...)
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil && strings.Contains(string(out), "no tests to run"):
		return "", fmt.Errorf("no test of %s matches %q", s.pkg, s.run)
	case err == nil:
		return "", nil
	}
	where := path.Base(s.pkg) + " "
	switch text := string(out); {
	case timedOut.MatchString(text):
		if m := running.FindStringSubmatch(text); m != nil {
			where += m[1] + " "
		}
		return where + "(timed out)", nil
	case failed.MatchString(text):
		return where + failed.FindStringSubmatch(text)[1], nil
	case panicked.MatchString(text):
		return where + "panic: " + panicked.FindStringSubmatch(text)[1], nil
	}
	return "", fmt.Errorf("%w\n%s", err, out)
}
