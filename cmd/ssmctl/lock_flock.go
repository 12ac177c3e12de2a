//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// lock takes the lock of that name and returns what gives it back. If somebody
// has it the error is a *heldError. The kernel gives it back when the process
// ends, however that happens.
func lock(name string) (unlock func(), err error) {
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, &heldError{pid: holder(name)}
			}
			return nil, &os.PathError{Op: "lock", Path: name, Err: err}
		}
		// Whoever held it may have removed the file since it was opened.
		mine, err := f.Stat()
		there, statErr := os.Stat(name)
		if err != nil || statErr != nil || !os.SameFile(mine, there) {
			f.Close()
			continue
		}
		if err := sign(f); err != nil {
			f.Close()
			return nil, err
		}
		return sync.OnceFunc(func() {
			os.Remove(name)
			f.Close()
		}), nil
	}
}
