package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// The most a request may hold: more than any of the services take.
const (
	maxBody       = 4 << 20 // bytes
	maxParameters = 10_000  // of the query protocols; net/url reads no more
	maxValues     = 100_000 // of the JSON protocol, counting those in texts too
)

// A call is one request being carried out. Operations run with the server's
// lock held.
type call struct {
	*account
	service   *service
	operation string
	id        string // the request id
	key       string // the access key id it was made with
	regionID  string // the region it was signed for
	form      *node  // the input, of the query protocols
	body      []byte // the input, of the JSON protocol
	now       time.Time
	hiding    int

	asked map[*unseen]bool  // what this request has asked for already, and whether it was found
	arns  map[string]string // of users and roles by unique id, once needed
}

// credential is the scope of a Signature Version 4 credential, in the header
// or, for presigned requests, in the query:
// access key/date/region/service/aws4_request.
var credential = regexp.MustCompile(`Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// identify tells which service and operation a request is for and who makes
// it, and reads its input. It returns nil for the service if that cannot be
// told. It never panics, whatever the request holds.
func identify(r *http.Request) (*call, error) {
	c := &call{}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return c, err
	}
	c.body = body

	authorization := r.Header.Get("Authorization")
	if scope := r.URL.Query().Get("X-Amz-Credential"); authorization == "" && scope != "" {
		authorization = "Credential=" + scope
	}
	var signedFor string
	if m := credential.FindStringSubmatch(authorization); m != nil {
		c.key, c.regionID, signedFor = m[1], m[3], m[4]
	}

	if target := r.Header.Get("X-Amz-Target"); target != "" {
		prefix, operation, _ := strings.Cut(target, ".")
		c.operation = operation
		c.service = serviceOf(signedFor, prefix, r.Host)
		return c, c.tooLarge(bytes.Count(body, []byte("{"))+bytes.Count(body, []byte(",")), maxValues)
	}

	form := r.URL.Query()
	large := c.tooLarge(bytes.Count(body, []byte("&"))+1, maxParameters)
	if large == nil && r.Method == http.MethodPost {
		// A malformed pair is dropped, as AWS does, and the rest is kept.
		posted, _ := url.ParseQuery(string(body))
		for k, v := range posted {
			form[k] = append(v, form[k]...)
		}
	}
	c.form = parseForm(form)
	c.operation = form.Get("Action")
	c.service = serviceOf(signedFor, form.Get("Version"), r.Host)
	return c, large
}

// tooLarge refuses a request of too many bytes or of more values than most.
func (c *call) tooLarge(values, most int) error {
	if len(c.body) > maxBody || values > most {
		return &apiError{Code: "RequestEntityTooLarge", Message: fmt.Sprintf("The request is larger than 4 MiB, or holds more than %d values.", most), Status: http.StatusRequestEntityTooLarge}
	}
	return nil
}

// serviceOf finds a service by the name requests are signed for, or else by
// the API version or target prefix, or else by the host.
func serviceOf(signedFor, versionOrTarget, host string) *service {
	for _, s := range services {
		if s.name == signedFor {
			return s
		}
	}
	for _, s := range services {
		if versionOrTarget != "" && s.version == versionOrTarget {
			return s
		}
	}
	for _, s := range services {
		if strings.HasPrefix(host, s.name+".") {
			return s
		}
	}
	return nil
}

// An operation is one API call of a service.
type operation struct {
	write   bool // it changes something
	run     func(*call) (any, error)
	in, out reflect.Type
}

// read makes an operation of a function that changes nothing.
func read[In, Out any](f func(*call, In) (Out, error)) operation {
	return operation{false, run(f), reflect.TypeFor[In](), reflect.TypeFor[Out]()}
}

// write makes an operation of a function that may change the account. The
// function must change nothing when it returns an error.
func write[In, Out any](f func(*call, In) (Out, error)) operation {
	return operation{true, run(f), reflect.TypeFor[In](), reflect.TypeFor[Out]()}
}

func run[In, Out any](f func(*call, In) (Out, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		var in In
		if c.service.protocol == awsJSON {
			if err := json.Unmarshal(c.body, &in); err != nil {
				return nil, serialization(err)
			}
		} else if err := c.form.decode(&in, c.service.protocol); err != nil {
			return nil, err
		}
		if err := c.validate(in); err != nil {
			return nil, err
		}
		if c.dryRun() {
			return nil, &apiError{Code: "DryRunOperation", Message: "Request would have succeeded, but DryRun flag is set.", Status: http.StatusPreconditionFailed}
		}
		return f(c, in)
	}
}

// dryRun reports whether the request only asks whether it would be carried out.
func (c *call) dryRun() bool {
	return c.service != nil && c.service.protocol == ec2Query && c.form.child("DryRun").text() == "true"
}

// none is the output of operations that have none, and the input of those
// that take none.
type none struct{}
