//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

import (
	"errors"
	"io/fs"
	"os"
	"sync"
)

// lock takes the lock of that name and returns what gives it back. If somebody
// has it the error is a *heldError. A process that is killed leaves it behind.
func lock(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, &heldError{pid: holder(name), remedy: " (if that has ended, remove " + name + ")"}
	}
	if err != nil {
		return nil, err
	}
	if err := errors.Join(sign(f), f.Close()); err != nil {
		os.Remove(name)
		return nil, err
	}
	return sync.OnceFunc(func() { os.Remove(name) }), nil
}
