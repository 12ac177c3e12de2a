// Ssmctl manages access to AWS Systems Manager from a YAML spec: it plans what
// differs between the spec and the live account, applies that in dependency
// order, and puts the account back if anything fails.
//
// This package is wiring: flags, signals, exit codes, and who is handed what.
// What a command does is in the packages it calls.
package main

import (
	"context"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], stdio{in: os.Stdin, out: &stream{file: os.Stdout}, err: &stream{file: os.Stderr}}))
}

// stdio is where a command reads and writes. Results go to out and everything
// else to err.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// run carries out one command and returns the process's exit status.
func run(args []string, io stdio) int {
	o := &options{stdio: io}
	ctx, release := o.interruptible(context.Background())
	defer release()
	root := rootCommand(o)
	root.SetArgs(doubleDashes(args))
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	err := misplaced(args, root.ExecuteContext(ctx))
	if ctx.Err() != nil {
		err = interrupted(err)
	}
	o.kept.release()
	return o.report(err)
}
