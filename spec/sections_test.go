package spec_test

import (
	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// A group and a restriction between them use every tag of the table.
type group struct {
	Existing     bool                  `spec:"existing" doc:"It is there already."`
	Protect      *bool                 `spec:"protect" doc:"Never delete it."`
	Only         []string              `spec:"only" reserved:"environments come with a later version"`
	Members      []string              `spec:"members" doc:"Users." pattern:"^[a-z0-9.]{1,64}$" want:"a user name"`
	Access       access                `spec:"access" doc:"What they may do."`
	Restrictions []string              `spec:"restrictions" doc:"Narrow grants." ref:"restrictions" max:"10"`
	Inline       map[string]entry.Tree `spec:"inline" doc:"Policies as they stand."`
	Tags         map[string]string     `spec:"tags" doc:"Tags." max:"2"`
	Forbid       []string              `spec:"forbid" doc:"Users who must not be in it."`
	shared
}

type shared struct {
	Size   int    `spec:"size" doc:"How many." min:"1" max:"50" example:"3"`
	Window string `spec:"window" doc:"When."`
	Trust  *trust `spec:"trust" doc:"Who may."`
}

type trust struct {
	Provider string   `spec:"provider,required" doc:"Which." example:"sts.example.com"`
	Subject  []string `spec:"subject,required" doc:"Who." min:"1"`
	MFA      bool     `spec:"mfa" doc:"Twice."`
}

type access struct {
	Preset  string `spec:",scalar" enum:"none,read-only,full"`
	Actions string `spec:"actions" doc:"Actions." enum:"none,read-only,full"`
}

type restriction struct {
	Documents names  `spec:"documents" doc:"What may be run."`
	Nodes     []node `spec:"nodes" doc:"Where."`
	Note      note   `spec:"note" doc:"Anything."`
}

type names struct {
	All  string   `spec:",scalar" enum:"all"`
	List []string `spec:",list" min:"1"`
}

type node struct {
	Name string            `spec:",scalar"`
	Tags map[string]string `spec:"tags,required" min:"1"`
}

type note struct {
	Text string `spec:"text,scalar"`
	Flag bool   `spec:"flag,scalar"`
	Size int    `spec:"size,scalar"`
}

// An object is whatever a test entry asks for.
type object struct {
	Kind, Name string
	Size       int      `json:",omitempty"`
	Path       []string `json:",omitempty"`
}

func (o object) ID() resource.ID      { return resource.ID{Kind: o.Kind, Name: o.Name} }
func (o object) Needs() []resource.ID { return nil }

// sections are those of the tests.
func sections() []entry.Section {
	return []entry.Section{
		{
			Name: "groups", Noun: "group", Summary: "Groups.", Example: "operators: {access: full}",
			Pattern: `^[A-Za-z][A-Za-z0-9+=,.@_-]{0,63}$`, Want: "a letter, then letters and digits",
			New: func() any { return &group{} },
			Expand: func(x *entry.Expansion, e any) {
				g := e.(*group)
				x.Add(object{Kind: "group", Name: x.Name})
				for i, m := range g.Members {
					x.Add(object{Kind: "membership", Name: m + "/" + x.Name}, "members", index(i))
				}
				for i, m := range g.Forbid {
					x.Forbid(resource.ID{Kind: "membership", Name: m + "/" + x.Name}, "forbid", index(i))
				}
				if g.Size > 0 {
					x.Add(object{Kind: "quota", Name: "size", Size: g.Size}, "size")
				}
				if g.Trust != nil && g.Trust.MFA {
					x.Add(object{Kind: "trust", Name: x.Name}, "trust", "nowhere", "0")
				}
				if g.Protect != nil && *g.Protect {
					x.Protect(resource.ID{Kind: "group", Name: x.Name})
				}
				if g.Window == "never" && g.Trust != nil {
					x.Fault("trust has no effect without a window", "drop `trust`", "trust", "provider") // said twice, shown once
					x.Fault("trust has no effect without a window", "drop `trust`", "trust", "provider")
				}
			},
		},
		{
			Name: "restrictions", Noun: "restriction", Summary: "Restrictions.", Example: "web: {documents: all}",
			Pattern: `^[a-z][a-z-]{0,63}$`, Want: "small letters",
			New: func() any { return &restriction{} },
			Expand: func(x *entry.Expansion, e any) {
				x.Add(object{Kind: "policy", Name: x.Name}, "documents", "3", "nowhere")
			},
		},
	}
}

func index(i int) string { return string(rune('0' + i)) }
