package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ssmctl": main})
}

// Every user-visible behaviour is a script; `go test -update` rewrites the
// outputs that they hold.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       updating(),
		RequireUniqueNames:  true,
		RequireExplicitExec: false,
		Setup:               func(e *testscript.Env) error { return setup(e, "--sandbox") },
		Cmds:                commands,
	})
}

// What moto has too is shown on the sandbox here, and on moto in
// TestScriptsOnMoto.
func TestScriptsOnSandbox(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script/both",
		UpdateScripts:      updating(),
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			for i, id := range []string{"i-1234567890abcdef0", "i-0598c7d356eba48d7", "i-345678abcdef12345"} {
				e.Setenv(fmt.Sprintf("WEB%d", i+1), id)
			}
			return setup(e, "--sandbox")
		},
		Cmds:      commands,
		Condition: func(string) (bool, error) { return false, nil },
	})
}

func updating() bool { return os.Getenv("SSMCTL_UPDATE") != "" }

// setup gives a script a home of its own, the samples, and $ON: the flags that
// reach its account.
func setup(e *testscript.Env, on string) error {
	e.Setenv("ON", on)
	withProcesses(e)
	e.Setenv("HOME", e.WorkDir)
	for _, kv := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		e.Setenv(kv, filepath.Join(e.WorkDir, "no-"+strings.ToLower(kv)))
	}
	e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "XDG_STATE_HOME"} {
		e.Setenv(name, "") // programs that a script starts get what it sets of the names that are there
	}
	e.Setenv("NO_PROXY", "127.0.0.1")
	samples, err := filepath.Glob("../../samples/*.yaml")
	if err != nil {
		return err
	}
	dir := filepath.Join(e.WorkDir, "samples")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range samples {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
