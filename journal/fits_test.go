package journal

import (
	"strings"
	"testing"
)

// What is written can be read: a journal is full where the reader's bound is.
func TestFits(t *testing.T) {
	t.Parallel()
	if err := fits(MaxSize-10, 10); err != nil {
		t.Error(err)
	}
	if err := fits(MaxSize-10, 11); err == nil || !strings.Contains(err.Error(), "it has 268435446 bytes, and may have at most 268435456") {
		t.Errorf("the error is %v", err)
	}
}
