package resource

// A Loss says what undoing a change could not bring back. The zero Loss is
// nothing at all.
type Loss struct {
	What  string // "its unique id, which trust policies elsewhere may name"
	Final bool   // the change as a whole cannot be undone, such as a terminated instance
}
