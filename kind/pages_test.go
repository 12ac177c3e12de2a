package kind_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A meddler spoils the lists of one operation.
type meddler struct {
	http.RoundTripper
	operation string
	spoil     func(page int, answer []byte) []byte // nil fails the page

	mu    sync.Mutex
	pages int
}

func (m *meddler) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, _ := url.ParseQuery(string(body))
	operation := operationOf(r, form)
	if operation == m.operation {
		body = firstPage(body, form, r.Header.Get("X-Amz-Target") != "")
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer, err := m.RoundTripper.RoundTrip(r)
	if operation != m.operation || err != nil {
		return answer, err
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.pages++
	text = m.spoil(m.pages, text)
	m.mu.Unlock()
	if text == nil {
		return nil, io.ErrUnexpectedEOF
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return answer, nil
}

// firstPage asks for the first page whichever was asked for.
func firstPage(body []byte, form url.Values, isJSON bool) []byte {
	if !isJSON {
		form.Del("Marker")
		form.Del("NextToken")
		return []byte(form.Encode())
	}
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil {
		panic(err)
	}
	delete(in, "NextToken")
	delete(in, "PaginationToken")
	return must(json.Marshal(in))
}

// goingOn makes an answer say that the list goes on at token; "" says that it
// goes on, and not where.
func goingOn(answer []byte, token string) []byte {
	text := string(answer)
	switch {
	case strings.Contains(text, "<IsTruncated>"):
		more := "<IsTruncated>true</IsTruncated>"
		if token != "" {
			more += "<Marker>" + token + "</Marker>"
		}
		return []byte(strings.Replace(text, "<IsTruncated>false</IsTruncated>", more, 1))
	case strings.HasPrefix(text, "{"):
		name := "NextToken"
		if strings.Contains(text, "ResourceTagMappingList") {
			name, text = "PaginationToken", strings.Replace(text, `"PaginationToken":""`, `"Was":""`, 1)
		}
		return []byte(strings.Replace(text, "{", `{"`+name+`":"`+token+`",`, 1))
	}
	end := strings.LastIndex(text, "</")
	return []byte(text[:end] + "<nextToken>" + token + "</nextToken>" + text[end:])
}

// lists are the operations that a plan rests on: what is missing from one of
// them would be taken for what does not exist.
var lists = []string{
	"GetAccountAuthorizationDetails", "ListRoles", "ListInstanceProfiles", "DescribeInstances",
	"DescribeIamInstanceProfileAssociations", "GetParametersByPath", "ListDocuments",
}

const listed = `users: {alice: {existing: true, access: {actions: read-only}}}
roles: {one: {type: instance}}
instances: {web: {id: ` + web + `, role: one}}
restrictions: {run-one: {documents: [name_of_restrictive_document], instances: all}}
`

// A list that does not come to its end is no list: there is no plan, and what
// was not heard of is not deleted.
//
// Fault 17: pages that fail, that repeat, that never end.
func TestListsCutShort(t *testing.T) {
	t.Parallel()
	ways := map[string]struct {
		spoil func(page int, answer []byte) []byte
		want  string
		iam   bool // only IAM says that there is more and not where
	}{
		"the second page fails": {func(page int, answer []byte) []byte {
			if page > 1 {
				return nil
			}
			return goingOn(answer, "next")
		}, "unexpected EOF", false},
		"the same place twice": {func(_ int, answer []byte) []byte { return goingOn(answer, "again") }, "for the second time to go on at the same place", false},
		"round in a circle":    {func(page int, answer []byte) []byte { return goingOn(answer, fmt.Sprint(page%3)) }, "for the second time to go on at the same place", false},
		"more, and not where":  {func(_ int, answer []byte) []byte { return goingOn(answer, "") }, "says that there is more, but not where", true},
	}
	for how, way := range ways {
		for _, operation := range lists {
			if way.iam && operation != "ListRoles" && operation != "ListInstanceProfiles" && operation != "GetAccountAuthorizationDetails" {
				continue
			}
			t.Run(how+", "+operation, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					account := guideAccount()
					mustApply(t, account, head+listed)
					session := connectBy(t, account, &meddler{RoundTripper: account.Client().Transport, operation: operation, spoil: way.spoil})
					loaded := load(t, head+listed)
					survey, err := session.Survey(t.Context(), loaded.Spec.Name, loaded.Desired)
					if operation == "ListDocuments" && err == nil {
						t.Fatalf("documents that could not be listed: %v", survey.Notes)
					}
					if err == nil || !strings.Contains(err.Error(), way.want) || strings.Contains(err.Error(), "\n") {
						t.Errorf("%v, want %q", err, way.want)
					}
				})
			})
		}
	}
}

// A list may have many pages, and has an end.
//
// Fault 17: a list of more pages than any account has.
func TestListsWithoutEnd(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	by := &switched{RoundTripper: account.Client().Transport}
	session := connectBy(t, account, by)
	pages := 0
	by.RoundTripper = answering(func() (*http.Response, error) {
		pages++
		text := fmt.Sprintf("<R><ListGroupsForUserResult><Groups/><IsTruncated>true</IsTruncated><Marker>%d</Marker></ListGroupsForUserResult></R>", pages)
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
	})
	_, err := session.Read(t.Context(), ids("membership/g/alice"))
	if err == nil || !strings.Contains(err.Error(), "iam:ListGroupsForUser: the list does not end after 10000 pages") || pages != 10_000 {
		t.Errorf("%v after %d pages", err, pages)
	}
}

// The tags of policies and profiles that the tagging API does not come to the
// end of are asked of IAM.
//
// Fault 17: pages that repeat, of a list that a plan can do without.
func TestTagsCutShort(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	mustApply(t, account, head+listed)
	session := connectBy(t, account, &meddler{RoundTripper: account.Client().Transport, operation: "GetResources", spoil: func(_ int, answer []byte) []byte { return goingOn(answer, "again") }})
	if got := steps(makePlan(t, session, head+listed)); len(got) != 0 {
		t.Errorf("plan %q, want none", got)
	}
}

// What the caller may not list is not known, which is not to say that it is not
// there: there is no plan.
//
// Fault 18: reading is denied.
func TestListsDenied(t *testing.T) {
	t.Parallel()
	for _, operation := range lists {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			account := guideAccount()
			mustApply(t, account, head+listed)
			session := connect(t, account)
			for _, service := range []string{"iam:", "ec2:", "ssm:"} {
				account.Inject(sandbox.Fault{Operation: service + operation, Effect: sandbox.ErrorBefore})
			}
			loaded := load(t, head+listed)
			_, err := session.Survey(t.Context(), loaded.Spec.Name, loaded.Desired)
			if err == nil || !strings.Contains(err.Error(), operation) || !strings.Contains(err.Error(), "not authorized") && !strings.Contains(err.Error(), "not_authorized") && !strings.Contains(err.Error(), "AccessDenied") {
				t.Errorf("%v, want that %s is denied", err, operation)
			}
			if err := session.Attend(t.Context(), "test", nil); err == nil && operation != "ListDocuments" {
				t.Error("a recovery begins without it")
			}
		})
	}
	t.Run("one object", func(t *testing.T) {
		t.Parallel()
		account := guideAccount()
		session := connect(t, account)
		account.Inject(sandbox.Fault{Operation: "iam:*", Effect: sandbox.ErrorBefore})
		for _, id := range ids("user/alice", "role/r", "group/g", "policy/p", "profile/p", "attachment/user/alice/aws:x", "inline/user/alice/x", "membership/g/alice", "boundary/user/alice") {
			got, err := session.Read(t.Context(), []resource.ID{id})
			if f, ok := errors.AsType[*resource.Failure](err); !ok || f.Class != resource.Refused || got != nil && got.Len() > 0 {
				t.Errorf("%s: %v, %v, want that it is refused", id, got, err)
			}
		}
	})
}
