package access

import (
	"iter"
	mathbits "math/bits"
	"slices"
	"sync"
)

// bits is a set of small numbers: positions in a list of things. The zero
// value is the empty set; sets that are combined are of one length.
type bits []uint64

// newBits returns an empty set that has room for the numbers below n.
func newBits(n int) bits { return make(bits, words(n)) }

// words returns how many words hold n bits.
func words(n int) int { return (n + 63) / 64 }

// allBits returns the set of all numbers below n.
func allBits(n int) bits {
	b := newBits(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if rest := n % 64; rest != 0 {
		b[len(b)-1] = 1<<rest - 1
	}
	return b
}

func (b bits) add(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bits) has(i int) bool { return i>>6 < len(b) && b[i>>6]>>(i&63)&1 == 1 }

// or adds what is in o, which may be nil.
func (b bits) or(o bits) {
	for i, w := range o {
		b[i] |= w
	}
}

func (b bits) and(o bits) {
	for i := range b {
		b[i] &= o[i]
	}
}

// without removes what is in o, which may be nil.
func (b bits) without(o bits) {
	for i, w := range o {
		b[i] &^= w
	}
}

func (b bits) count() int {
	n := 0
	for _, w := range b {
		n += mathbits.OnesCount64(w)
	}
	return n
}

func (b bits) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// meets reports whether anything in b is in o.
func (b bits) meets(o bits) bool {
	for i, w := range b {
		if w&o[i] != 0 {
			return true
		}
	}
	return false
}

// within reports whether everything in b is in o.
func (b bits) within(o bits) bool {
	for i, w := range b {
		if w&^o[i] != 0 {
			return false
		}
	}
	return true
}

// first returns the smallest number in b, or -1.
func (b bits) first() int {
	for i, w := range b {
		if w != 0 {
			return i<<6 + mathbits.TrailingZeros64(w)
		}
	}
	return -1
}

// each yields the numbers in b in ascending order.
func (b bits) each() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range b {
			for ; w != 0; w &= w - 1 {
				if !yield(i<<6 + mathbits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// and returns what is in both, without changing either.
func and(a, b bits) bits {
	c := slices.Clone(a)
	c.and(b)
	return c
}

// minus returns what is in a and not in b, without changing either.
func minus(a, b bits) bits {
	c := slices.Clone(a)
	c.without(b)
	return c
}

// A pool keeps one copy of each set, as most are there many times over. It is
// safe for concurrent use.
type pool struct {
	mu   sync.Mutex
	sets map[uint64][]bits // by hash
}

// keep returns the pool's copy of b, which the caller may go on to change.
func (p *pool) keep(b bits) bits {
	h := uint64(14695981039346656037) // FNV-1a, a word at a time
	for _, w := range b {
		h = (h ^ w) * 1099511628211
		h ^= h >> 29
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, have := range p.sets[h] {
		if slices.Equal(have, b) {
			return have
		}
	}
	if p.sets == nil {
		p.sets = map[uint64][]bits{}
	}
	kept := slices.Clone(b)
	p.sets[h] = append(p.sets[h], kept)
	return kept
}
