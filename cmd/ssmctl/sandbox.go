package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/sandbox"
)

func sandboxCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "The built-in AWS stand-in",
		Long: `The sandbox is an AWS stand-in with IAM, EC2, SSM, STS and tagging. It enforces
what they enforce. Any command uses it with --sandbox; ` + "`sandbox serve`" + ` lets the AWS
CLI and other tools use it too.`,
		Example: "  ssmctl sandbox serve",
		Args:    oneOfCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(serveCommand(o))
	return cmd
}

// serving is what `sandbox serve` was told beside the options of all commands.
type serving struct {
	listen, account, region string
	empty                   bool
}

func serveCommand(o *options) *cobra.Command {
	var s serving
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer AWS requests on a loopback address",
		Long: `Serve answers AWS requests until it is interrupted. With --sandbox=FILE the account
is read from the file and kept there at the end; otherwise it is gone.
` + exitStatus(exitDone, exitError, exitRefused, exitUsage),
		Example: `  ssmctl sandbox serve --listen 127.0.0.1:4566
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws iam list-users
  ssmctl plan --endpoint-url http://127.0.0.1:4566 access.yaml`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(); err != nil {
				return err
			}
			if err := o.checkSandboxFlags(); err != nil {
				return err
			}
			server, err := o.serveWhat(cmd, s)
			if err != nil {
				return err
			}
			if err := o.trouble(server); err != nil {
				return err
			}
			return o.serve(cmd.Context(), s.listen, server)
		},
	}
	o.sandboxFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 picks a free one")
	f.StringVar(&s.account, "account", "123456789012", "`id` of a new account")
	f.StringVar(&s.region, "region", "us-east-1", "`region` of the instances that a new account starts with")
	f.BoolVar(&s.empty, "empty", false, "start a new account with nothing in it")
	f.BoolVar(&o.json, "json", false, "print the address as JSON")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	return cmd
}

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$`)
)

func (s serving) check() error {
	switch {
	case !accountID.MatchString(s.account):
		return usageError{fmt.Errorf("--account %q: give the 12 digits of an account", s.account)}
	case !regionName.MatchString(s.region):
		return usageError{fmt.Errorf("--region %q: give a region such as us-east-1", s.region)}
	}
	return nil
}

// serveWhat returns the account to serve. What is said of a new one must not
// be said of one that is there.
func (o *options) serveWhat(cmd *cobra.Command, s serving) (*sandbox.Server, error) {
	fresh := sandbox.Options{Account: s.account, Region: s.region}
	seed := (*sandbox.Server).SeedGuide
	if s.empty {
		seed = func(*sandbox.Server) {}
	}
	if o.sandbox == "" {
		server := sandbox.New(fresh)
		seed(server)
		return server, nil
	}
	kept, err := openSandbox(o.sandbox, fresh, seed)
	if err != nil {
		return nil, err
	}
	o.kept = kept
	for _, f := range []struct{ flag, has, wanted string }{
		{"account", kept.Account(), s.account},
		{"region", kept.Region(), s.region},
		{"empty", "", ""},
	} {
		if !kept.isNew && cmd.Flags().Changed(f.flag) && (f.flag == "empty" || f.has != f.wanted) {
			return nil, refusedError{fmt.Errorf("--%s is for a new sandbox, and %s is there already: account %s, region %s\ndrop the flag, or name another file", f.flag, kept.file, kept.Account(), kept.Region())}
		}
	}
	return kept.Server, nil
}

// serve answers until ctx ends, then keeps what there is to keep.
func (o *options) serve(ctx context.Context, listen string, server *sandbox.Server) error {
	var shown error
	err := sandbox.Serve(ctx, listen, server, func(url string) { shown = o.showServing(server, url) })
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(shown, o.kept.save())
}

func (o *options) showServing(s *sandbox.Server, url string) error {
	if o.json {
		return printJSON(o.stdio.out, map[string]string{"account": s.Account(), "region": s.Region(), "endpoint_url": url})
	}
	_, err := fmt.Fprintf(o.stdio.out, "The sandbox answers for account %s at\n  AWS_ENDPOINT_URL=%s\nAny credentials will do. Interrupt to stop.\n", s.Account(), url)
	return err
}
