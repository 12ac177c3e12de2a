//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lock makes a file beside an open one, or returns ErrBusy if there is one. A
// process that is killed leaves it behind.
func lock(f *os.File) (unlock func() error, err error) {
	name := f.Name() + ".lock"
	l, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w (if that has ended, remove %s)", ErrBusy, name)
	}
	if err != nil {
		return nil, err
	}
	return func() error { return os.Remove(name) }, l.Close()
}
