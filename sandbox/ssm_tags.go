package sandbox

type resourceInput struct {
	ResourceType string `is:"resourceType!"`
	ResourceId   string `is:"!"`
}

// ssmTags finds the tags of a parameter, a document or a managed node.
func (c *call) ssmTags(in resourceInput) (*tags, error) {
	switch in.ResourceType {
	case "Parameter":
		if p := c.region().Parameters.get(c.stored(in.ResourceId)); p != nil {
			return &p.Tags, nil
		}
	case "Document":
		if d := c.region().Documents.get(in.ResourceId); d != nil {
			return &d.Tags, nil
		}
	}
	// The sandbox has none of the others, so none can be meant.
	return nil, errorf("InvalidResourceId", "The resource ID %q of type %s is not valid. Verify that you entered the correct ID and try again.", in.ResourceId, in.ResourceType)
}

func addTagsToResource(c *call, in struct {
	resourceInput
	Tags []tag `is:"!"`
},
) (out none, err error) {
	of, err := c.ssmTags(in.resourceInput)
	if err != nil {
		return out, err
	}
	t, err := c.with(*of, in.Tags, false)
	if err == nil {
		*of = t
	}
	return out, err
}

func removeTagsFromResource(c *call, in struct {
	resourceInput
	TagKeys []string `is:"!"`
},
) (out none, err error) {
	of, err := c.ssmTags(in.resourceInput)
	if err == nil {
		*of = of.without(in.TagKeys, false)
	}
	return out, err
}

func listTagsForResource(c *call, in resourceInput) (out struct{ TagList []tag }, err error) {
	of, err := c.ssmTags(in)
	if err == nil {
		out.TagList = of.list()
	}
	return out, err
}
