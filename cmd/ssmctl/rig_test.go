//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/ssmctl/ssmctl/sandbox"
)

// A rig is an account over HTTP, with processes of ssmctl that use it.
type rig struct {
	t       testing.TB
	account *sandbox.Server
	url     string
	dir     string // the working directory, with the specs

	mu       sync.Mutex
	requests []request
	at       func(n int, q request, done bool) // called for each request, numbered from 1, before and after its effect; may be nil
}

// A request is one that a process sent.
type request struct {
	key       string // the access key that signed it
	operation string
	body      string
	write     bool
}

// newRig serves the account that a sandbox's file holds.
func newRig(t testing.TB, saved []byte) *rig {
	t.Helper()
	account, err := sandbox.Load(bytes.NewReader(saved))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, account: account, dir: t.TempDir()}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

var (
	signedBy = regexp.MustCompile(`Credential=([^/]+)/`)
	readOnly = regexp.MustCompile(`^(Get|List|Describe|Simulate)`)
	action   = regexp.MustCompile(`(?:^|&)Action=(\w+)`)
)

// ServeHTTP notes a request and lets the sandbox answer it.
func (r *rig) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	_, operation, _ := strings.Cut(q.Header.Get("X-Amz-Target"), ".")
	if m := action.FindSubmatch(body); m != nil {
		operation = string(m[1])
	}
	key := ""
	if m := signedBy.FindStringSubmatch(q.Header.Get("Authorization")); m != nil {
		key = m[1]
	}
	this := request{key, operation, string(body), !readOnly.MatchString(operation)}
	r.mu.Lock()
	r.requests = append(r.requests, this)
	n, at := len(r.requests), r.at
	r.mu.Unlock()
	if at != nil {
		at(n, this, false)
	}
	if at == nil {
		r.account.ServeHTTP(w, q)
		return
	}
	answer := httptest.NewRecorder()
	r.account.ServeHTTP(answer, q)
	at(n, this, true)
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// count returns how many requests there were.
func (r *rig) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.requests)
}

// watch has f called for each request from now on.
func (r *rig) watch(f func(n int, q request, done bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at, r.requests = f, nil
}

// writes returns the operations that a key wrote, from the nth request on,
// without those on the lock.
func (r *rig) writes(key string, from int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, q := range r.requests[from:] {
		if q.key == key && q.write && !strings.Contains(q.body, "/lock") && !strings.Contains(q.body, "/recover") {
			all = append(all, q.operation)
		}
	}
	return all
}

// A child is a process of ssmctl.
type child struct {
	*exec.Cmd
	out, err bytes.Buffer
	started  chan struct{} // closed when there is a process
}

// ssmctl makes a process that is not yet started. Key is its access key, and
// names its directory for journals too.
func (r *rig) ssmctl(key string, args ...string) *child {
	r.t.Helper()
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	program := filepath.Join(r.dir, "ssmctl")
	if err := os.Symlink(self, program); err != nil && !errors.Is(err, os.ErrExist) {
		r.t.Fatal(err)
	}
	c := &child{Cmd: exec.Command(program, append(args, "--state-dir=state-"+key)...), started: make(chan struct{})}
	c.Dir = r.dir
	c.Stdout, c.Stderr = &c.out, &c.err
	c.Env = []string{
		"HOME=" + r.dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "NO_PROXY=127.0.0.1",
		"AWS_ENDPOINT_URL=" + r.url, "AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=any", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + r.dir + "/none", "AWS_SHARED_CREDENTIALS_FILE=" + r.dir + "/none",
	}
	return c
}

// status runs a process to its end and returns its exit status, -1 if a signal
// ended it.
func (c *child) status() int {
	if c.start() == nil {
		_ = c.Wait()
	}
	return c.ProcessState.ExitCode()
}

// start starts a process.
func (c *child) start() error {
	err := c.Start()
	if err == nil {
		close(c.started)
	}
	return err
}

// signal sends a signal to a process, which may have sent a request before
// start has returned.
func (c *child) signal(s os.Signal) {
	<-c.started
	_ = c.Process.Signal(s)
}

// runTag is the tag that a run puts on what it makes, which is not compared.
var runTag = regexp.MustCompile(`,?\s*"ssmctl:run": "[^"]*"`)

// dump is what the account holds, but for the tags of runs.
func (r *rig) dump() string { return runTag.ReplaceAllString(string(r.account.Dump()), "") }

// spec writes a spec into the working directory.
func (r *rig) spec(name, text string) string {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return name
}
