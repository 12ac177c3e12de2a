package sandbox

import (
	"regexp"
	"slices"
	"strings"
)

// serviceRoles are the roles of AWS's services whose names do not follow from
// the service's, and the policies that come with them.
var serviceRoles = map[string]struct{ name, policy string }{
	"ssm.amazonaws.com": {"AWSServiceRoleForAmazonSSM", "AmazonSSMServiceRolePolicy"},
}

var awsService = regexp.MustCompile(`^([a-z0-9-]+)(\.[a-z0-9-]+)*\.amazonaws\.com$`)

// createServiceLinkedRole makes a role that only AWS may change.
func createServiceLinkedRole(c *call, in struct {
	AWSServiceName string `is:"service!"`
	Description    string `is:"description"`
},
) (out struct{ Role roleView }, err error) {
	m := awsService.FindStringSubmatch(in.AWSServiceName)
	if m == nil {
		return out, errorf("InvalidInput", "Service role for %s is not valid.", in.AWSServiceName)
	}
	known := serviceRoles[in.AWSServiceName]
	if known.name == "" {
		known.name = "AWSServiceRoleFor" + strings.ToUpper(m[1][:1]) + m[1][1:]
	}
	if c.Roles.has(strings.ToLower(known.name)) {
		return out, errorf("InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", known.name)
	}
	r := &role{
		principal: c.newPrincipal(roleKind, known.name, "/aws-service-role/"+in.AWSServiceName+"/"), Description: in.Description, MaxSession: defaultSession,
		Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + in.AWSServiceName + `"},"Action":"sts:AssumeRole"}]}`,
	}
	if known.policy != "" {
		r.Attached = []string{"arn:" + c.partition() + ":iam::aws:policy/aws-service-role/" + known.policy}
	}
	c.Roles.put(r)
	out.Role = c.viewRole(r, inFull)
	return out, nil
}

// deleteServiceLinkedRole deletes at once, which is when the status is asked
// for.
func deleteServiceLinkedRole(c *call, in roleInput) (out struct{ DeletionTaskId string }, err error) {
	r, err := c.role(in.RoleName)
	if err != nil {
		return out, err
	}
	if protected(&r.principal) == nil {
		return out, errorf("InvalidInput", "The role %s is not a service-linked role.", r.Name)
	}
	c.Roles.remove(r.key())
	out.DeletionTaskId = "task" + r.Path + r.Name + "/" + c.newUUID("deletion")
	return out, nil
}

// getServiceLinkedRoleDeletionStatus knows that what was begun is done.
func getServiceLinkedRoleDeletionStatus(c *call, in struct {
	DeletionTaskId string `is:"!"`
},
) (out struct{ Status string }, err error) {
	parts := strings.Split(in.DeletionTaskId, "/")
	if parts[0] != "task" || len(parts) != 5 || slices.Contains(parts, "") {
		return out, noSuchEntity("The deletion task %s cannot be found.", in.DeletionTaskId)
	}
	out.Status = "SUCCEEDED"
	return out, nil
}
