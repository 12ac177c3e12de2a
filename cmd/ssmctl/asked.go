package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/view"
)

// An asked is an account's access, to be asked about.
type asked struct {
	*access.Account
	of     string      // "access.yaml", "account 123456789012 us-east-1", ...
	loaded *loadedSpec // nil if there is no spec
}

// sandboxRegion is where a sandbox is that no spec gives a region.
const sandboxRegion = "us-east-1"

// askFlags are those of commands that ask about access: by the spec alone, in
// the live account, or in the account as the plan leaves it.
func (o *options) askFlags(cmd *cobra.Command) {
	o.specFlags(cmd)
	o.accountFlags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.live, "live", false, "ask about the account as it is, rather than about the spec by itself")
	f.BoolVar(&o.planned, "planned", false, "ask about the account as applying the spec would leave it")
	f.BoolVar(&o.json, "json", false, "print the answer as JSON")
}

// ask returns the access that the flags say to ask about. Name is the spec;
// with --live there need be none.
func (o *options) ask(ctx context.Context, name string) (*asked, error) {
	if err := o.checkAskFlags(); err != nil {
		return nil, err
	}
	switch {
	case o.planned:
		p, err := o.prepare(ctx, name, false)
		if err != nil {
			return nil, err
		}
		if err := o.kept.save(); err != nil {
			return nil, err
		}
		return &asked{p.survey.Access(p.changes()), p.where() + ", with " + name + " applied", p.loaded}, nil
	case o.live:
		return o.askLive(ctx, name)
	}
	loaded, err := o.load(name)
	if err != nil {
		return nil, err
	}
	return &asked{loaded.declared, name + " by itself", loaded}, nil
}

func (o *options) checkAskFlags() error {
	switch {
	case o.live && o.planned:
		return usageError{errors.New("--live is the account as it is, --planned as it would be: give one of them")}
	case !o.live && !o.planned && (o.sandbox != "" || o.profile != "" || o.endpointURL != ""):
		return usageError{errors.New("--sandbox, --profile and --endpoint-url say which account to ask: add --live or --planned")}
	}
	return o.checkAccountFlags()
}

// askLive reads an account: that of the spec, or without one that of the
// credentials.
func (o *options) askLive(ctx context.Context, name string) (*asked, error) {
	_, err := os.Stat(name)
	var loaded *loadedSpec
	owner, account, region := "", "", o.region
	desired := &resource.Desired{State: &resource.State{}}
	if name != defaultSpec || !errors.Is(err, fs.ErrNotExist) {
		if loaded, err = o.load(name); err != nil {
			return nil, err
		}
		owner, account, region, desired = loaded.Spec.Name, loaded.Spec.Account, loaded.Spec.Region, loaded.Desired
	}
	if region == "" && o.sandbox != "" {
		region = sandboxRegion
	}
	session, err := o.open(ctx, account, region)
	if err != nil {
		return nil, err
	}
	if loaded != nil {
		if err := o.checkAccount(name, account, region, loaded.Spec.Partition, session.Caller); err != nil {
			return nil, err
		}
	}
	survey, err := session.Survey(ctx, owner, desired)
	if err != nil {
		return nil, err
	}
	if err := o.kept.save(); err != nil {
		return nil, err
	}
	for _, n := range notes(survey) {
		fmt.Fprintf(o.stdio.err, "%s\n", view.Escape(n.Text))
	}
	return &asked{survey.Access(nil), "account " + session.Caller.Account + " " + session.Region, loaded}, nil
}

// where turns what was asked about into what the account knows: an entry of
// the spec's instances stands for its nodes.
func (a *asked) where(on string) string {
	if a.loaded == nil {
		return on
	}
	ids, tags, ok := kind.NodesOf(a.loaded.Spec, on)
	if !ok {
		return on
	}
	var arns []string
	for _, n := range a.Nodes {
		if len(tags) > 0 && n.Carries(tags) || slices.Contains(ids, n.ID) {
			arns = append(arns, n.ARN)
		}
	}
	if len(arns) == 0 {
		return on // the question will say that there is no such node
	}
	return strings.Join(arns, ",")
}

// who reads an address such as user/alice.
func who(text string) (resource.ID, error) {
	var id resource.ID
	if err := id.UnmarshalText([]byte(text)); err != nil {
		return id, usageError{fmt.Errorf("%q is not a user or a role: write user/NAME or role/NAME", text)}
	}
	return id, nil
}

// given reads --given.
func (o *options) given() (policy.Context, error) {
	context := policy.Context{}
	for _, pair := range o.givenKeys {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, usageError{fmt.Errorf("--given %q: write KEY=VALUE, such as aws:MultiFactorAuthPresent=true", pair)}
		}
		context[key] = policy.One(value)
	}
	return context, nil
}

// question reads "ACTION [on WHAT] [with DOCUMENT]".
func (o *options) question(words []string, a *asked) (access.Question, error) {
	q := access.Question{Action: words[0]}
	for rest := words[1:]; len(rest) > 0; rest = rest[2:] {
		var to *string
		switch rest[0] {
		case "on":
			to = &q.On
		case "with":
			to = &q.With
		default:
			return q, usageError{fmt.Errorf("%q: after the action come `on WHAT` and `with DOCUMENT`", rest[0])}
		}
		if len(rest) == 1 {
			return q, usageError{fmt.Errorf("%q needs a word after it", rest[0])}
		}
		if *to != "" {
			return q, usageError{fmt.Errorf("%q is there twice", rest[0])}
		}
		*to = rest[1]
	}
	q.On = a.where(q.On)
	var err error
	q.Context, err = o.given()
	return q, err
}
