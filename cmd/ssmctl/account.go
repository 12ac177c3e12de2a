package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/sandbox"
)

// defaultSandbox is where --sandbox without a file keeps the account.
const defaultSandbox = ".ssmctl/sandbox.json"

// open reaches the account: AWS, or the sandbox in this process. A sandbox that
// is not there yet is made, with what the guide's example needs, under the id
// that the spec names.
func (o *options) open(ctx context.Context, id, region string) (*kind.Session, error) {
	log, err := o.logger()
	if err != nil {
		return nil, err
	}
	target := kind.Target{Region: region, Profile: o.profile, EndpointURL: o.endpointURL, Log: log}
	if o.sandbox != "" {
		if o.kept, err = openSandbox(o.sandbox, sandbox.Options{Account: id, Region: region}, (*sandbox.Server).SeedGuide); err != nil {
			return nil, err
		}
		if err := o.trouble(o.kept.Server); err != nil {
			return nil, err
		}
		target.HTTPClient = o.kept.Client()
	}
	session, err := kind.Connect(ctx, target)
	if err != nil {
		return nil, err
	}
	// A run is named before it is planned: what it makes carries its name, and
	// whether the caller may write that is checked with the plan.
	o.runID = journal.NewRun(time.Now(), rand.Reader)
	session.Begin(o.runID)
	return session, nil
}

// trouble makes a sandbox misbehave as the flags say.
func (o *options) trouble(s *sandbox.Server) error {
	for _, text := range o.sandboxFail {
		fault, err := sandbox.ParseFault(text)
		if err != nil {
			return usageError{err}
		}
		s.Inject(fault)
	}
	s.SetLatency(o.sandboxLatency)
	s.SetPropagation(o.sandboxPropagation)
	return nil
}

// A keptSandbox is a sandbox and the file that keeps it between commands,
// which is this process's alone until it is released. Nil is no sandbox.
type keptSandbox struct {
	*sandbox.Server
	file   string
	isNew  bool
	unlock func()
}

// openSandbox loads the sandbox in a file or, if there is none, makes one and
// seeds it.
func openSandbox(file string, fresh sandbox.Options, seed func(*sandbox.Server)) (*keptSandbox, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	unlock, err := lock(file + ".lock")
	if held, ok := errors.AsType[*heldError](err); ok {
		return nil, refusedError{fmt.Errorf("the sandbox %s is in use by %w\nwait until it has ended, or use another file with --sandbox=FILE; a sandbox that `sandbox serve` serves is reached with --endpoint-url", file, held)}
	} else if err != nil {
		return nil, err
	}
	k := &keptSandbox{file: file, unlock: unlock}
	if err := k.load(fresh, seed); err != nil {
		k.release()
		return nil, err
	}
	return k, nil
}

func (k *keptSandbox) load(fresh sandbox.Options, seed func(*sandbox.Server)) error {
	text, err := readFile(k.file)
	if errors.Is(err, fs.ErrNotExist) {
		k.Server, k.isNew = sandbox.New(fresh), true
		seed(k.Server)
		return nil
	}
	if err != nil {
		return fmt.Errorf("the sandbox: %w", err)
	}
	if k.Server, err = sandbox.Load(bytes.NewReader(text)); err != nil {
		return fmt.Errorf("%s: %w", k.file, err)
	}
	return nil
}

// save keeps the sandbox for the next command.
func (k *keptSandbox) save() error {
	if k == nil {
		return nil
	}
	var text bytes.Buffer
	if err := k.Save(&text); err != nil {
		return err
	}
	return replaceFile(k.file, text.Bytes())
}

// stop lets nothing be done in the sandbox any more.
func (k *keptSandbox) stop() {
	if k != nil {
		k.Stop()
	}
}

// release lets other processes have the file. It may be called more than once.
func (k *keptSandbox) release() {
	if k != nil && k.unlock != nil {
		k.unlock()
	}
}

// isSandbox reports whether data is what a keptSandbox saves.
func isSandbox(data []byte) bool {
	return bytes.HasPrefix(data, []byte("{\n \"format\": \"ssmctl sandbox\""))
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// again returns the command line that reaches the same account with another
// command and its arguments, to be typed into a shell.
func (o *options) again(command string, args ...string) string {
	words := []string{"ssmctl", command}
	for _, f := range []struct{ flag, value string }{
		{"--sandbox", o.sandbox}, {"--profile", o.profile}, {"--endpoint-url", o.endpointURL}, {"--state-dir", o.stateDir},
	} {
		switch {
		case f.value == "":
		case f.flag == "--sandbox" && f.value == defaultSandbox:
			words = append(words, f.flag)
		default:
			words = append(words, f.flag+"="+f.value)
		}
	}
	words = append(words, args...)
	for i, w := range words {
		if !plainWord.MatchString(w) {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
