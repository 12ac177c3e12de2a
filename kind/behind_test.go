package kind_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A behind answers the operations that are stale from an account as it was, and
// all others from the account as it is.
type behind struct {
	now, was http.RoundTripper
	stale    func(operation string) bool // nil is none
}

func (b *behind) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	if b.stale != nil && b.stale(operationOf(r, form)) {
		return b.was.RoundTrip(r)
	}
	return b.now.RoundTrip(r)
}

// operationOf names the operation of a request that has its input in a form, or
// is of a service that has it in JSON.
func operationOf(r *http.Request, form url.Values) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	return form.Get("Action")
}

// readsOnly reports whether an operation changes nothing.
func readsOnly(operation string) bool {
	return strings.HasPrefix(operation, "Get") || strings.HasPrefix(operation, "List") || strings.HasPrefix(operation, "Describe")
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
	by := &behind{now: account.Client().Transport, was: before.Client().Transport}
	session := connectBy(t, account, by)
	if err := session.Attend(t.Context(), "test", []resource.Change{undo.Inverse()}); err != nil {
		t.Fatal(err)
	}
	by.stale = readsOnly
	err := session.Write(t.Context(), undo)
	by.stale = nil
	if live := reads(t, session, undo.ID()); err == nil && !resource.Equal(live, undo.After) {
		t.Errorf("%s %s is said to be done, and this is there:\n%s", undo.Action(), undo.ID(), asText(live))
	}
}
