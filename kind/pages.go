package kind

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// maxPages is how many pages a list may have: at 1,000 rows a page, ten
// million of them, which no account holds.
const maxPages = 10_000

// A pager asks for one page of a list after another, as the SDK's paginators
// do.
type pager[Out, Opt any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Opt)) (*Out, error)
}

// eachPage yields the pages of a list up to the last, or to an error. A list
// that goes round in circles, has no end, or says that there is more and not
// where is an error as well, since what is missing from a list is taken for
// what does not exist. The SDK's paginators ask for ever, or stop in silence.
func eachPage[Out, Opt any](ctx context.Context, pages pager[Out, Opt], options ...func(*Opt)) iter.Seq2[*Out, error] {
	return func(yield func(*Out, error) bool) {
		seen := map[string]bool{}
		for n := 0; pages.HasMorePages(); n++ {
			page, err := pages.NextPage(ctx, options...)
			if err == nil {
				err = followed(page, seen, n+1)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// followed notes where the page says that the list goes on, and says what is
// wrong with that.
func followed(page any, seen map[string]bool, n int) error {
	more, token := goesOn(page)
	wrong := ""
	switch {
	case more && token == "":
		wrong = "the answer says that there is more, but not where"
	case token == "":
		return nil
	case seen[token]:
		wrong = "the answer says for the second time to go on at the same place"
	case n == maxPages:
		wrong = fmt.Sprintf("the list does not end after %d pages", maxPages)
	}
	seen[token] = true
	if wrong != "" {
		pkg, name, _ := strings.Cut(reflect.TypeOf(page).Elem().String(), ".")
		return fmt.Errorf("%s:%s: %s", pkg, strings.TrimSuffix(name, "Output"), wrong)
	}
	return nil
}

// goesOn reads from a page whether there is more, as far as it says so, and
// where. Services call these by different names.
func goesOn(page any) (more bool, token string) {
	out := reflect.ValueOf(page).Elem()
	if truncated := out.FieldByName("IsTruncated"); truncated.IsValid() {
		more = truncated.Bool()
	}
	for _, name := range []string{"Marker", "NextToken", "PaginationToken"} {
		if field := out.FieldByName(name); field.IsValid() {
			return more, aws.ToString(field.Interface().(*string))
		}
	}
	panic("kind: " + out.Type().String() + " is no page of a list")
}

// allRows returns the rows of all pages of a list.
func allRows[Out, Opt, Row any](ctx context.Context, pages pager[Out, Opt], rows func(*Out) []Row) ([]Row, error) {
	var all []Row
	for page, err := range eachPage(ctx, pages) {
		if err != nil {
			return nil, err
		}
		all = append(all, rows(page)...)
	}
	return all, nil
}
