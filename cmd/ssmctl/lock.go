package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A heldError says that another process holds a lock.
type heldError struct {
	pid    string // "" if it has not said
	remedy string // where a lock may outlive its process
}

func (e *heldError) Error() string {
	if e.pid == "" {
		return "another process" + e.remedy
	}
	return "process " + e.pid + e.remedy
}

// holder returns the process that a lock file names.
func holder(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	pid := strings.TrimSpace(string(text))
	if _, err := strconv.Atoi(pid); err != nil {
		return ""
	}
	return pid
}

// sign writes into a lock file whose it is.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}
