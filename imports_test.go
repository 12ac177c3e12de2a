package ssmctl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ssmctl/ssmctl"

// A pkg is a package of this module, as `go list` knows it.
type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string // without tests
	Imports    []string // of those
}

// short is the import path within the module, "." for its root.
func (p pkg) short() string {
	if p.ImportPath == module {
		return "."
	}
	return strings.TrimPrefix(p.ImportPath, module+"/")
}

// own is what each package may import of this module; a package that is not
// here may import nothing.
var own = map[string][]string{
	"resource":                 {},
	"spelling":                 {},
	"entry":                    {"resource"},
	"policy":                   {"policy/catalogue", "policy/internal/language", "policy/internal/match"},
	"policy/internal/match":    {},
	"policy/internal/language": {"policy/internal/match"},
	"policy/catalogue":         {"spelling"},
	"policy/catalogue/refresh": {},
	"policy/lint":              {"policy", "policy/catalogue", "policy/internal/match"},
	"policy/managed":           {"spelling"},
	"policy/managed/refresh":   {},
	"access":                   {"policy", "policy/catalogue", "resource"},
	"planner":                  {"resource", "spelling"},
	"check":                    {"access", "planner", "policy", "policy/lint", "resource"},
	"journal":                  {"planner", "resource"},
	"executor":                 {"journal", "planner", "resource"},
	"spec":                     {"entry", "policy", "resource", "spelling"},
	"kind":                     {"access", "entry", "policy", "policy/managed", "resource"},
	"sandbox":                  {"policy", "policy/managed"},
	"view":                     {"access", "executor", "journal", "planner", "policy", "resource"},
	"schemas":                  {},
	"schemas/generate":         {"entry", "kind", "planner", "resource", "spec"},
	"samples":                  {},
	"cmd/ssmctl": {
		"access", "check", "entry", "executor", "journal", "kind", "planner", "policy", "policy/lint",
		"resource", "samples", "sandbox", "schemas", "spec", "view",
	},
}

// outside is what each package may import of other modules, by how the path
// begins; a package that is not here may import the standard library alone.
var outside = map[string][]string{
	"spec":             {"gopkg.in/yaml.v3"},
	"kind":             {"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go", "github.com/hashicorp/go-hclog"},
	"view":             {"github.com/sergi/go-diff"},
	"schemas/generate": {"github.com/invopop/jsonschema"},
	"cmd/ssmctl":       {"github.com/hashicorp/go-hclog", "github.com/spf13/cobra", "golang.org/x/term"},
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Name,Dir,GoFiles,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// The packages know of each other what they must, and no more.
func TestImports(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, p := range packages(t) {
		found[p.short()] = true
		for _, imported := range p.Imports {
			if !allowed(p.short(), imported) {
				t.Errorf("%s must not import %s", p.short(), imported)
			}
		}
	}
	for name := range own {
		if !found[name] {
			t.Errorf("there is no package %s any more: drop its rule", name)
		}
	}
}

func allowed(from, imported string) bool {
	if path, ok := strings.CutPrefix(imported, module+"/"); ok {
		return slices.Contains(own[from], path)
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(outside[from], func(path string) bool {
		return imported == path || strings.HasPrefix(imported, path+"/")
	})
}

// forbidden is what no library does: what it has to say it returns, and what
// it has to know it is told.
var forbidden = map[string]func(name string) bool{
	"os": func(name string) bool {
		return slices.Contains([]string{"Exit", "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Stdin", "Stdout", "Stderr"}, name)
	},
	"fmt": func(name string) bool { return strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Scan") },
	// A logger of one's own is not global.
	"log":       func(name string) bool { return name != "New" && name != "Logger" },
	"log/slog":  func(name string) bool { return name != "New" && name != "Logger" },
	"os/signal": func(string) bool { return true },
}

// Libraries neither print, nor log, nor read the environment, nor exit.
func TestLibrariesKeepToThemselves(t *testing.T) {
	t.Parallel()
	files := 0
	for _, p := range packages(t) {
		if p.Name == "main" {
			continue
		}
		for _, name := range p.GoFiles {
			files++
			for _, wrong := range misdeeds(t, filepath.Join(p.Dir, name)) {
				t.Errorf("%s/%s: a library must not use %s", p.short(), name, wrong)
			}
		}
	}
	if files < 100 {
		t.Errorf("only %d files were looked at", files)
	}
}

// misdeeds returns what a file uses of what is forbidden, as "12: os.Exit".
func misdeeds(t *testing.T, file string) []string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	imported := map[string]string{} // path by the name that the file gives it
	for _, s := range f.Imports {
		path, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if s.Name != nil {
			name = s.Name.Name
		}
		imported[name] = path
	}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if !ok {
				return true
			}
			if bad := forbidden[imported[x.Name]]; bad != nil && bad(n.Sel.Name) {
				found = append(found, fmt.Sprintf("line %d: %s.%s", set.Position(n.Pos()).Line, imported[x.Name], n.Sel.Name))
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
				found = append(found, fmt.Sprintf("line %d: %s", set.Position(n.Pos()).Line, f.Name))
			}
		}
		return true
	})
	return found
}
