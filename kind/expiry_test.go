package kind_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// A clockwork is an AWS whose clock is ahead of this machine's, and that
// refuses what is dated more than five minutes off.
type clockwork struct {
	http.RoundTripper
	ahead   time.Duration
	refuses bool   // whatever the date
	code    string // by which it refuses

	mu      sync.Mutex
	carried map[string]int // requests carried out, by operation
}

func (c *clockwork) RoundTrip(r *http.Request) (*http.Response, error) {
	now := time.Now().Add(c.ahead)
	dated, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if c.refuses || now.Sub(dated).Abs() > 5*time.Minute {
		text := "<ErrorResponse><Error><Code>" + c.code + "</Code><Message>wrong date</Message></Error><RequestId>r</RequestId></ErrorResponse>"
		return &http.Response{StatusCode: 403, Header: http.Header{"Date": {now.UTC().Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
	}
	c.mu.Lock()
	for _, field := range strings.Split(string(body), "&") {
		if operation, ok := strings.CutPrefix(field, "Action="); ok {
			c.carried[operation]++
		}
	}
	c.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := c.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	}
	return answer, err
}

// A wrong clock is corrected by what AWS says of the time, with each thing done
// once; where that does not help the failure says by how much it is wrong.
//
// Fault 20: this machine's clock and AWS's differ.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				aws := &clockwork{RoundTripper: account.Client().Transport, ahead: 3 * time.Hour, code: code, carried: map[string]int{}}
				session := connectBy(t, account, aws)
				if err := session.Write(t.Context(), makesGroup("g")); err != nil {
					t.Errorf("writing: %v", err)
				}
				if got, err := session.Read(t.Context(), ids("group/g")); err != nil || got.Len() != 1 {
					t.Errorf("reading: %v", err)
				}
				if n := aws.carried["CreateGroup"]; n != 1 {
					t.Errorf("the group was made %d times", n)
				}
				aws.refuses = true
				f, ok := errors.AsType[*resource.Failure](session.Write(t.Context(), makesGroup("h")))
				if !ok || f.Class != resource.Expired || f.Help != "this machine's clock is 3h0m0s behind AWS's: set it" {
					t.Errorf("%v, help %q", f, f.Help)
				}
			})
		})
	}
}

// A request that no connection could be had for was never sent, whatever the
// error; one that was written may have happened. What AWS answers with a code
// that nobody knows did not happen, unless the fault is AWS's.
//
// Fault 2: no connection, no name, no certificate.
// Faults 3, 6, 7, 19: resets, answers that cannot be read, time-outs, unknown codes.
func TestThreeOutcomes(t *testing.T) {
	t.Parallel()
	answers := func(status int, text string) http.RoundTripper {
		return answering(func() (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
		})
	}
	named := func(status int, code string) http.RoundTripper {
		return answers(status, "<ErrorResponse><Error><Code>"+code+"</Code><Message>m</Message></Error></ErrorResponse>")
	}
	fails := func(err error) http.RoundTripper {
		return answering(func() (*http.Response, error) { return nil, err })
	}
	dialing := func(err error) http.RoundTripper {
		return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}
	}
	tests := map[string]struct {
		by   http.RoundTripper
		want resource.Class
	}{
		"refused connection":      {dialing(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), resource.Unsent},
		"no connection, somehow":  {dialing(errors.New("the proxy is closed")), resource.Unsent},
		"no name":                 {fails(&net.DNSError{Err: "no such host", Name: "iam"}), resource.Unsent},
		"reset":                   {fails(&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), resource.Unknown},
		"reset while writing":     {fails(&net.OpError{Op: "write", Err: errors.New("connection reset by peer")}), resource.Unknown},
		"end of file":             {fails(io.ErrUnexpectedEOF), resource.Unknown},
		"time-out":                {fails(context.DeadlineExceeded), resource.Unknown},
		"200, cut":                {answers(200, "<CreateGroupResponse><CreateGroupResult><Gro"), resource.Unknown},
		"200, not XML":            {answers(200, "<html>Welcome to the hotel</html"), resource.Unknown},
		"403, not AWS's":          {answers(403, "<html>The proxy says no"), resource.Unknown},
		"408":                     {named(408, "Slow"), resource.Unknown},
		"RequestTimeout":          {named(400, "RequestTimeout"), resource.Unknown},
		"RequestTimeoutException": {named(400, "RequestTimeoutException"), resource.Unknown},
		"unknown 4xx":             {named(400, "NobodyKnowsThisCode"), resource.Refused},
		"unknown 409":             {named(409, "NobodyKnowsThisCode"), resource.Refused},
		"unknown 5xx":             {named(500, "NobodyKnowsThisCode"), resource.Unknown},
		"503":                     {named(503, "ServiceUnavailable"), resource.Unknown},
		"redirected":              {answers(304, ""), resource.Unknown},
		"throttled by 503":        {named(503, "RequestLimitExceeded"), resource.Throttled},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := guideAccount()
			by := &switched{RoundTripper: account.Client().Transport}
			session := connectBy(t, account, by)
			by.RoundTripper = tt.by
			f, ok := errors.AsType[*resource.Failure](session.Write(t.Context(), makesGroup("g")))
			if !ok || f.Class != tt.want || strings.Contains(f.Error(), "\n") {
				t.Errorf("%v, class %q, want %q", f, f.Class, tt.want)
			}
		})
	}
}

type switched struct{ http.RoundTripper }
