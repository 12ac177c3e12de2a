package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spec"
)

// A prepared is a spec, planned against an account.
type prepared struct {
	account *kind.Session
	plan    *planner.Plan
	file    planner.File
}

// load reads and checks a spec, without AWS.
func (o *options) load(name string) (*spec.Loaded, []byte, error) {
	data, err := o.read(name)
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
	if region := loaded.Spec.Region; o.region != "" && o.region != region {
		return nil, nil, refusedError{fmt.Errorf("%s is for region %s, and --region says %s\ndrop --region, or use the spec for that region", name, region, o.region)}
	}
	return loaded, data, nil
}

// checkAccount refuses an account that is not the spec's.
func (o *options) checkAccount(file, account, region, partition string, caller kind.Caller) error {
	switch {
	case caller.Account != account && o.kept != nil:
		return refusedError{fmt.Errorf("the spec is for account %s, and the sandbox %s is account %s\nuse another sandbox with --sandbox=FILE, or correct `account:` in %s", account, o.kept.file, caller.Account, file)}
	case caller.Account != account:
		return refusedError{fmt.Errorf("the spec is for account %s, and the credentials are of account %s (%s)\nuse the right --profile, or correct `account:` in %s", account, caller.Account, caller.ARN, file)}
	case caller.Partition != partition:
		return refusedError{fmt.Errorf("region %s is of partition %s, and the credentials are of %s", region, partition, caller.Partition)}
	}
	return nil
}

// prepare reads the spec, reaches the account that it names, and plans.
func (o *options) prepare(ctx context.Context, name string, destroy bool) (*prepared, error) {
	loaded, data, err := o.load(name)
	if err != nil {
		return nil, err
	}
	p := &prepared{}
	if p.account, err = o.open(ctx, loaded.Spec.Account, loaded.Spec.Region); err != nil {
		return nil, err
	}
	if err := o.checkAccount(name, loaded.Spec.Account, loaded.Spec.Region, loaded.Spec.Partition, p.account.Caller); err != nil {
		return nil, err
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
			Caller: p.account.Caller.ARN, Sandbox: o.kept != nil,
		},
		Loss:       kind.Loss,
		Destroy:    destroy,
		MaxDeletes: o.maxDeletes.limit,
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

// where names the account for a question.
func (p *prepared) where() string {
	e := p.file.Environment
	s := "account " + e.Account
	if e.Sandbox {
		s = "the sandbox"
	}
	return strings.TrimSpace(s + " " + e.Region)
}
