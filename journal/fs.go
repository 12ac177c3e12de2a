package journal

import "errors"

// MaxSize is how large a journal may be, in bytes. One of a plan with ten
// thousand steps has a quarter of that.
const MaxSize = 256 << 20

// An FS is where journals are kept. Names are paths with slashes, relative to
// its root. Dir is one on disk, *Memory one for tests. Its errors say which
// file they are about. It is safe for concurrent use.
type FS interface {
	// Create makes a file that did not exist, for its owner only, and the
	// directories above it. Neither is durable before SyncDir. The error is
	// fs.ErrExist if there is anything of that name, were it a dangling link.
	Create(name string) (File, error)

	// Open opens a file that exists, for appending. It follows no link.
	Open(name string) (File, error)

	ReadFile(name string) ([]byte, error)  // all of it; one larger than MaxSize may be refused unread
	ReadDir(name string) ([]string, error) // the names in a directory, "." being the root, in any order
	SyncDir(name string) error             // makes the entries of a directory durable, though not what is in them
	Path(name string) string               // the name as a person finds the file by it
}

// A File is an open journal.
type File interface {
	Write(p []byte) (int, error) // at its end
	WriteAt(p []byte, offset int64) (int, error)
	Sync() error // makes all that was written durable; what was when one failed may never be
	Truncate(size int64) error
	Reserve(size int64) error // makes room for so many bytes more, if the file system can
	Lock() error              // keeps other processes from appending, until Close; ErrBusy if one does
	Close() error
}

// ErrBusy is the error of opening a journal that another process appends to.
var ErrBusy = errors.New("another process on this machine is at work on this run")
