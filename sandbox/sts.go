package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// caller returns the user whose access key signed the request, or nil: any
// key that the account did not issue is taken to be the root's.
func (c *call) caller() *user {
	for u := range c.Users.all {
		for _, k := range u.Keys {
			if k.ID == c.key {
				return u
			}
		}
	}
	return nil
}

// callerSession returns the assumed role whose credentials signed the
// request, or nil.
func (c *call) callerSession() *session {
	if s := c.Sessions.get(c.key); s != nil && c.now.Before(s.Expires) {
		return s
	}
	return nil
}

func (c *call) callerARN() string {
	if s := c.callerSession(); s != nil {
		return s.ARN
	}
	if u := c.caller(); u != nil {
		return c.principalARN(&u.principal)
	}
	return c.arn("iam", "", "root")
}

func getCallerIdentity(c *call, _ none) (out struct{ Arn, UserId, Account string }, err error) {
	out.Arn, out.UserId, out.Account = c.callerARN(), c.ID, c.ID
	if s := c.callerSession(); s != nil {
		out.UserId = s.UserID
	} else if u := c.caller(); u != nil {
		out.UserId = u.ID
	}
	return out, nil
}

type credentialsView struct {
	AccessKeyId     string
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time
}

// issue makes up temporary credentials that work until they expire.
func (c *call) issue(arn, userID string, seconds int) credentialsView {
	s := &session{KeyID: c.newID("ASIA")[:20], ARN: arn, UserID: userID, Expires: c.now.Add(time.Duration(seconds) * time.Second).Truncate(time.Second)}
	for _, key := range slices.Clone(c.Sessions.keys) {
		if !c.now.Before(c.Sessions.get(key).Expires) {
			c.Sessions.remove(key)
		}
	}
	c.Sessions.put(s)
	return credentialsView{s.KeyID, c.newSecret(), c.newSecret() + c.newSecret(), s.Expires}
}

// assumeRole lets everybody assume every role there is: the sandbox does not
// judge access.
func assumeRole(c *call, in struct {
	RoleArn         string `is:"arn!"`
	RoleSessionName string `is:"stsSession!"`
	DurationSeconds int    `is:"stsDuration"`
}) (out struct {
	Credentials      credentialsView
	AssumedRoleUser  struct{ AssumedRoleId, Arn string }
	PackedPolicySize *int
}, err error,
) {
	r := c.Roles.get(strings.ToLower(in.RoleArn[strings.LastIndexByte(in.RoleArn, '/')+1:]))
	if r == nil || c.principalARN(&r.principal) != in.RoleArn || !c.sees(&r.unseen) {
		return out, errorf("AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.callerARN(), in.RoleArn)
	}
	seconds := cmp.Or(in.DurationSeconds, 3600)
	if seconds > r.MaxSession {
		return out, c.invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	arn := c.arn("sts", "", "assumed-role/"+r.Name+"/"+in.RoleSessionName)
	id := r.ID + ":" + in.RoleSessionName
	out.Credentials = c.issue(arn, id, seconds)
	out.AssumedRoleUser.AssumedRoleId, out.AssumedRoleUser.Arn = id, arn
	return out, nil
}

func getSessionToken(c *call, in struct {
	DurationSeconds int `is:"tokenLife"`
},
) (out struct{ Credentials credentialsView }, err error) {
	who, err := getCallerIdentity(c, none{})
	if c.callerSession() != nil {
		return out, errorf("AccessDenied", "Cannot call GetSessionToken with session credentials")
	}
	out.Credentials = c.issue(who.Arn, who.UserId, cmp.Or(in.DurationSeconds, 43200))
	return out, err
}
