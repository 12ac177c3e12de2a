package planner

import "math/bits"

// A set holds small numbers. Two sets that are compared were made for the same
// count of them.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) has(i int) bool { return s[i/64]>>(i%64)&1 == 1 }
func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) remove(i int)   { s[i/64] &^= 1 << (i % 64) }

func (s set) addAll(other set) {
	for i, word := range other {
		s[i] |= word
	}
}

// within reports whether every element of s is one of other.
func (s set) within(other set) bool {
	for i, word := range s {
		if word&^other[i] != 0 {
			return false
		}
	}
	return true
}

func (s set) len() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// key is the same for equal sets.
func (s set) key() string {
	b := make([]byte, 0, 8*len(s))
	for _, word := range s {
		for range 8 {
			b = append(b, byte(word))
			word >>= 8
		}
	}
	return string(b)
}
