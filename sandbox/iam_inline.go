package sandbox

import (
	"maps"
	"slices"
)

type inlineInput struct {
	nameable
	PolicyName string `is:"name128!"`
}

type inlineDocument struct {
	inlineInput
	PolicyDocument string `is:"document!"`
}

// putInline returns the operation that embeds a policy, in place of the one
// of that name. The quota holds for all inline policies of a principal
// together.
func putInline(k kind) func(*call, inlineDocument) (none, error) {
	return func(c *call, in inlineDocument) (out none, err error) {
		p, err := c.modifiable(k, in.nameable)
		if err != nil {
			return out, err
		}
		if err := c.found(p); err != nil {
			return out, err
		}
		if err := identityDocument(in.PolicyDocument); err != nil {
			return out, err
		}
		size := documentSize(in.PolicyDocument)
		for name, document := range p.Inline {
			if name != in.PolicyName {
				size += documentSize(document)
			}
		}
		if size > k.inlineQuota() {
			return out, errorf("LimitExceeded", "Maximum policy size of %d bytes exceeded for %s %s", k.inlineQuota(), k, p.Name)
		}
		if p.Inline == nil {
			p.Inline = map[string]string{}
		}
		p.Inline[in.PolicyName] = in.PolicyDocument
		return out, nil
	}
}

func noSuchInline(k kind, name string) error {
	return noSuchEntity("The %s policy with name %s cannot be found.", k, name)
}

type inlineOutput struct {
	UserName       *string
	GroupName      *string
	RoleName       *string
	PolicyName     string
	PolicyDocument string
}

func getInline(k kind) func(*call, inlineInput) (inlineOutput, error) {
	return func(c *call, in inlineInput) (out inlineOutput, err error) {
		p, err := c.principal(k, in.nameable)
		if err != nil {
			return out, err
		}
		document, ok := p.Inline[in.PolicyName]
		if !ok {
			return out, noSuchInline(k, in.PolicyName)
		}
		out.PolicyName, out.PolicyDocument = in.PolicyName, urlEncode(document)
		switch k {
		case userKind:
			out.UserName = &p.Name
		case groupKind:
			out.GroupName = &p.Name
		case roleKind:
			out.RoleName = &p.Name
		}
		return out, nil
	}
}

func deleteInline(k kind) func(*call, inlineInput) (none, error) {
	return func(c *call, in inlineInput) (out none, err error) {
		p, err := c.modifiable(k, in.nameable)
		if err != nil {
			return out, err
		}
		if _, ok := p.Inline[in.PolicyName]; !ok {
			return out, noSuchInline(k, in.PolicyName)
		}
		delete(p.Inline, in.PolicyName)
		return out, nil
	}
}

type inlineListInput struct {
	nameable
	paging
}

type inlineListOutput struct {
	PolicyNames []string
	truncation
}

func listInline(k kind) func(*call, inlineListInput) (inlineListOutput, error) {
	return func(c *call, in inlineListInput) (out inlineListOutput, err error) {
		p, err := c.principal(k, in.nameable)
		if err != nil {
			return out, err
		}
		out.PolicyNames, out.truncation, err = pageOf(c, slices.Collect(maps.Keys(p.Inline)), in.paging, func(name string) string { return name })
		return out, err
	}
}
