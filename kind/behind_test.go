package kind_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A readsBehind answers what only reads from an account as it was, once that is
// set.
type readsBehind struct{ now, was http.RoundTripper }

var readsOnly = regexp.MustCompile(`(^Action=|&Action=|\.)(Get|List|Describe)`)

func (b *readsBehind) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if b.was != nil && (readsOnly.Match(body) || readsOnly.MatchString(r.Header.Get("X-Amz-Target"))) {
		return b.was.RoundTrip(r)
	}
	return b.now.RoundTrip(r)
}

// A write that has to read on the way, and is shown what was before its object
// came to be as it is, does not say that it was done unless it was.
//
// Fault 15: stale reads, in the middle of a write.
func TestWritesThatReadWhatWas(t *testing.T) {
	t.Parallel()
	for name, example := range kind.Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := guideAccount()
			for _, sections := range append(slices.Clone(example), "groups: {}") {
				session := connect(t, account)
				for _, s := range makePlan(t, session, head+sections+"\n").Steps {
					before := copyOf(t, account)
					if s.Event() {
						continue
					}
					writes(t, session, s.Change)
					if !s.Loss.Final {
						undoneBehind(t, account, before, s.Change.Inverse())
					}
				}
			}
		})
	}
}

// undoneBehind undoes a change in a copy of the account while reads show what
// was before it.
func undoneBehind(t *testing.T, account, before *sandbox.Server, undo resource.Change) {
	t.Helper()
	account = copyOf(t, account)
	by := &readsBehind{now: account.Client().Transport}
	session := connectBy(t, account, by)
	if err := session.Attend(t.Context(), "test", []resource.Change{undo.Inverse()}); err != nil {
		t.Fatal(err)
	}
	by.was = before.Client().Transport
	err := session.Write(t.Context(), undo)
	by.was = nil
	if live := reads(t, session, undo.ID()); err == nil && !resource.Equal(live, undo.After) {
		t.Errorf("%s %s is said to be done, and this is there:\n%s", undo.Action(), undo.ID(), asText(live))
	}
}
