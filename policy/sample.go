package policy

import (
	"encoding/base64"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// samples returns texts such that every condition under operators of one base,
// with these values, holds for one of them if it holds for any text. What such
// a condition asks can only change at the values themselves: so they are taken,
// something between each and the next, something beyond both ends, and what is
// not of the type at all.
func samples(base match.Base, values []string) []string {
	var texts []string
	switch base {
	case match.Numeric:
		texts = numbers(values)
	case match.Date:
		texts = instants(values)
	case match.Bool:
		texts = []string{"true", "false"}
	case match.Binary:
		for _, value := range append([]string{""}, values...) {
			if b, ok := match.Bytes(value); ok {
				texts = append(texts, value, base64.StdEncoding.EncodeToString(append(slices.Clone(b), 0)))
			}
		}
	case match.IPAddress:
		texts = addresses(values)
	}
	return append(texts, "example")
}

// numbers also returns a second spelling of each, which strings tell apart.
func numbers(values []string) []string {
	var points []float64
	for _, value := range values {
		if n, ok := match.Number(value); ok {
			points = append(points, n)
		}
	}
	if len(points) == 0 {
		points = []float64{1}
	}
	slices.Sort(points)
	points = slices.Compact(points)
	texts := []string{}
	add := func(n float64) {
		if !math.IsInf(n, 0) {
			texts = append(texts, strconv.FormatFloat(n, 'g', -1, 64))
		}
	}
	first, last := points[0], points[len(points)-1]
	for i, n := range points {
		add(n)
		if i > 0 {
			add(points[i-1]/2 + n/2)
		}
	}
	add(min(first-1, math.Nextafter(first, math.Inf(-1))))
	add(max(last+1, math.Nextafter(last, math.Inf(1))))
	for _, n := range points {
		if n == math.Trunc(n) && math.Abs(n) < 1e15 {
			texts = append(texts, strconv.FormatFloat(n, 'f', 1, 64))
		}
	}
	return texts
}

func instants(values []string) []string {
	var points []time.Time
	for _, value := range values {
		if t, ok := match.Instant(value); ok {
			points = append(points, t)
		}
	}
	if len(points) == 0 {
		points = []time.Time{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	}
	slices.SortFunc(points, time.Time.Compare)
	texts := []string{}
	add := func(t time.Time) {
		if t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
			texts = append(texts, strconv.FormatInt(t.UnixMilli(), 10))
			return
		}
		texts = append(texts, t.Format(time.RFC3339Nano))
	}
	for i, t := range points {
		add(t)
		if i > 0 {
			add(points[i-1].Add(t.Sub(points[i-1]) / 2))
		}
	}
	add(points[0].Add(-24 * time.Hour))
	add(points[len(points)-1].Add(24 * time.Hour))
	return texts
}

// addresses returns the first of each range and the first after it. Of the
// addresses that are in the same ranges, the lowest is one of these, or the
// lowest of all.
func addresses(values []string) []string {
	texts := []string{}
	for _, value := range values {
		n, ok := match.Network(value)
		if !ok {
			continue
		}
		texts = append(texts, n.Addr().String())
		last := n.Addr().AsSlice()
		for i := n.Bits(); i < 8*len(last); i++ {
			last[i/8] |= 0x80 >> (i % 8)
		}
		if end, _ := netip.AddrFromSlice(last); end.Next().IsValid() {
			texts = append(texts, end.Next().String())
		}
	}
	// One that RFC 5737 reserves for examples; then the lowest; then one that
	// is in no range, for its zone.
	return append(texts, "203.0.113.7", "0.0.0.0", "::", "fe80::1%eth0")
}
