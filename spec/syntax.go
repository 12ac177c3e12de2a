package spec

import (
	"regexp"
	"strconv"
	"strings"
)

// A slip is a mistake people make in YAML: how the parser complains of it, and
// how to find it in the text. The first group of the pattern is the stretch at
// fault.
type slip struct {
	complaint string // part of what the parser says; "" for anything
	lines     int    // how many lines to look at; 0 for all
	pattern   *regexp.Regexp
	text      string
	help      string
}

const (
	tabHelp    = "indent with spaces; YAML allows no tabs there"
	quoteHelp  = "put the value in quotes"
	colonHelp  = "write a space after the colon"
	indentHelp = "keys of one mapping, and dashes of one list, begin in the same column"
)

var tabbed = regexp.MustCompile(`^ *(\t+)[ \t]*[^ \t#]`)

// slips are tried in this order; for each, from where the parser stopped back
// to where it says that things began.
var slips = []slip{
	{"", 1, tabbed, "a tab in the indentation", tabHelp},
	{
		"alphabetic or numeric", 0, regexp.MustCompile(`(?:^|[:,\[{-])\s*(\*[^\s,\]}]*)`), "a * without quotes is an alias in YAML",
		"put it in quotes; where everything is meant, the word is `all`",
	},
	{"alphabetic or numeric", 0, regexp.MustCompile(`(?:^|[:,\[{-])\s*(&[^\s,\]}]*)`), "an & without quotes is an anchor in YAML", quoteHelp},
	{
		"unknown anchor", 0, regexp.MustCompile(`(?:^|[:,\[{-])\s*(\*[^\s,\]}]*)`), "a * without quotes is an alias in YAML",
		"put it in quotes; where everything is meant, the word is `all`",
	},
	{"cannot start any token", 0, regexp.MustCompile("(?:^|[:,\\[{-])\\s*([@`%][^\\s,\\]}]*)"), "a value cannot begin with this character unless it is in quotes", quoteHelp},
	{
		"expected ',' or", 0, regexp.MustCompile(`[\[{,:]\s*(\$?\$\{[^}]*\}?)`), "a { without quotes opens a mapping inside brackets",
		"put the value in quotes; a variable of the spec is written $(var.NAME)",
	},
	{
		"", 0, regexp.MustCompile(`[\[{,:]\s*(\{\{[^}]*\}?\}?)`), "{{ without quotes opens mappings in YAML",
		"put the value in quotes; a variable of the spec is written $(var.NAME)",
	},
	{
		"mapping values are not allowed", 0, regexp.MustCompile(`^[^"'#]*:\s+[^"'#\[{]*\S(:)(?:\s|$)`), "a second colon in one line",
		"put the value in quotes if the colon belongs to it, or begin a new line",
	},
	{"mapping values are not allowed", 0, regexp.MustCompile(`^\s*(?:- +)?([A-Za-z_][\w-]*:[^\s:/][^:]*)$`), "no space after the colon", colonHelp},
	{"could not find expected ':'", 0, regexp.MustCompile(`^\s*(?:- +)?([A-Za-z_][\w-]*:\S.*)$`), "no space after the colon", colonHelp},
	{"could not find expected ':'", 0, regexp.MustCompile(`^\s*([^\s:#][^:#]*)$`), "a key without a colon", "write a colon and a space after the key"},
	{"mapping values are not allowed", 2, regexp.MustCompile(`^\s*([A-Za-z_][^:#"']*)$`), "a key without a colon", "write a colon after the key"},
	{"unknown escape character", 0, regexp.MustCompile(`"[^"]*?(\\[^0abt\tnvfre "/\\N_LPxuU])`), "an unknown escape in double quotes", `write the backslash twice, or use single quotes`},
	{
		"did not find expected key", 0, regexp.MustCompile(`^.*?:\s+("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*[^\s#,}\]]`), "text after the closing quote",
		"put all of the value inside the quotes; inside single quotes, '' stands for one",
	},
	{"did not find expected key", 0, regexp.MustCompile(`^\s*(-)\s`), "a list item where a key is expected", "give the list a key of its own; dashes of one list begin in the same column"},
	{"did not find expected '-' indicator", 0, regexp.MustCompile(`^\s*([^\s#-][^\s:]*:)(?:\s|$)`), "a key where a list item is expected", indentHelp},
	{"did not find expected node content", 0, regexp.MustCompile(`[\[{,]\s*(,)`), "a comma with nothing before it", "delete it"},
	{"did not find expected node content", 0, regexp.MustCompile(`[:-]\s+([\]}])`), "a closing bracket that nothing opens", "delete it, or put the value in quotes"},
	{"undefined tag handle", 0, regexp.MustCompile(`(?:^|[:,\[{-])\s*(![^\s,\]}]*)`), "a ! without quotes is a tag in YAML", quoteHelp},
	{"comment or line break", 0, regexp.MustCompile(`(?:^|[:-])\s*([>|][^#]*)`), "text beside > or |", "begin the text on the next line, or put the value in quotes"},
}

// plain puts what is left of the parser's complaints into the words of someone
// who writes YAML, not of someone who writes parsers.
var plain = []struct{ complaint, text, help string }{
	{"mapping values are not allowed", "a key where none can stand", "check the indentation, and that the line before has its colon followed by a space"},
	{"did not find expected key", "a line that fits nothing above it", indentHelp},
	{"did not find expected '-' indicator", "a line that fits nothing above it", indentHelp},
	{"did not find expected ',' or ']'", "a [ that is not closed", "write commas between the values and ] after the last; values with brackets in them need quotes"},
	{"did not find expected ',' or '}'", "a { that is not closed", "write commas between the values and } after the last; values with braces in them need quotes"},
	{"did not find expected node content", "a bracket that is not closed, or a comma too many", "close every [ with ] and every { with }; values with brackets in them need quotes"},
	{"unexpected end of stream", "a quote that is not closed", "close it, or double a quote that belongs to the text"},
	{"unexpected document indicator", "a quote that is not closed", "close it, or double a quote that belongs to the text"},
	{"tab character", "a tab in the indentation", tabHelp},
	{"expected <document start>", "text after the end of the document", "a spec is one document: delete `...`, or move what follows to a file of its own"},
	{"exceeded max depth", "nested too deeply", ""},
}

var parserLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// reportSyntax reports what the parser complained of, having read so many bytes.
func (l *loader) reportSyntax(err error, read int) {
	said := parserLine.FindStringSubmatch(err.Error())
	if said == nil {
		said = []string{"", "", err.Error()}
	}
	complaint := said[2]
	last := l.stopped(read)
	first := max(1, last-3)
	if began, _ := strconv.Atoi(said[1]); began > 0 && began <= last {
		first = max(min(first, began), last-40)
	}
	for _, s := range slips {
		if !strings.Contains(complaint, s.complaint) {
			continue
		}
		for n := last; n >= first && (s.lines == 0 || n > last-s.lines); n-- {
			line := l.source.line(n)
			line = line[:min(len(line), 1<<12)]
			if m := s.pattern.FindStringSubmatchIndex(line); m != nil {
				l.reportAt(n, runes(line[:m[2]])+1, runes(line[m[2]:m[3]]), Syntax, s.text, s.help)
				return
			}
		}
	}
	text, help := "this is not YAML: "+complaint, ""
	for _, p := range plain {
		if strings.Contains(complaint, p.complaint) {
			text, help = p.text, p.help
			break
		}
	}
	if n, column := l.opening(complaint, first, last); n > 0 {
		l.reportAt(n, column, 1, Syntax, text, help)
		return
	}
	line := strings.TrimRight(l.source.line(last), " ")
	lead := len(line) - len(strings.TrimLeft(line, " "))
	l.reportAt(last, lead+1, runes(line[lead:]), Syntax, text, help)
}

// stopped returns the line at which a parser that had read so many bytes
// stopped. It reads a few characters ahead, over blank lines and comments too.
func (l *loader) stopped(read int) int {
	n := 1
	for n < len(l.source.starts) && l.source.starts[n] < read {
		n++
	}
	if tabbed.MatchString(l.source.line(n)) {
		return n
	}
	if read-l.source.starts[n-1] <= 4 && n > 1 && len(l.source.line(n)) > 4 {
		n--
	}
	for n > 1 {
		if line := strings.TrimSpace(l.source.line(n)); line != "" && line[0] != '#' {
			break
		}
		n--
	}
	return n
}

// opening finds the bracket or quote that the parser says is not closed.
func (l *loader) opening(complaint string, first, last int) (line, column int) {
	var signs string
	switch {
	case strings.Contains(complaint, "or ']'"):
		signs = "["
	case strings.Contains(complaint, "or '}'"):
		signs = "{"
	case strings.Contains(complaint, "end of stream"), strings.Contains(complaint, "document indicator"):
		signs = `"'`
	case strings.Contains(complaint, "node content"):
		signs = "[{"
	default:
		return 0, 0
	}
	for n := first; n <= last; n++ {
		text := l.source.line(n)
		for i := 0; i < len(text); i++ {
			switch {
			case strings.IndexByte(`"'`, text[i]) >= 0 && quoted(text[i:]) < len(text)-i:
				i += quoted(text[i:]) - 1
			case strings.IndexByte(`"'`, text[i]) >= 0 && text[len(text)-1] == text[i] && i < len(text)-1:
				i = len(text)
			case strings.IndexByte(signs, text[i]) >= 0 && (signs == `"'` || bracketed(text[i:]) == 1):
				return n, runes(text[:i]) + 1
			}
		}
	}
	return 0, 0
}
