package catalogue

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// packedNames is the text of all action names, a line each, in byte order.
//
//go:embed names.gz
var packedNames []byte

// packedDetail is lines of fields separated by tabs, service after service, in
// the order in which a misspelt prefix is taken to mean them:
//
//	service   name
//	key       name, type
//	resource  name, ARN format, keys
//	action    name, access levels, keys, and a field a resource type: "!" if
//	          it is required, its name, "=", keys
//
// Keys are the indexes of key lines of the service, separated by commas.
//
//go:embed detail.gz
var packedDetail []byte

// version is that of the data and their day.
//
//go:embed version.txt
var version string

type nameTable struct {
	sorted   []string            // as Names yields them
	spelling map[string]string   // of a name in lower case
	services map[string][]string // stretches of sorted
}

// allNames and details decode the data, once.
var (
	allNames = sync.OnceValue(decodeNames)
	details  = sync.OnceValue(decodeDetail)
)

func decodeNames() nameTable {
	text := unpack("names.gz", packedNames)
	// Lower case has the same length, the names being ASCII, so both tables are
	// pieces of two strings.
	sorted, folded := strings.Split(text, "\n"), strings.Split(strings.ToLower(text), "\n")
	t := nameTable{sorted, make(map[string]string, len(sorted)), map[string][]string{}}
	start, service := 0, ""
	for i, name := range folded {
		t.spelling[name] = sorted[i]
		if s := name[:strings.IndexByte(name, ':')]; s != service {
			t.services[service] = sorted[start:i:i]
			start, service = i, s
		}
	}
	t.services[service] = sorted[start:]
	delete(t.services, "")
	return t
}

// A service is one whose data are complete.
type service struct {
	actions   map[string]Action   // by the whole name, in lower case
	types     map[string]Resource // by the name, in lower case
	typeNames []string            // in lower case, in order
	keys      keyTable
}

type detailTable struct {
	services map[string]*service
	order    []string // of the names of services
}

func decodeDetail() detailTable {
	t := detailTable{services: map[string]*service{}}
	var s *service
	var name string
	var keys []Key
	refer := func(list string) []string {
		if list == "" {
			return nil
		}
		var names []string
		for i := range strings.SplitSeq(list, ",") {
			n, err := strconv.Atoi(i)
			if err != nil {
				panic(fmt.Sprintf("catalogue: the embedded detail.gz is broken: service %s: %v", name, err))
			}
			names = append(names, keys[n].Name)
		}
		return names
	}
	for line := range strings.SplitSeq(unpack("detail.gz", packedDetail), "\n") {
		f := strings.Split(line, "\t")
		switch f[0] {
		case "service":
			name, keys = f[1], nil
			s = &service{actions: map[string]Action{}, types: map[string]Resource{}}
			t.services[name], t.order = s, append(t.order, name)
		case "key":
			k := Key{Name: spelledKey(f[1]), Type: f[2], Multi: strings.HasPrefix(f[2], "ArrayOf")}
			keys = append(keys, k)
			s.keys.add(k)
		case "resource":
			s.addType(Resource{Service: name, Name: f[1], ARNs: []string{f[2]}, Keys: refer(f[3])})
		case "action":
			a := Action{Name: name + ":" + f[1], Levels: strings.Split(f[2], ", "), always: refer(f[3])}
			all := slices.Clone(a.always)
			for _, use := range f[4:] {
				kind, list, _ := strings.Cut(use, "=")
				kind, required := strings.CutPrefix(kind, "!")
				a.Resources = append(a.Resources, Use{kind, required, refer(list)})
				all = append(all, refer(list)...)
			}
			slices.Sort(all)
			a.Keys = slices.Compact(all)
			s.actions[strings.ToLower(a.Name)] = a
		}
	}
	t.fillGaps()
	return t
}

// addType puts a type in its place.
func (s *service) addType(r Resource) {
	folded := strings.ToLower(r.Name)
	i, found := slices.BinarySearch(s.typeNames, folded)
	if !found {
		s.typeNames = slices.Insert(s.typeNames, i, folded)
	}
	s.types[folded] = r
}

// unpack returns a text without its last newline. It panics if the data are
// broken: they are part of the program.
func unpack(file string, packed []byte) string {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(r); err == nil {
			return strings.TrimSuffix(string(text), "\n")
		}
	}
	panic(fmt.Sprintf("catalogue: the embedded %s is broken: %v", file, err))
}
