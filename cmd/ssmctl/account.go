package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/sandbox"
)

// defaultSandbox is where --sandbox without a file keeps the account.
const defaultSandbox = ".ssmctl/sandbox.json"

// An account is what a command works on: AWS, or the sandbox in this process.
type account struct {
	*kind.Session
	server *sandbox.Server // nil for AWS
	file   string          // of the sandbox
}

// open reaches the account. A sandbox that is not there yet is made, with what
// the guide's example needs, under the id that the spec names.
func (o *options) open(ctx context.Context, id, region string) (*account, error) {
	log, err := o.logger()
	if err != nil {
		return nil, err
	}
	target := kind.Target{Region: region, Profile: o.profile, EndpointURL: o.endpointURL, Log: log}
	a := &account{file: o.sandbox}
	if o.sandbox != "" {
		if a.server, err = o.loadSandbox(id, region); err != nil {
			return nil, err
		}
		target.HTTPClient = a.server.Client()
	} else if len(o.sandboxFail) > 0 || o.sandboxLatency != "" || o.sandboxPropagation != 0 {
		return nil, usageError{errors.New("--sandbox-fail, --sandbox-latency and --sandbox-propagation go with --sandbox")}
	}
	a.Session, err = kind.Connect(ctx, target)
	return a, err
}

func (o *options) loadSandbox(id, region string) (*sandbox.Server, error) {
	if o.endpointURL != "" || o.profile != "" {
		return nil, usageError{errors.New("--sandbox is an account of its own: it goes with neither --endpoint-url nor --profile")}
	}
	text, err := os.ReadFile(o.sandbox)
	var s *sandbox.Server
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s = sandbox.New(sandbox.Options{Account: id, Region: region})
		s.SeedGuide()
	case err != nil:
		return nil, err
	default:
		if s, err = sandbox.Load(bytes.NewReader(text)); err != nil {
			return nil, fmt.Errorf("%s: %w\nremove the file to start with a new sandbox", o.sandbox, err)
		}
	}
	return s, o.trouble(s)
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
	if o.sandboxLatency != "" {
		d, err := time.ParseDuration(o.sandboxLatency)
		if err != nil || d < 0 {
			return usageError{fmt.Errorf("--sandbox-latency %q: give a duration such as 50ms", o.sandboxLatency)}
		}
		s.SetLatency(d)
	}
	if o.sandboxPropagation > 0 {
		s.SetPropagation(o.sandboxPropagation)
	}
	return nil
}

// close keeps the sandbox for the next command. It does nothing for AWS.
func (a *account) close() error {
	if a.server == nil {
		return nil
	}
	var text bytes.Buffer
	if err := a.server.Save(&text); err != nil {
		return err
	}
	return replaceFile(a.file, text.Bytes())
}

// replaceFile writes a private file whole or not at all.
func replaceFile(name string, text []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return nil
	}
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(text); err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
