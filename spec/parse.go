package spec

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// parse returns the value at the top of the file's only document, or nil after
// reporting why there is none.
func (l *loader) parse() *yaml.Node {
	reader := &bytewise{text: l.source.text}
	decoder := yaml.NewDecoder(strings.NewReader(l.source.text))
	document, err := decode(decoder)
	if errors.Is(err, io.EOF) {
		l.reportFile(NotASpec, "this is not an ssmctl spec: the file is empty", "a spec begins with the line `ssmctl: v1`")
		return nil
	}
	if err == nil {
		var second *yaml.Node
		second, err = decode(decoder)
		if err == nil {
			p := l.reportAt(second.Line, max(second.Column, 1), 3, SecondDocument, "a second document begins here", "")
			p.Help = "a spec is one document: delete `---`, or move what follows to a file of its own"
			return nil
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		// The parser tells at most a line, and often that of something else.
		// How far it had to read is better, so let it fail once more.
		slow := yaml.NewDecoder(reader)
		for again := error(nil); again == nil; {
			_, again = decode(slow)
		}
		l.reportSyntax(err, reader.read)
		return nil
	}
	return document.Content[0]
}

// decode reads the next document.
func decode(d *yaml.Decoder) (n *yaml.Node, err error) {
	// The parser was given up by its author with bugs known; one of them must
	// not take the program down.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: the parser gave up: %v", r)
		}
	}()
	n = new(yaml.Node)
	if err := d.Decode(n); err != nil {
		return nil, err
	}
	if n.Kind != yaml.DocumentNode || len(n.Content) == 0 {
		return nil, io.EOF
	}
	return n, nil
}

// A bytewise reader hands out one byte at a time, so that what was read tells
// how far the parser got.
type bytewise struct {
	text string
	read int
}

func (r *bytewise) Read(p []byte) (int, error) {
	if r.read == len(r.text) {
		return 0, io.EOF
	}
	n := copy(p[:min(1, len(p))], r.text[r.read:])
	r.read += n
	return n, nil
}
