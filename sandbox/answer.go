package sandbox

import (
	"errors"
	"net/http"
	"strings"
)

// ServeHTTP answers one request of an AWS client.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := identify(r)
	s.mu.Lock()
	c.account, c.hiding = s.account, s.hiding
	c.id = c.account.newRequestID()
	latency := s.latency
	fault := s.faultFor(c)
	s.mu.Unlock()

	log := Request{Operation: c.operation}
	if c.service != nil {
		log.Service = c.service.name
		log.Write = c.service.operations[c.operation].write && !c.dryRun()
	}

	if !wait(r.Context(), latency) || !fault.wait(r.Context()) {
		log.Dropped = true
		s.remember(log)
		panic(http.ErrAbortHandler)
	}
	a := s.answer(c, err, fault)
	log.Code, log.Dropped = a.code, fault.drops()
	s.remember(log) // before the client can know
	if fault.silences() {
		panic(http.ErrAbortHandler)
	}
	a.write(w, fault.truncates())
}

// An answer is a response about to be sent.
type answer struct {
	status      int
	contentType string
	id          string
	code        string // of an error
	body        []byte
}

// answer carries the request out, unless it or the fault forbids it. The
// answer is written down before the next request may change what it shows.
func (s *Server) answer(c *call, err error, fault *Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.clock().UTC() // after the waiting
	if c.service == nil {
		c.service = services[0] // some envelope has to carry the refusal
		return c.refuse(&apiError{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden})
	}
	op, known := c.service.operations[c.operation]
	switch {
	case s.stopped:
		err = &apiError{Code: "ServiceUnavailable", Message: "The sandbox has been stopped", Status: http.StatusServiceUnavailable}
	case err != nil:
	case c.key == "":
		err = c.service.missingToken()
	case fault.before():
		err = fault.refusal(c)
	case !known:
		err = c.service.unknownOperation(c.operation)
	default:
		err = s.throttled(c)
	}
	if err != nil {
		return c.refuse(err)
	}

	out, err := op.run(c)
	if fault.after() {
		err = fault.refusal(c)
	}
	if err != nil {
		return c.refuse(err)
	}
	return answer{status: http.StatusOK, contentType: c.service.protocol.contentType(), id: c.id, body: c.service.protocol.encode(c, out)}
}

// refuse makes the answer that carries an error.
func (c *call) refuse(err error) answer {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = &apiError{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	p := c.service.protocol
	return answer{status: e.status(), contentType: p.contentType(), id: c.id, code: e.Code, body: p.encodeError(c, e)}
}

// write sends the answer, or half of it before it cuts the connection.
func (a answer) write(w http.ResponseWriter, truncate bool) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", itoa(len(a.body)))
	h.Set("X-Amzn-Requestid", a.id)
	if a.code != "" && strings.HasPrefix(a.contentType, "application/x-amz-json") {
		h.Set("X-Amzn-Errortype", a.code)
	}
	w.WriteHeader(a.status)
	if !truncate {
		w.Write(a.body) // an error means that nobody is left to tell
		return
	}
	w.Write(a.body[:len(a.body)/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
