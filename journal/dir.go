package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Dir is a directory on disk to keep journals in: the FS of real runs. It is
// made when it is first needed, for its owner only. Nothing in it is followed
// out of it, and a file that somebody else owns or may write is refused: who
// can write a journal can have its steps carried out.
type Dir struct {
	Root string
}

// Path returns where name is.
func (d Dir) Path(name string) string { return filepath.Join(d.Root, filepath.FromSlash(name)) }

// Create makes a file with the permissions 0600, and directories with 0700.
func (d Dir) Create(name string) (File, error) {
	if err := makeDir(d.Root); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(d.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name = filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{File: f}, nil
}

// makeDir makes a directory and those above it, each durable at once.
func makeDir(name string) error {
	err := os.Mkdir(name, 0o700)
	above := filepath.Dir(name)
	if errors.Is(err, fs.ErrNotExist) && above != name {
		if err := makeDir(above); err != nil {
			return err
		}
		err = os.Mkdir(name, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil // if it is no directory, that shows as soon as it is opened
	}
	if err != nil {
		return err
	}
	return syncDir(os.Open(above))
}

// Open opens a file.
func (d Dir) Open(name string) (File, error) {
	f, err := d.open(name, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		f.Close()
		return nil, err
	}
	return &file{File: f}, nil
}

// open opens a file that is what a journal has to be.
func (d Dir) open(name string, flag int) (*os.File, error) {
	root, err := os.OpenRoot(d.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name = filepath.FromSlash(name)
	// Opening a pipe would wait for somebody to write to it, so look first.
	there, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !there.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file but %s: it is not a journal", d.Path(name), there.Mode().Type())
	}
	f, err := root.OpenFile(name, flag, 0)
	if err != nil {
		return nil, err
	}
	opened, err := f.Stat()
	if err == nil && !os.SameFile(there, opened) {
		err = fmt.Errorf("%s was replaced while it was opened: somebody is at work there", d.Path(name))
	}
	if err == nil {
		err = checkOwner(d.Path(name), opened)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadFile returns a file whole. One larger than MaxSize is refused unread.
func (d Dir) ReadFile(name string) ([]byte, error) {
	f, err := d.open(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil && size > MaxSize {
		return nil, tooLarge(d.Path(name), size)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = b.ReadFrom(io.LimitReader(f, MaxSize)) // somebody may be writing
	return b.Bytes(), err
}

// ReadDir returns the names in a directory.
func (d Dir) ReadDir(name string) ([]string, error) {
	f, err := d.openDir(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

// SyncDir makes the entries of a directory durable.
func (d Dir) SyncDir(name string) error { return syncDir(d.openDir(name)) }

func (d Dir) openDir(name string) (*os.File, error) {
	root, err := os.OpenRoot(d.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(filepath.FromSlash(name))
}

// A file is an open file of a Dir.
type file struct {
	*os.File
	reserved bool
	unlock   func() error // nil before Lock
}

// Truncate cuts the file, and writes go on at its new end.
func (f *file) Truncate(size int64) error {
	if err := f.File.Truncate(size); err != nil {
		return err
	}
	_, err := f.Seek(size, io.SeekStart)
	return err
}

// Lock takes the lock of the file, which the kernel gives back when the process
// ends, however that happens, where it knows such locks.
func (f *file) Lock() error {
	unlock, err := lock(f.File)
	f.unlock = unlock
	return err
}

// Reserve makes room beyond the end of the file, without making it longer.
func (f *file) Reserve(size int64) error {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if err := reserve(f.File, end, size); err != nil {
		return &fs.PathError{Op: "reserve space for", Path: f.Name(), Err: err}
	}
	f.reserved = true
	return nil
}

// Close gives back the lock, and what is left of the room that was reserved.
func (f *file) Close() error {
	if f.reserved {
		if end, err := f.Seek(0, io.SeekEnd); err == nil {
			_ = f.File.Truncate(end) // if it cannot be given back, it is only not free
		}
	}
	err := f.File.Close()
	if f.unlock != nil {
		err = errors.Join(err, f.unlock())
	}
	return err
}
