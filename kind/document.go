package kind

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/ssmctl/ssmctl/resource"
)

// A Document is an SSM document of the account. Specs only mention documents.
type Document struct {
	Name string `json:"name"`
}

// ID returns document/NAME.
func (d Document) ID() resource.ID { return id("document", d.Name) }

// Needs returns nothing.
func (d Document) Needs() []resource.ID { return nil }

var _ = define(Kind[Document]{
	Name:    "document",
	Summary: "An SSM document of the account, which restrictions may name.",
	Example: []string{
		`restrictions: {run-one: {documents: [name_of_restrictive_document], instances: all}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Document, error) {
		if !sw.mentions("document") {
			return nil, nil // no spec that names none should have to wait for the list
		}
		listed, err := sw.documents(ctx)
		all := make([]Document, len(listed))
		for i, d := range listed {
			all[i] = Document{Name: aws.ToString(d.Name)}
		}
		return all, err
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Document, error) {
		if !sw.mentions("document") {
			return nil, nil
		}
		got, err := sw.read.ssm.DescribeDocument(ctx, &ssm.DescribeDocumentInput{Name: &name})
		if err != nil || aws.ToString(got.Document.Owner) != sw.Caller.Account {
			return nil, err
		}
		return &Document{Name: name}, nil
	},
	Write: func(_ context.Context, w *Write, _, _ *Document) error {
		return fmt.Errorf("%s: documents are only mentioned, never written", w.change.ID())
	},
})

// documents lists the account's own documents.
func (sw *Sweep) documents(ctx context.Context) ([]ssmtypes.DocumentIdentifier, error) {
	return once(sw, "ssm:ListDocuments", func() ([]ssmtypes.DocumentIdentifier, error) {
		var all []ssmtypes.DocumentIdentifier
		pages := ssm.NewListDocumentsPaginator(sw.read.ssm, &ssm.ListDocumentsInput{
			MaxResults: new(int32(50)),
			Filters:    []ssmtypes.DocumentKeyValuesFilter{{Key: new("Owner"), Values: []string{"Self"}}},
		})
		for page, err := range eachPage(ctx, pages) {
			if err != nil {
				return nil, err
			}
			all = append(all, page.DocumentIdentifiers...)
		}
		return all, nil
	})
}

// mentions reports whether anything that the spec asks for needs an object of
// that kind.
func (s Scope) mentions(kind string) bool {
	if s.Desired == nil {
		return false
	}
	for o := range s.Desired.State.All() {
		for _, need := range o.Needs() {
			if need.Kind == kind {
				return true
			}
		}
	}
	return false
}
