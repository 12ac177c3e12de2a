package spec

// The codes of what can be wrong with a spec. A code, once given out, keeps
// its meaning for good.
const (
	TooLarge       = "S001"
	NotText        = "S002"
	Invisible      = "S003"
	Syntax         = "S004"
	SecondDocument = "S005"
	TooDeep        = "S006"
	TooMany        = "S007"
	Alias          = "S008"
	Tag            = "S009"
	DuplicateKey   = "S010"
	NotASpec       = "S011"
	UnknownKey     = "S012"
	ReservedKey    = "S013"
	MissingKey     = "S014"
	NoValue        = "S015"
	WrongType      = "S016"
	Ambiguous      = "S017"
	NotAChoice     = "S018"
	NoMatch        = "S019"
	OutOfBounds    = "S020"
	DuplicateItem  = "S021"
	UnknownName    = "S022"
	BadName        = "S023"
	SameName       = "S024"
	UnknownVar     = "S025"
	BadVar         = "S026"
	Senseless      = "S030"
	AskedTwice     = "S031"
	Contradiction  = "S032"
	Unsaid         = "S099"
)

// A Rule is what one code stands for.
type Rule struct {
	Code    string
	Title   string // what is wrong, in a few words
	Explain string // why it is refused, and what to do
}

// Rules lists every code, in order.
var Rules = []Rule{
	{TooLarge, "the file is too large", "A spec is at most 1 MiB, which is room for some ten thousand people. A larger file is more likely not a spec."},
	{NotText, "the file is not UTF-8 text", "A spec is UTF-8. Files saved as UTF-16 or Latin-1 have to be saved again as UTF-8."},
	{Invisible, "a character that cannot be seen", "Control characters, marks that change the direction of writing and zero-width characters make a file read differently from what it means, so a review cannot be relied on. Delete them; in a name they are never needed."},
	{Syntax, "the YAML cannot be read", "The file does not follow YAML's rules. Usual causes: a tab in the indentation, no space after a colon, an unquoted * or @, a bracket or quote that is not closed."},
	{SecondDocument, "more than one document", "YAML allows several documents in a file, divided by ---. A spec is one document, since many programs read only the first and stay silent about the rest."},
	{TooDeep, "nested too deeply", "Values may be nested 64 deep."},
	{TooMany, "too many values", "A mapping holds at most 1,000 keys, a section 10,000 entries, a list 10,000 items, a policy document 32 KiB, and a file about 100,000 values."},
	{Alias, "an alias or a merge key", "YAML's anchors (&), aliases (*) and merge keys (<<) let one line change the meaning of lines far away. Use `vars` and $(var.NAME), or write the value twice. A * that is meant as text needs quotes."},
	{Tag, "a YAML tag", "Tags such as !!str, !Ref or !secret are not supported. To make a value text, put it in quotes."},
	{DuplicateKey, "the same key twice", "In one mapping a key may stand only once; many programs silently keep the last. Delete one of the two, or put their values together."},
	{NotASpec, "not an ssmctl spec", "The key `ssmctl: v1` says that a file is a spec, and in which version of the language it is written."},
	{UnknownKey, "unknown key", "The key means nothing here; ignoring it would hide a mistake. Keys that begin with x- are yours to use."},
	{ReservedKey, "a key of a later version", "The key belongs to the spec language but this version of ssmctl cannot do what it asks for, and refuses rather than ignore it."},
	{MissingKey, "a key is missing", "The key has to be there."},
	{NoValue, "no value", "A key with nothing after it means null in YAML, and null means nothing here. Give a value or delete the key; an entry with nothing to say is written {}."},
	{WrongType, "the wrong sort of value", "Text, whole numbers, true or false, lists and mappings cannot stand in for each other."},
	{Ambiguous, "read differently by different programs", "Without quotes, words such as yes, no, on and off and numbers such as 012, 0x1F and 1_000 mean different things to different YAML programs. Put text in quotes; write true or false, and numbers in plain decimal digits."},
	{NotAChoice, "not one of the values allowed", "Only the values listed are understood."},
	{NoMatch, "not of the right form", "The value is not of the form that AWS or ssmctl expects."},
	{OutOfBounds, "too small, too large, too few or too many", "The number, or how many values there are, lies outside what AWS or ssmctl accepts."},
	{DuplicateItem, "the same item twice", "A list holds each value once."},
	{UnknownName, "no such entry", "The value must be the name of an entry in another section of the same spec."},
	{BadName, "not a name AWS accepts", "Entries are named as they will be in AWS."},
	{SameName, "names that differ only in case", "AWS takes names that differ only in upper and lower case for the same name."},
	{UnknownVar, "unknown variable", "$(var.NAME) stands for a value under `vars`; $(name), $(account) and $(region) for the spec's own. Text that is meant to hold $( writes it as $$(."},
	{BadVar, "a variable that cannot be used", "A variable has a name of letters, digits, _ and -, and a value that is text, a number, true or false. `name`, `account` and `region` cannot use variables, and a variable cannot use another."},
	{Senseless, "an entry that cannot be carried out", "Every key of the entry is well-formed, but together they ask for something that AWS or ssmctl cannot do."},
	{AskedTwice, "asked for in two different ways", "Two entries lead to the same object in AWS and want it to be different. Make them agree, or leave it to one of them."},
	{Contradiction, "asked for and ruled out", "One entry asks for an object that another says must not exist."},
	{Unsaid, "more problems than are shown", "Only the first thousand problems are listed. Mend those and look again."},
}
