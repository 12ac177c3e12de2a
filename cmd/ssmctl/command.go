package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
)

// options are the flags, those of all commands together, and what the command
// that runs has opened.
type options struct {
	stdio
	stop stop
	kept *keptSandbox // nil for AWS

	file        string
	region      string
	profile     string
	endpointURL string
	noColor     bool
	logLevel    string

	sandbox            string // file; "" when the account is real
	sandboxFail        []string
	sandboxLatency     time.Duration
	sandboxPropagation int

	json             bool
	full             bool
	out              string
	detailedExitcode bool
	maxDeletes       deletions

	live        bool
	planned     bool
	csv         bool
	of          string
	givenKeys   []string
	failOn      string
	trust       bool
	noNewAccess bool

	autoApprove        bool
	parallelism        int
	onFailure          string
	acceptIrreversible int
	allowTransient     []string

	runID       string // of the run that the session is for
	stateDir    string
	noLock      bool
	lockTimeout time.Duration
	settle      time.Duration

	finish      bool
	undo        bool
	lost        string
	permissions bool
	anyCaller   bool // plan whatever the caller may do
}

const about = `ssmctl manages access to AWS Systems Manager from a YAML spec in git.

A plan says what differs between the spec and the live account. An apply makes
it so, in dependency order; if anything fails it puts the account back as it
was and proves it by reading it again. There is no state file.

Results go to standard output, everything else to standard error.`

func rootCommand(o *options) *cobra.Command {
	root := &cobra.Command{
		Use:   "ssmctl",
		Short: "Access to AWS Systems Manager, from a spec",
		Long:  about,
		Example: `  ssmctl validate access.yaml
  ssmctl plan access.yaml
  ssmctl apply access.yaml

Without an AWS account, on the built-in stand-in:
  ssmctl apply --sandbox samples/guide.yaml`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          oneOfCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("ssmctl {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().BoolVar(&o.noColor, "no-color", false, "no colours, as with NO_COLOR set")
	root.AddCommand(
		validateCommand(o), planCommand(o), applyCommand(o), destroyCommand(o), showCommand(o),
		runsCommand(o), recoverCommand(o), rollbackCommand(o), unlockCommand(o), doctorCommand(o),
		accessCommand(o), canCommand(o), whoCanCommand(o), lintCommand(o), explainCommand(o),
		sandboxCommand(o), versionCommand(o),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args = oneOfCommands
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() } // else arguments are not checked
		case "help":
			cmd.Args = helpTopic
		}
	}
	return root
}

// specFlags are those of commands that read a spec.
func (o *options) specFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&o.file, "file", "f", "", "the `spec`; - is standard input (default "+defaultSpec+")")
	f.StringVar(&o.region, "region", "", "AWS `region`, which must be the one that the spec names")
	cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt)
}

// accountFlags are those of commands that reach an account.
func (o *options) accountFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.profile, "profile", "", "`profile` of the shared AWS configuration")
	f.StringVar(&o.endpointURL, "endpoint-url", "", "send all AWS requests to that `url`")
	f.StringVar(&o.logLevel, "log-level", "warn", "the least `level` to log to standard error: debug (each writing call), info, warn, error or off")
	complete(cmd, "log-level", "debug", "info", "warn", "error", "off")
	o.sandboxFlags(cmd)
}

// sandboxFlags are those of commands that may open a sandbox.
func (o *options) sandboxFlags(cmd *cobra.Command) {
	o.sandboxFile(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.sandboxFail, "sandbox-fail", nil, "make the sandbox fail a `call`, such as ec2:AssociateIamInstanceProfile[:N][=CODE]; CODE is an AWS error code or drop, drop-before, hang, truncate, 500, throttle")
	f.DurationVar(&o.sandboxLatency, "sandbox-latency", 0, "make each request to the sandbox take a `duration`, such as 50ms")
	f.IntVar(&o.sandboxPropagation, "sandbox-propagation", 0, "hide what was just made from the next `n` requests that ask for it")
}

// sandboxFile is the flag that names a sandbox.
func (o *options) sandboxFile(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.sandbox, "sandbox", "", "use the built-in AWS stand-in, kept in a `file` between commands")
	f.Lookup("sandbox").NoOptDefVal = defaultSandbox
}

// lockFlags are those of commands that change an account.
func (o *options) lockFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	o.stateFlags(cmd)
	f.BoolVar(&o.noLock, "no-lock", false, "go without the lock that keeps two runs of one spec apart")
	f.DurationVar(&o.lockTimeout, "lock-timeout", 0, "wait for so long while another run holds the lock")
	f.DurationVar(&o.settle, "settle", settling, "how long to let a change spread in AWS before a step that is only safe after it; the sandbox takes none")
}

// planFlags are those of commands that plan.
func (o *options) planFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.allowTransient, "allow-transient", nil, "accept that a `principal`, such as user/alice, may hold or lack a right for a moment that it neither holds nor lacks before and after")
	cmd.Flags().BoolVar(&o.noNewAccess, "no-new-access", false, "refuse a plan that gives anybody anything new")
	cmd.Flags().Var(&o.maxDeletes, "max-deletes", "refuse a plan that deletes more than `n` objects (default: more than 10 and than 30 %; for destroy and saved plans: no limit)")
}

// complete makes the shell offer the values of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
}

// checkAccountFlags refuses flags that would be without effect.
func (o *options) checkAccountFlags() error {
	switch {
	case o.sandbox == "" && (len(o.sandboxFail) > 0 || o.sandboxLatency != 0 || o.sandboxPropagation != 0):
		return usageError{errors.New("--sandbox-fail, --sandbox-latency and --sandbox-propagation go with --sandbox")}
	case o.sandbox != "" && (o.endpointURL != "" || o.profile != ""):
		return usageError{errors.New("--sandbox is an account of its own: it goes with neither --endpoint-url nor --profile")}
	}
	if _, err := o.level(); err != nil {
		return err
	}
	return o.checkSandboxFlags()
}

func (o *options) checkSandboxFlags() error {
	switch {
	case o.sandboxLatency < 0:
		return usageError{fmt.Errorf("--sandbox-latency %s: give a duration such as 50ms", o.sandboxLatency)}
	case o.sandboxPropagation < 0:
		return usageError{fmt.Errorf("--sandbox-propagation %d: give a number from 0", o.sandboxPropagation)}
	}
	return nil
}

func (o *options) level() (hclog.Level, error) {
	level := hclog.LevelFromString(o.logLevel)
	if level == hclog.NoLevel || level == hclog.Trace { // nothing is logged at trace that is not at debug
		return level, usageError{fmt.Errorf("--log-level %q: give debug, info, warn, error or off", o.logLevel)}
	}
	return level, nil
}

// logger logs to standard error.
func (o *options) logger() (hclog.Logger, error) {
	level, err := o.level()
	if err != nil {
		return nil, err
	}
	return hclog.New(&hclog.LoggerOptions{Name: "ssmctl", Level: level, Output: escaping{o.err}}), nil
}
