package main

import (
	"errors"
	"os"
	"sync/atomic"
	"syscall"
)

// A stream is standard output or standard error. Once its reader has gone
// away, as after `| head -1`, what is written is dropped without an error:
// nobody wants it, and it must not stop a run half-way.
type stream struct {
	file *os.File
	gone atomic.Bool
}

func (s *stream) Write(p []byte) (int, error) {
	if s.gone.Load() {
		return len(p), nil
	}
	n, err := s.file.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		s.gone.Store(true)
		return len(p), nil
	}
	return n, err
}
