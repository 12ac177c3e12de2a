package main

import (
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
)

// options are the flags, those of all commands together.
type options struct {
	stdio

	file        string
	region      string
	profile     string
	endpointURL string
	noColor     bool
	logLevel    string

	sandbox            string // file; "" when the account is real
	sandboxFail        []string
	sandboxLatency     string
	sandboxPropagation int

	json             bool
	full             bool
	out              string
	detailedExitcode bool
	maxDeletes       int
	maxDeletesSet    bool

	autoApprove        bool
	parallelism        int
	onFailure          string
	acceptIrreversible int
}

const about = `ssmctl manages access to AWS Systems Manager from a YAML spec in git.

A plan says what differs between the spec and the live account. An apply makes
it so, in dependency order; if anything fails it puts the account back as it
was and proves it by reading it again. There is no state file.

Try it without an AWS account:

  ssmctl plan --sandbox samples/guide.yaml
  ssmctl apply --sandbox samples/guide.yaml`

const exitStatus = `
Exit status:
  0    done, or no difference
  1    error, nothing changed
  2    plan --detailed-exitcode: there are changes
  3    the spec is invalid
  4    refused, nothing changed: not approved, stale, or guarded
  5    apply failed; everything was undone and checked
  6    apply failed or was stopped; the account is not as it was
  64   wrong usage
  130  interrupted before the first change`

func rootCommand(o *options) *cobra.Command {
	root := &cobra.Command{
		Use:           "ssmctl",
		Short:         "Access to AWS Systems Manager, from a spec",
		Long:          about + "\n" + exitStatus,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err) })
	f := root.PersistentFlags()
	f.StringVarP(&o.file, "file", "f", "", "the spec (default ssmctl.yaml)")
	f.StringVar(&o.region, "region", "", "AWS region, for a spec that names none")
	f.StringVar(&o.profile, "profile", "", "profile of the shared AWS configuration")
	f.StringVar(&o.endpointURL, "endpoint-url", "", "send all AWS requests there")
	f.BoolVar(&o.noColor, "no-color", false, "no colours, as with NO_COLOR set")
	f.StringVar(&o.logLevel, "log-level", "warn", "what to log to standard error: trace, debug, info, warn, error or off")
	f.StringVar(&o.sandbox, "sandbox", "", "use the built-in AWS stand-in, kept in a `file` between commands")
	f.Lookup("sandbox").NoOptDefVal = defaultSandbox
	f.StringArrayVar(&o.sandboxFail, "sandbox-fail", nil, "make the sandbox fail a `call`, such as ec2:AssociateIamInstanceProfile[:N][=CODE]; CODE is an AWS error code or drop, drop-before, truncate, 500, throttle")
	f.StringVar(&o.sandboxLatency, "sandbox-latency", "", "make each request to the sandbox take a `duration`, such as 50ms")
	f.IntVar(&o.sandboxPropagation, "sandbox-propagation", 0, "hide what was just made from the next `n` requests that ask for it")
	root.AddCommand(validateCommand(o), planCommand(o), applyCommand(o), destroyCommand(o), showCommand(o), sandboxCommand(o), versionCommand(o))
	root.CompletionOptions.HiddenDefaultCmd = false
	return root
}

// A usageError is a command line that cannot be understood.
type usageError struct{ error }

func usage(cmd *cobra.Command, err error) error {
	return usageError{fmt.Errorf("%w\n`%s --help` shows what can be given", err, cmd.CommandPath())}
}

// args checks the number of arguments as usage.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return usage(cmd, err)
		}
		return nil
	}
}

var longFlag = regexp.MustCompile(`^-[a-zA-Z][a-zA-Z-]+(=|$)`)

// doubleDashes lets long flags be given with one dash, as Terraform has them:
// pflag would take -out for -o and -u and -t.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if a == "--" {
			copy(out[i:], args[i:])
			break
		}
		if longFlag.MatchString(a) {
			a = "-" + a
		}
		out[i] = a
	}
	return out
}

// logger logs to standard error.
func (o *options) logger() (hclog.Logger, error) {
	level := hclog.LevelFromString(o.logLevel)
	if level == hclog.NoLevel {
		return nil, usageError{fmt.Errorf("--log-level %q: give trace, debug, info, warn, error or off", o.logLevel)}
	}
	return hclog.New(&hclog.LoggerOptions{Name: "ssmctl", Level: level, Output: escaping{o.err}}), nil
}

// version says which build this is.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

func versionCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if o.json {
				_, err := fmt.Fprintf(o.stdio.out, "{\"ssmctl_version\":%q}\n", version())
				return err
			}
			_, err := fmt.Fprintln(o.stdio.out, "ssmctl", version())
			return err
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// errors.Is targets of more than one command.
var errDifferent = errors.New("there are changes")
