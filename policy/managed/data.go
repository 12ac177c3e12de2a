package managed

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

// data is two gzip members one after the other, so that the index can be read
// without unpacking the texts, which are thirty times as long:
//
//  1. the index, a line a policy in the order of names, its fields separated
//     by tabs: name, path, version, updated, partitions (separated by commas)
//  2. the documents, a line each, in the same order
//
//go:embed policies.gz
var data []byte

// An entry is a policy and where the rest of it is.
type entry struct {
	Policy
	partitions []string
	line       int // of the document
}

type table struct {
	sorted []*entry
	byName map[string]*entry
}

// index decodes the first member, once.
var index = sync.OnceValue(func() table {
	lines := strings.Split(string(member(1)), "\n")
	t := table{make([]*entry, len(lines)), make(map[string]*entry, len(lines))}
	entries := make([]entry, len(lines))
	for i, line := range lines {
		f := strings.Split(line, "\t")
		entries[i] = entry{Policy{Name: f[0], Path: f[1], Version: f[2], Updated: f[3]}, strings.FieldsFunc(f[4], func(r rune) bool { return r == ',' }), i}
		t.sorted[i], t.byName[f[0]] = &entries[i], &entries[i]
	}
	return t
})

// documents decodes the second member, once.
var documents = sync.OnceValue(func() [][]byte { return bytes.Split(member(2), []byte("\n")) })

// member unpacks the n-th gzip member of data, counting from 1, without its
// last newline. It panics if there is none: the data are part of the program.
func member(n int) []byte {
	packed := bytes.NewReader(data) // an io.ByteReader, so no byte past a member is consumed
	r, err := gzip.NewReader(packed)
	for i := 1; err == nil; i++ {
		r.Multistream(false)
		if i < n {
			if _, err = io.Copy(io.Discard, r); err == nil {
				err = r.Reset(packed)
			}
			continue
		}
		var text []byte
		if text, err = io.ReadAll(r); err == nil {
			return bytes.TrimSuffix(text, []byte("\n"))
		}
	}
	panic(fmt.Sprintf("managed: the embedded policies.gz is broken: %v", err))
}
