package journal

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
)

// A Memory is a disk in memory that fails, and that loses power: for tests of
// what is left after a crash. Like a real one it keeps what was written but
// not synced only as far as it likes, and the entry of a file only once its
// directory was synced. The zero Memory is an empty disk.
type Memory struct {
	// Fail is asked before each call that changes the disk, with how many of
	// the same sort came before. The call returns its error: a write after it
	// has written half; a Sync after it has given up for good on all that was
	// written, which goes on to be read, but reaches the disk or not; any other
	// after nothing. Nil fails nothing. It may call Crash.
	Fail func(op Op, n int) error

	mu    sync.Mutex
	nodes map[string]*node
	count [ops]int
}

// An Op is a sort of call that changes a disk.
type Op int

// The ops.
const (
	OpCreate Op = iota
	OpWrite     // Write and WriteAt
	OpSync
	OpSyncDir
	OpTruncate
	OpReserve
	ops
)

func (o Op) String() string {
	return [...]string{"create", "write", "sync", "sync directory", "truncate", "reserve"}[o]
}

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// A node is a file or a directory.
type node struct {
	dir     bool
	durable bool // its entry in the directory above
	data    []byte
	disk    []byte // what of data a loss of power cannot take
	dirty   int    // from here on data awaits Sync; len(data) if none does
	holder  *memoryFile
}

// ask counts a call and asks Fail about it.
func (m *Memory) ask(op Op) error {
	m.mu.Lock()
	n := m.count[op]
	m.count[op]++
	m.mu.Unlock()
	if m.Fail == nil {
		return nil
	}
	return m.Fail(op, n)
}

// Crash returns the disk as it may be found after the process has died; m stays
// as it is, for others that may come of the same moment. Where choose is nil
// the machine lives on, and nothing that was written is lost. Else it loses
// power: choose(n) returns one of [0,n) for each question of what is left, 0
// being the least, n-1 all. What is left of unsynced writes ends at any byte,
// with any sectors of it missing, as zeros.
func (m *Memory) Crash(choose func(n int) int) *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := &Memory{nodes: make(map[string]*node, len(m.nodes))}
	for _, name := range slices.Sorted(maps.Keys(m.nodes)) {
		n := m.nodes[name]
		if choose == nil {
			after.nodes[name] = &node{dir: n.dir, durable: n.durable, data: bytes.Clone(n.data), disk: bytes.Clone(n.disk), dirty: n.dirty}
			continue
		}
		if after.nodes[path.Dir(name)] == nil && path.Dir(name) != "." {
			continue
		}
		if !n.durable && choose(2) == 0 {
			continue
		}
		left := n.left(choose)
		after.nodes[name] = &node{dir: n.dir, durable: true, data: left, disk: bytes.Clone(left), dirty: len(left)}
	}
	return after
}

// left returns what of a file is left after a loss of power.
func (n *node) left(choose func(n int) int) []byte {
	if bytes.Equal(n.data, n.disk) {
		return bytes.Clone(n.data)
	}
	least, most := min(len(n.data), len(n.disk)), max(len(n.data), len(n.disk))
	left := make([]byte, least+choose(most-least+1))
	for at := 0; at < len(left); at += sector {
		to := left[at:min(at+sector, len(left))]
		was, is := n.disk[min(at, len(n.disk)):], n.data[min(at, len(n.data)):]
		was, is = was[:min(len(to), len(was))], is[:min(len(to), len(is))]
		if bytes.Equal(was, is) || choose(2) == 0 {
			copy(to, was)
		} else {
			copy(to, is)
		}
	}
	return left
}

// Create makes an empty file, and the directories above it.
func (m *Memory) Create(name string) (File, error) {
	if err := m.ask(OpCreate); err != nil {
		return nil, failed("create", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nodes[name] != nil {
		return nil, failed("create", name, fs.ErrExist)
	}
	if m.nodes == nil {
		m.nodes = map[string]*node{}
	}
	for dir := path.Dir(name); dir != "." && m.nodes[dir] == nil; dir = path.Dir(dir) {
		m.nodes[dir] = &node{dir: true}
	}
	n := &node{}
	m.nodes[name] = n
	return &memoryFile{disk: m, node: n, name: name}, nil
}

// Open opens a file.
func (m *Memory) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.file("open", name)
	if err != nil {
		return nil, err
	}
	return &memoryFile{disk: m, node: n, name: name}, nil
}

// ReadFile returns a copy of a file, with what is not yet durable.
func (m *Memory) ReadFile(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.file("read", name)
	if err != nil {
		return nil, err
	}
	return bytes.Clone(n.data), nil
}

func (m *Memory) file(op, name string) (*node, error) {
	if n := m.nodes[name]; n != nil && !n.dir {
		return n, nil
	}
	return nil, failed(op, name, fs.ErrNotExist)
}

func failed(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// ReadDir returns the names in a directory, sorted.
func (m *Memory) ReadDir(name string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if name != "." && m.nodes[name] == nil {
		return nil, failed("read", name, fs.ErrNotExist)
	}
	var names []string
	for of := range m.nodes {
		if path.Dir(of) == name {
			names = append(names, path.Base(of))
		}
	}
	slices.Sort(names)
	return names, nil
}

// SyncDir makes the entries of a directory durable.
func (m *Memory) SyncDir(name string) error {
	if err := m.ask(OpSyncDir); err != nil {
		return failed("sync", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if name != "." && m.nodes[name] == nil {
		return failed("sync", name, fs.ErrNotExist)
	}
	for of, n := range m.nodes {
		if path.Dir(of) == name {
			n.durable = true
		}
	}
	return nil
}

// Path returns name.
func (m *Memory) Path(name string) string { return name }
