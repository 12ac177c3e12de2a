package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// defaultSpec is read when no file is named.
const defaultSpec = "ssmctl.yaml"

// standardInput is the name that stands for it.
const standardInput = "-"

// maxFile bounds what is read of a file, in bytes.
const maxFile = 64 << 20

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
		data, err := io.ReadAll(io.LimitReader(o.in, maxFile+1))
		if err == nil && len(data) > maxFile {
			err = tooLarge("standard input")
		}
		return data, err
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

// readFile reads a regular file; anything else could make it wait for ever.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
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
	return os.ReadFile(name)
}

func tooLarge(name string) error {
	return fmt.Errorf("%s is larger than %d MiB, which no spec or plan is", name, maxFile>>20)
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
		if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, text) && info.Mode().Perm() == 0o600 {
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
