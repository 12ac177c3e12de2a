package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

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
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var listen, id, region string
	var empty bool
	serve := &cobra.Command{
		Use:   "serve",
		Short: "Answer AWS requests on a loopback address",
		Long: `Serve answers AWS requests until it is interrupted. With --sandbox=FILE the account
is read from the file and kept there at the end; otherwise it is gone.

  ssmctl sandbox serve --listen 127.0.0.1:4566
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws iam list-users`,
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s := sandbox.New(sandbox.Options{Account: id, Region: region})
			if o.sandbox != "" {
				loaded, err := o.loadSandbox(id, region)
				if err != nil {
					return err
				}
				s = loaded
			} else {
				if !empty {
					s.SeedGuide()
				}
				if err := o.trouble(s); err != nil {
					return err
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			err := sandbox.Serve(ctx, listen, s, func(url string) {
				fmt.Fprintf(o.stdio.out, "The sandbox answers for account %s at\n  AWS_ENDPOINT_URL=%s\nAny credentials will do. Interrupt to stop.\n", s.Account(), url)
			})
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			if o.sandbox != "" {
				err = errors.Join(err, (&account{server: s, file: o.sandbox}).close())
			}
			return err
		},
	}
	serve.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 picks a free one")
	serve.Flags().StringVar(&id, "account", "123456789012", "id of the account")
	serve.Flags().StringVar(&region, "home-region", "us-east-1", "region of the instances it starts with")
	serve.Flags().BoolVar(&empty, "empty", false, "start with nothing in the account")
	cmd.AddCommand(serve)
	return cmd
}
