package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// nearServices are the services whose actions need no prefix when they are
// asked for, the nearer first: "send-command" is ssm:SendCommand.
var nearServices = []string{"ssm", "ssmmessages", "ssm-guiconnect", "ec2", "iam", "sts", "s3", "resource-groups"}

// ResolveAction returns the action that a person means, as AWS spells it:
// "ssm:SendCommand" in any case, "SendCommand", or the AWS CLI's
// "send-command". Without a service, Systems Manager's own is meant first, then
// those it works with, then any other that is the only one to have it. An error
// says what may have been meant.
func ResolveAction(name string) (string, error) {
	service, bare, qualified := strings.Cut(strings.TrimSpace(name), ":")
	if !qualified {
		service, bare = "", service
	}
	folded := foldName(bare)
	if folded == "" {
		return "", fmt.Errorf("%q is not an action; name one, such as ssm:SendCommand or send-command", name)
	}
	if qualified {
		if action, ok := find(service, folded); ok {
			return action, nil
		}
		if !catalogue.Service(strings.ToLower(service)) {
			return "", fmt.Errorf("AWS has no service %q; an action is written such as ssm:SendCommand", service)
		}
		return "", unknownAction(name, strings.ToLower(service)+":"+camel(bare))
	}
	for _, service := range nearServices {
		if action, ok := find(service, folded); ok {
			return action, nil
		}
	}
	var found []string
	for action := range catalogue.Names() {
		if _, rest, _ := strings.Cut(action, ":"); foldName(rest) == folded {
			found = append(found, action)
		}
	}
	switch len(found) {
	case 0:
		return "", unknownAction(name, "ssm:"+camel(bare))
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%d services have an action %q; write which is meant: %s", len(found), name, firstOf(found, 5))
}

// find returns the action of a service whose folded name that is.
func find(service, folded string) (string, bool) {
	service = strings.ToLower(service)
	for _, action := range catalogue.Of(service) {
		if !strings.Contains(action, ":") {
			action = service + ":" + action
		}
		if _, name, _ := strings.Cut(action, ":"); foldName(name) == folded {
			return action, true
		}
	}
	return "", false
}

func unknownAction(name, likely string) error {
	if near, ok := catalogue.Nearest(likely); ok {
		return fmt.Errorf("AWS has no action %q; did you mean %s?", name, near)
	}
	return fmt.Errorf("AWS has no action %q; name one, such as ssm:SendCommand or send-command", name)
}

// foldName returns the name of an action without what tells the spellings of
// the API and of the AWS CLI apart.
func foldName(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}

// camel returns "SendCommand" for "send-command".
func camel(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// several returns the first few of a list, and how many more there are.
func firstOf(list []string, few int) string {
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(slices.Clone(list[:few]), ", "), len(list)-few)
}
