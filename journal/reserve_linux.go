package journal

import (
	"errors"
	"os"
	"syscall"
)

// reserve makes size bytes of room from offset on, leaving the file as long as
// it is. File systems that cannot do that are left to show it when they are
// full.
func reserve(f *os.File, offset, size int64) error {
	const keepSize = 1 // FALLOC_FL_KEEP_SIZE, fallocate(2)
	for {
		err := syscall.Fallocate(int(f.Fd()), keepSize, offset, size)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, errors.ErrUnsupported):
			return nil
		default:
			return err
		}
	}
}
