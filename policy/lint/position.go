package lint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A locator knows where in a text its parts are.
type locator struct {
	text string
	root *part
}

// A part is a JSON value: where it begins, and what it holds.
type part struct {
	offset  int
	list    bool
	members map[string]*part // by name, or by index in a list
	names   map[string]string
}

// newLocator reads a text that policy.Parse has accepted.
func newLocator(data []byte) locator {
	w := walker{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	return locator{text: string(data), root: w.value()}
}

// locate returns where the path leads, and the path as written: where the text
// has one value in place of a list, the path does not go into a list. Of a
// part that is not there, it returns the nearest that is.
func (l locator) locate(path policy.Path) (policy.Position, policy.Path) {
	at, lost := l.root, false
	var written policy.Path
	for _, element := range path {
		name := element
		if !at.list && !lost {
			// Operators may be written in another case than the document has them.
			if n, ok := at.names[match.Fold(element)]; ok {
				name = n
			}
		}
		next := at.members[name]
		switch {
		case lost || next == nil && !isIndex(element):
			lost = true
			written = append(written, element)
		case next == nil: // one value, or one statement, without its brackets
		default:
			at, written = next, append(written, name)
		}
	}
	return l.position(at.offset), written
}

func (l locator) position(offset int) policy.Position {
	before := l.text[:offset]
	return policy.Position{
		Line:   strings.Count(before, "\n") + 1,
		Column: utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1,
	}
}

// A walker reads JSON and keeps the offsets of values.
type walker struct {
	data    []byte
	decoder *json.Decoder
}

// next returns the next token and where it begins. The decoder tells where the
// last token ended; between the two are only white space, a comma or a colon.
func (w *walker) next() (json.Token, int) {
	offset := int(w.decoder.InputOffset())
	for offset < len(w.data) && strings.IndexByte(" \t\r\n,:", w.data[offset]) >= 0 {
		offset++
	}
	token, err := w.decoder.Token()
	if err != nil {
		panic("lint: the text is not JSON, though it was parsed: " + err.Error())
	}
	return token, offset
}

func (w *walker) value() *part {
	token, offset := w.next()
	p := &part{offset: offset, list: token == json.Delim('[')}
	if _, ok := token.(json.Delim); !ok {
		return p
	}
	p.members, p.names = map[string]*part{}, map[string]string{}
	for i := 0; w.decoder.More(); i++ {
		name := strconv.Itoa(i)
		if !p.list {
			token, _ := w.next()
			name = token.(string)
		}
		p.members[name] = w.value()
		p.names[match.Fold(name)] = name
	}
	w.next() // the closing one
	return p
}

func isIndex(element string) bool {
	return element != "" && strings.Trim(element, "0123456789") == ""
}

// elements are the names of elements in the order in which they are usually
// written.
var elements = []string{"Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}

// comparePaths orders paths as the parts they lead to stand in a document. A
// part stands before what it holds.
func comparePaths(a, b policy.Path) int {
	return slices.CompareFunc(a, b, func(a, b string) int {
		if isIndex(a) && isIndex(b) {
			return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
		}
		return cmp.Or(cmp.Compare(slices.Index(elements, a), slices.Index(elements, b)), strings.Compare(a, b))
	})
}
