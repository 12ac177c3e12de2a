package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAnswered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		input string
		want  string // "" for a yes
	}{
		"yes":           {"yes\n", ""},
		"with blanks":   {" yes \r\n", ""},
		"no":            {"no\n", "not approved; nothing was changed"},
		"y":             {"y\n", "not approved; nothing was changed"},
		"YES":           {"YES\n", "not approved; nothing was changed"},
		"yes and more":  {"yes please\n", "not approved; nothing was changed"},
		"nothing":       {"\n", "not approved; nothing was changed"},
		"end":           {"", "not approved: the input ended; nothing was changed"},
		"cut-off yes":   {"yes", "not approved; nothing was changed"},
		"yes, too late": {"no\nyes\n", "not approved; nothing was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked strings.Builder
			err := answered(t.Context(), strings.NewReader(test.input), &asked, "Apply to \x1b[2J?")
			got := ""
			if err != nil {
				got = err.Error()
				if _, ok := errors.AsType[refusedError](err); !ok {
					t.Errorf("answered(%q) is a %T, want a refusedError", test.input, err)
				}
			}
			if got != test.want {
				t.Errorf("answered(%q) = %q, want %q", test.input, got, test.want)
			}
			if want := `Apply to \x1b[2J? Only "yes" is accepted: `; asked.String() != want {
				t.Errorf("asked %q, want %q", asked.String(), want)
			}
		})
	}
}

// A signal at the prompt ends the waiting, though nobody answers.
func TestAnsweredBySignal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	silent, w := io.Pipe()
	defer w.Close()
	cancel()
	if err := answered(ctx, silent, io.Discard, "Apply?"); !errors.Is(err, context.Canceled) {
		t.Errorf("answered = %v, want %v", err, context.Canceled)
	}
}
