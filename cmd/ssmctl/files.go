package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// defaultSpec is read when no file is named.
const defaultSpec = "ssmctl.yaml"

// standardInput is the name that stands for it.
const standardInput = "-"

// What is read of a file at most. The plan that makes 10,000 users, with 1,000
// groups, roles, instances and restrictions, has 22 MiB and weighs 1.5 million;
// see weight.
const (
	maxFile   = 32 << 20
	maxWeight = 2 << 20
)

// specFile returns the file to read: the argument, or -f.
func (o *options) specFile(args []string) (string, error) {
	switch {
	case len(args) > 0 && o.file != "" && args[0] != o.file:
		return "", usageError{fmt.Errorf("two specs were given, %s and --file %s", args[0], o.file)}
	case len(args) > 0:
		return args[0], nil
	case o.file != "":
		return o.file, nil
	}
	return defaultSpec, nil
}

// read returns what a spec or a plan holds.
func (o *options) read(name string) ([]byte, error) {
	if name == standardInput {
		return readAll("standard input", o.in, 0)
	}
	data, err := readFile(name)
	if errors.Is(err, fs.ErrNotExist) && name == defaultSpec {
		return nil, fmt.Errorf("there is no %s here; name the spec, as in `ssmctl plan access.yaml`", defaultSpec)
	}
	if err == nil && isSandbox(data) {
		return nil, usageError{fmt.Errorf("%s is a sandbox, not a spec or a plan\n--sandbox takes its file after an equals sign, as in --sandbox=%s", name, name)}
	}
	return data, err
}

// readFile reads a regular file; anything else could make it wait for ever. It
// looks at what it has opened, so that nobody can put something else in its
// place in between.
func readFile(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // else a pipe waits to be opened by a writer
	if errors.Is(err, syscall.ENXIO) {                             // so says a socket
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory; name the file", name)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", name)
	case info.Size() > maxFile:
		return nil, tooLarge(name)
	}
	return readAll(name, f, info.Size())
}

// readAll reads what has about that size, and refuses what would take too much
// memory or time to make sense of.
func readAll(name string, r io.Reader, size int64) ([]byte, error) {
	text := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	n, err := text.ReadFrom(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case n > maxFile:
		return nil, tooLarge(name)
	case n > 1<<20 && weight(text.Bytes()) > maxWeight: // nothing smaller could
		return nil, fmt.Errorf("%s holds more values than any spec or plan does; make the plan anew", name)
	}
	return text.Bytes(), nil
}

func tooLarge(name string) error {
	return fmt.Errorf("%s is larger than %d MiB, which no spec or plan is", name, maxFile>>20)
}

// weight tells what a JSON text takes to decode: one for each value, and more
// for an object, which takes memory even when nothing is in it.
func weight(text []byte) int {
	n := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			n += 4
		case '[', ',':
			n++
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return n
}

// replaceFile writes a private file whole or not at all. Behind a symbolic link
// it replaces what the link leads to, and nothing but a regular file.
func replaceFile(name string, text []byte) error {
	switch info, err := os.Stat(name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is there already, and is not a regular file", name)
	default:
		if old, err := readFile(name); err == nil && bytes.Equal(old, text) && info.Mode().Perm() == 0o600 {
			return nil
		}
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(text); err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
