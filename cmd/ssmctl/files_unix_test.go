//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Fault 51: a file that is another by the time it is read. What is opened is
// what is looked at, so a swap in between cannot make the program wait.
func TestReadFileSwapped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, make := range fileKinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(dir, name)
			if err := make(file); err != nil {
				t.Fatal(err)
			}
			_, err := readFile(file)
			if err == nil || !slices.ContainsFunc([]string{"is not a regular file", "is a directory; name the file"}, func(s string) bool { return strings.Contains(err.Error(), s) }) {
				t.Errorf("readFile: %v", err)
			}
		})
	}
}

// fileKinds makes each kind of file that is not to be read, by its name.
func fileKinds() map[string]func(name string) error {
	return map[string]func(string) error{
		"pipe":      func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"directory": func(name string) error { return os.Mkdir(name, 0o700) },
		"device":    func(name string) error { return os.Symlink(os.DevNull, name) },
		"link to a pipe": func(name string) error {
			if err := syscall.Mkfifo(name+" behind", 0o600); err != nil {
				return err
			}
			return os.Symlink(name+" behind", name)
		},
		"socket": func(name string) error {
			_, err := net.Listen("unix", name)
			return err
		},
	}
}
