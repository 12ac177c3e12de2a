//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package journal

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock takes the lock of an open file, or returns ErrBusy. Closing the file
// gives it back, and so does the kernel when the process ends.
func lock(f *os.File) (unlock func() error, err error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil, nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return nil, ErrBusy
		default:
			return nil, &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}
