package journal

import "io/fs"

// A memoryFile is an open file of a Memory.
type memoryFile struct {
	disk   *Memory
	node   *node
	name   string
	closed bool
}

// change asks about a call, and makes it unless the file is closed. What was
// to fail is told apart, since a failure may do half.
func (f *memoryFile) change(op Op, do func(failure error)) error {
	failure := f.disk.ask(op)
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.closed {
		return failed(op.String(), f.name, fs.ErrClosed)
	}
	do(failure)
	if failure != nil {
		return failed(op.String(), f.name, failure)
	}
	return nil
}

func (f *memoryFile) Write(p []byte) (written int, err error) {
	err = f.change(OpWrite, func(failure error) { written = f.node.write(p, len(f.node.data), failure) })
	return written, err
}

func (f *memoryFile) WriteAt(p []byte, offset int64) (written int, err error) {
	err = f.change(OpWrite, func(failure error) { written = f.node.write(p, int(offset), failure) })
	return written, err
}

// write writes p, or half of it if there is a failure.
func (n *node) write(p []byte, at int, failure error) int {
	if failure != nil {
		p = p[:len(p)/2]
	}
	n.dirty = min(n.dirty, at-at%sector) // a sector is written whole
	over := copy(n.data[at:], p)
	n.data = append(n.data, p[over:]...)
	return len(p)
}

func (f *memoryFile) Sync() error {
	return f.change(OpSync, func(failure error) {
		n := f.node
		if failure == nil {
			n.sync()
		}
		n.dirty = len(n.data)
	})
}

// sync makes durable what is dirty. What is not, though the disk does not have
// it, was given up on: the disk has zeros there.
func (n *node) sync() {
	n.disk = n.disk[:min(len(n.disk), len(n.data))]
	if gap := min(n.dirty, len(n.data)) - len(n.disk); gap > 0 {
		n.disk = append(n.disk, make([]byte, gap)...)
	}
	if n.dirty < len(n.data) {
		n.disk = append(n.disk[:n.dirty], n.data[n.dirty:]...)
	}
}

func (f *memoryFile) Truncate(size int64) error {
	return f.change(OpTruncate, func(failure error) {
		if n := f.node; failure == nil {
			n.data = n.data[:size]
			n.dirty = min(n.dirty, int(size))
		}
	})
}

func (f *memoryFile) Reserve(int64) error { return f.change(OpReserve, func(error) {}) }

func (f *memoryFile) Lock() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.node.holder != nil && f.node.holder != f {
		return ErrBusy
	}
	f.node.holder = f
	return nil
}

func (f *memoryFile) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.node.holder == f {
		f.node.holder = nil
	}
	f.closed = true
	return nil
}
