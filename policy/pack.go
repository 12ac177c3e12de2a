package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
)

// room is how much of a managed policy packing uses. The rest is kept so that
// a restriction at its edge can grow by a word.
const room = MaxManaged * 95 / 100

// spare is how many more policies than there must be are taken, so that what a
// restriction says stays where it is.
const spare = 2

// pack returns documents that together say what the statements say, in at most
// limit documents of at most room characters each, or false.
//
// What concerns one resource under one condition is always in one document,
// and which one follows from these and from the number of documents alone: the
// document whose number, with them, has the highest hash. So what is added to
// a restriction moves nothing else while the number stays the same, and when
// it grows by one, only what goes to the new document moves (Thaler and
// Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998). Only
// if that takes more documents than are to spare does what finds its document
// full go to another.
func pack(statements []Statement, limit int) ([]Document, bool) {
	merged := merge(statements)
	size := New(merged...).Size()
	if size <= room {
		return []Document{New(merged...)}, true
	}
	least := (size + room - 1) / room
	if least > limit {
		return nil, false
	}
	parts := split(merged)
	for n := least; n <= min(least+spare, limit); n++ {
		bins := make([][]Statement, n)
		for _, p := range parts {
			i := p.ranked(n)[0]
			bins[i] = append(bins[i], p.statement)
		}
		if documents, ok := documents(bins); ok {
			return documents, true
		}
	}
	for n := min(least+1, limit); n <= limit; n++ {
		if documents, ok := squeeze(parts, n); ok {
			return documents, true
		}
	}
	return nil, false
}

// A part is what is never split: a statement on one resource, or of another
// form, and what decides where it goes.
type part struct {
	key       string
	statement Statement
}

// split returns the parts of the statements, ordered by their keys.
func split(statements []Statement) (parts []part) {
	for _, s := range statements {
		if s.Action == nil || s.Resource == nil {
			s.Sid = ""
			parts = append(parts, part{Statement{Effect: s.Effect, Action: s.Action, NotAction: s.NotAction, Condition: s.Condition}.encode(false), s})
			continue
		}
		for _, resource := range s.Resource {
			on := s.On(resource)
			// Instances and hybrid nodes are apart only in their ARNs; kept
			// together, they share the text of a condition.
			key := strings.Replace(strings.Replace(resource, ":managed-instance/", ":instance/", 1), ":ec2:", ":ssm:", 1)
			parts = append(parts, part{Statement{Effect: s.Effect, Resource: []string{key}, Condition: s.Condition}.encode(false), on})
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return strings.Compare(a.key, b.key) })
	return parts
}

// ranked returns the numbers below n, those that p had rather go to first.
func (p part) ranked(n int) []int {
	ranks := make([]uint64, n)
	order := make([]int, n)
	for i := range n {
		hash := sha256.Sum256([]byte(strconv.Itoa(i) + p.key))
		ranks[i], order[i] = binary.BigEndian.Uint64(hash[:]), i
	}
	slices.SortFunc(order, func(a, b int) int {
		if ranks[a] > ranks[b] {
			return -1
		}
		return 1
	})
	return order
}

// squeeze puts each part into the first document that it had rather go to and
// that has room.
func squeeze(parts []part, n int) ([]Document, bool) {
	bins := make([][]Statement, n)
parts:
	for _, p := range parts {
		for _, i := range p.ranked(n) {
			with := merge(append(slices.Clone(bins[i]), p.statement))
			if New(with...).Size() <= room {
				bins[i] = with
				continue parts
			}
		}
		return nil, false
	}
	return documents(bins)
}

// documents returns a document for each bin that holds something, or false if
// one has too much in it.
func documents(bins [][]Statement) (documents []Document, ok bool) {
	for _, bin := range bins {
		if len(bin) == 0 {
			continue
		}
		d := New(merge(bin)...)
		if d.Size() > room {
			return nil, false
		}
		documents = append(documents, d)
	}
	return documents, true
}
