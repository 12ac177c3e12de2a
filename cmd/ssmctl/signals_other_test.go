//go:build !unix

package main

import (
	"os"
	"syscall"
)

// signals are what scripts may send.
var signals = map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": os.Kill}
