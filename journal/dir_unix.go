//go:build unix

package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner refuses a file that somebody else could have written.
func checkOwner(path string, info fs.FileInfo) error {
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to the user with id %d, and you are %d: go on as that user, or, if you trust what is in it, make it yours (chown)", path, s.Uid, os.Geteuid())
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%s can be written by others (its mode is %#o): make sure that nobody did, then `chmod 600` it", path, mode)
	}
	return nil
}

// syncDir makes the entries of an open directory durable, and closes it.
func syncDir(f *os.File, err error) error {
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // some network file systems have it that way, and keep entries by themselves
	}
	return err
}
