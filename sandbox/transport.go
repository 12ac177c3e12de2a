package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
)

// A transport answers the requests of a client within the process.
type transport struct{ server *Server }

// RoundTrip hands the request to the sandbox. When the sandbox cuts the
// connection, it fails as a broken socket would: the request was written, and
// no answer, or half of one, came back.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err // never sent
	}
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	body := []byte{}
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	in.Body = io.NopCloser(bytes.NewReader(body))

	// Callers tell by the trace whether a request may have had an effect.
	trace := httptrace.ContextClientTrace(r.Context())
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	rec := &recorder{header: http.Header{}}
	cut := rec.serve(t.server, in)
	if cut && rec.status == 0 {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("the sandbox cut the connection: %w", io.ErrUnexpectedEOF)
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	var answer io.Reader = &rec.body
	if cut {
		answer = io.MultiReader(answer, brokenReader{})
	}
	length := int64(rec.body.Len())
	if cut {
		length = -1
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", rec.status, http.StatusText(rec.status)), StatusCode: rec.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.header, Body: io.NopCloser(answer), ContentLength: length, Request: r,
	}, nil
}

// A brokenReader is the end of a body that was cut off.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A recorder is the other end of ServeHTTP.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// Flush does nothing: the client reads when all is written.
func (r *recorder) Flush() {}

// serve reports whether the connection was cut.
func (r *recorder) serve(h http.Handler, in *http.Request) (cut bool) {
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			cut = true
		}
	}()
	h.ServeHTTP(r, in)
	return false
}
