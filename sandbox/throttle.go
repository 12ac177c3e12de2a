package sandbox

import "time"

// A throttle is a token bucket for each service. The zero throttle lets
// everything through.
type throttle struct {
	perSecond int
	burst     int
	buckets   map[string]*bucket
}

type bucket struct {
	tokens float64
	filled time.Time
}

// SetThrottle lets each service answer burst requests at once and perSecond
// in the long run, by the clock of the sandbox; what is beyond that gets the
// service's own error. A perSecond of 0 throttles nothing.
func (s *Server) SetThrottle(perSecond, burst int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle = throttle{perSecond: perSecond, burst: max(burst, 1), buckets: map[string]*bucket{}}
}

// throttled returns the service's error if the request is one too many. The
// caller holds the lock.
func (s *Server) throttled(c *call) error {
	t := &s.throttle
	if t.perSecond <= 0 {
		return nil
	}
	now := c.now
	b := t.buckets[c.service.name]
	if b == nil {
		b = &bucket{float64(t.burst), now}
		t.buckets[c.service.name] = b
	}
	b.tokens = min(float64(t.burst), b.tokens+now.Sub(b.filled).Seconds()*float64(t.perSecond))
	b.filled = now
	if b.tokens < 1 {
		return new(c.service.codes.throttled)
	}
	b.tokens--
	return nil
}
