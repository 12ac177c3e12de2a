package view

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// Error writes an error for the person who must act on it: what went wrong,
// what is known of the effect, and what to do, as far as a resource.Failure in
// it says so. Each line of the error's text becomes one line. Nil writes
// nothing.
func Error(w io.Writer, err error, o Options) error {
	if err == nil {
		return nil
	}
	p := &page{Options: o}
	p.failure(0, "error: ", "", err)
	_, werr := w.Write(p.text.Bytes())
	return werr
}

// failure writes err after a lead and what it is about, both escaped, and
// beneath it what a Failure in it knows.
func (p *page) failure(indent int, lead, about string, err error) {
	for i, line := range strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") {
		if i == 0 {
			p.led(indent, red, lead, about+Escape(line))
		} else {
			p.line(indent+2, Escape(line))
		}
	}
	f, ok := errors.AsType[*resource.Failure](err)
	if !ok {
		return
	}
	code := f.Code
	if strings.Contains(err.Error(), code) {
		code = "" // said already
	}
	for _, fact := range []struct{ name, text string }{
		{"code", code},
		{"effect", effect(f)},
		{"help", f.Help},
	} {
		if fact.text != "" {
			p.led(indent+3, plain, "= "+fact.name+": ", Escape(fact.text))
		}
	}
}

// effect says what is known to have happened in spite of the failure.
func effect(f *resource.Failure) string {
	text := "none, AWS was asked and did nothing"
	switch f.Class {
	case resource.Refused:
		text = "none, AWS refused"
	case resource.Unsent:
		text = "none, the request was never sent"
	case resource.Unknown:
		text = "unknown, no answer came that could be read"
	}
	if f.Done > 0 {
		text += fmt.Sprintf("; %s of the same step had been made", count(f.Done, "call"))
	}
	return text
}

// reason returns err in one line, for lists and tables.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*resource.Failure](err); ok && f.Code != "" {
		return Escape(f.Call + ": " + f.Code)
	} else if ok && f.Call != "" {
		return Escape(f.Error())
	}
	return Escape(err.Error())
}
