package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds how long a script waits for a process that hangs.
const patience = time.Minute

// A process is a program that runs beside a script.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// processes are those that one script has started.
type processes struct {
	byName map[string]*process
	env    *testscript.Env
}

// withProcesses gives a script processes of its own, which end with it.
func withProcesses(e *testscript.Env) {
	all := &processes{map[string]*process{}, e}
	e.Values["processes"] = all
	e.Defer(func() {
		for _, p := range all.byName {
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	})
}

func started(ts *testscript.TestScript, name string) *process {
	p := ts.Value("processes").(*processes).byName[name]
	if p == nil {
		ts.Fatalf("no process %s was started", name)
	}
	return p
}

// startProcess is start NAME PROGRAM ARGS..., which runs a program beside the
// script; what it writes goes to NAME.out and NAME.err.
func startProcess(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME PROGRAM ARGS...")
	}
	cmd := &exec.Cmd{Path: program(ts, args[1]), Args: args[1:], Dir: ts.MkAbs(".")}
	all := ts.Value("processes").(*processes)
	for _, kv := range all.env.Vars {
		name, _, _ := strings.Cut(kv, "=")
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var err error
	var files [2]*os.File
	for i, suffix := range []string{".out", ".err"} {
		files[i], err = os.Create(ts.MkAbs(args[0] + suffix))
		ts.Check(err)
	}
	cmd.Stdout, cmd.Stderr = files[0], files[1]
	defaultSignals()
	ts.Check(cmd.Start())
	p := &process{cmd, make(chan struct{})}
	all.byName[args[0]] = p
	go func() {
		_ = cmd.Wait() // how it ended is asked of cmd.ProcessState
		files[0].Close()
		files[1].Close()
		close(p.ended)
	}()
}

// defaultSignals lets programs heed signals even where whoever runs the tests
// ignores them, as nohup and the background jobs of a shell do: a program
// inherits that, but not a handler.
var defaultSignals = sync.OnceFunc(func() {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
})

// awaitText is await FILE REGEXP [VAR], which waits until a file matches, and
// sets VAR to what the first group does.
func awaitText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await FILE REGEXP [VAR]")
	}
	want := regexp.MustCompile("(?m)" + args[1])
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(patience); ; <-tick.C {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if m := want.FindSubmatch(text); err == nil && m != nil {
			if len(args) > 2 {
				ts.Setenv(args[2], string(m[1]))
			}
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("%s does not match %q after %s:\n%s", args[0], args[1], patience, text)
		}
	}
}

// signalProcess is signal NAME SIGNAL, which sends a signal to a process.
func signalProcess(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal NAME INT|TERM|HUP|KILL|STOP|CONT")
	}
	s, ok := signals[args[1]]
	if !ok {
		ts.Fatalf("unknown signal %s", args[1])
	}
	ts.Check(started(ts, args[0]).cmd.Process.Signal(s))
}

// processEnded is ended NAME STATUS, which waits for a process and checks its
// exit status, "killed" if a signal ended it.
func processEnded(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended NAME STATUS")
	}
	p := started(ts, args[0])
	select {
	case <-p.ended:
	case <-time.After(patience):
		ts.Fatalf("%s has not ended after %s", args[0], patience)
	}
	got := strconv.Itoa(p.cmd.ProcessState.ExitCode())
	if got == "-1" {
		got = "killed"
	}
	if got != args[1] {
		ts.Fatalf("exit status %s, want %s\n%s", got, args[1], ts.ReadFile(args[0]+".err"))
	}
}

// program finds a program as the script would.
func program(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	ts.Check(fmt.Errorf("%s: %w", name, errors.New("not in PATH")))
	return ""
}
