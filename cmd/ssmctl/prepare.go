package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spec"
)

// defaultSpec is read when no file is named.
const defaultSpec = "ssmctl.yaml"

// specFile returns the file to read: the argument, or -f.
func (o *options) specFile(args []string) (string, error) {
	switch {
	case len(args) > 0 && o.file != "" && args[0] != o.file:
		return "", usageError{fmt.Errorf("two specs were given, %s and --file %s", args[0], o.file)}
	case len(args) > 0:
		return args[0], nil
	case o.file != "":
		return o.file, nil
	}
	return defaultSpec, nil
}

// maxFile bounds what is read of a spec or a plan, in bytes.
const maxFile = 64 << 20

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && name == defaultSpec:
		return nil, fmt.Errorf("there is no %s here; name the spec, as in `ssmctl plan access.yaml`", defaultSpec)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", name)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s is larger than %d MiB", name, maxFile>>20)
	}
	return os.ReadFile(name)
}

// A prepared is a spec, planned against an account.
type prepared struct {
	loaded  *spec.Loaded
	account *account
	plan    *planner.Plan
	file    planner.File
}

// load reads and checks a spec, without AWS.
func (o *options) load(name string) (*spec.Loaded, []byte, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, nil, err
	}
	loaded, err := spec.Load(name, data, kind.Sections())
	if err != nil {
		return nil, nil, err
	}
	if refused := refusals(kind.Check(loaded.Desired), loaded.Desired); refused != nil {
		return nil, nil, invalidError{refused}
	}
	return loaded, data, nil
}

// An invalidError is a spec that breaks a rule of AWS's as a whole.
type invalidError struct{ planner.Refused }

// prepare reads the spec, reaches the account that it names, and plans.
func (o *options) prepare(ctx context.Context, name string, destroy bool) (*prepared, error) {
	loaded, data, err := o.load(name)
	if err != nil {
		return nil, err
	}
	p := &prepared{loaded: loaded}
	p.account, err = o.open(ctx, loaded.Spec.Account, loaded.Spec.Region)
	if err != nil {
		return nil, err
	}
	if caller := p.account.Caller; caller.Account != loaded.Spec.Account {
		return nil, refusedError{fmt.Errorf("the spec is for account %s, and the credentials are of account %s (%s)\nuse the right --profile, or correct `account:` in %s", loaded.Spec.Account, caller.Account, caller.ARN, name)}
	} else if caller.Partition != loaded.Spec.Partition {
		return nil, refusedError{fmt.Errorf("region %s is of partition %s, and the credentials are of %s", loaded.Spec.Region, loaded.Spec.Partition, caller.Partition)}
	}
	survey, err := p.account.Survey(ctx, loaded.Spec.Name, loaded.Desired)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	in := planner.Input{
		Desired: survey.Desired,
		Live:    survey.Live,
		Spec:    planner.Spec{Name: loaded.Spec.Name, File: name, SHA256: hex.EncodeToString(sum[:])},
		Environment: planner.Environment{
			Account: p.account.Caller.Account, Partition: p.account.Caller.Partition, Region: p.account.Region,
			Caller: p.account.Caller.ARN, Sandbox: p.account.server != nil,
		},
		Loss:    kind.Loss,
		Destroy: destroy,
	}
	if o.maxDeletesSet {
		in.MaxDeletes = &o.maxDeletes
	}
	var refused planner.Refused
	if !destroy {
		refused = refusals(survey.Refusals, survey.Desired)
	}
	p.plan, err = planner.Make(in)
	if more, ok := err.(planner.Refused); ok {
		refused, err = append(refused, more...), nil
	}
	if err != nil {
		return nil, err
	}
	if refused == nil {
		if refused, err = p.preflight(ctx, survey.Desired); err != nil {
			return nil, err
		}
	}
	if refused != nil {
		return nil, refused
	}
	for _, n := range survey.Notes {
		note := planner.Note{Resource: n.ID, Text: n.Text}
		if at, ok := survey.Desired.Source[n.ID]; ok {
			note.Source = &at
		}
		p.plan.Notes = append(p.plan.Notes, note)
	}
	p.file, err = p.plan.File(version())
	return p, err
}

// preflight asks AWS about what the plan would do.
func (p *prepared) preflight(ctx context.Context, d *resource.Desired) (planner.Refused, error) {
	changes := make([]resource.Change, len(p.plan.Steps))
	for i, s := range p.plan.Steps {
		changes[i] = s.Change
	}
	found, err := p.account.Preflight(ctx, changes)
	return refusals(found, d), err
}

// refusals gives reasons of package kind the place in the spec that they come
// from.
func refusals(found []kind.Refusal, d *resource.Desired) planner.Refused {
	var all planner.Refused
	for _, r := range found {
		refusal := planner.Refusal{ID: r.ID, Text: r.Text, Help: r.Help, Code: planner.CodeImpossible}
		if at, ok := d.Source[r.ID]; ok {
			refusal.Position = &at
		}
		all = append(all, refusal)
	}
	return all
}

// isPlan reports whether data is a saved plan rather than a spec.
func isPlan(data []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }

// decodePlan reads a saved plan.
func decodePlan(name string, data []byte) (planner.File, error) {
	f, err := planner.Decode(data)
	if err != nil {
		return f, refusedError{fmt.Errorf("%s: %w\na plan is what `ssmctl plan --out FILE` saves; make it anew", name, err)}
	}
	return f, nil
}

// where names the account for a question.
func (p *prepared) where() string {
	e := p.file.Environment
	s := "account " + e.Account
	if e.Sandbox {
		s = "the sandbox"
	}
	return strings.TrimSpace(s + " " + e.Region)
}
