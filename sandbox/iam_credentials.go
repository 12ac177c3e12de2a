package sandbox

import (
	"encoding/base64"
	"slices"
	"time"
)

// keysPerUser is how many access keys a user may have.
const keysPerUser = 2

type keyView struct {
	UserName    string
	AccessKeyId string
	Status      string
	CreateDate  time.Time
}

// A secretKey is what is shown of a key once.
type secretKey struct {
	keyView
	SecretAccessKey string
}

type optionalUser struct {
	UserName string `is:"userName"`
}

// userOrCaller finds the user named, or the one whose key signed the request.
func (c *call) userOrCaller(name string) (*user, error) {
	if name != "" {
		return c.user(name)
	}
	if u := c.caller(); u != nil {
		return u, nil
	}
	return nil, c.invalid("Must specify userName when calling with non-User credentials")
}

func createAccessKey(c *call, in optionalUser) (out struct{ AccessKey secretKey }, err error) {
	u, err := c.userOrCaller(in.UserName)
	if err != nil {
		return out, err
	}
	if len(u.Keys) >= keysPerUser {
		return out, overQuota("AccessKeysPerUser", keysPerUser)
	}
	k := accessKey{ID: c.newID("AKIA")[:20], Status: "Active", Created: c.now.Truncate(time.Second)}
	u.Keys = append(u.Keys, k)
	out.AccessKey = secretKey{keyView{u.Name, k.ID, k.Status, k.Created}, c.newSecret()}
	return out, nil
}

// newSecret makes up the secret of a key. Nothing ever checks it.
func (a *account) newSecret() string {
	sum := a.digest("secret")
	return base64.StdEncoding.EncodeToString(sum[:30])
}

func listAccessKeys(c *call, in struct {
	optionalUser
	paging
}) (out struct {
	AccessKeyMetadata []keyView
	truncation
}, err error,
) {
	u, err := c.userOrCaller(in.UserName)
	if err != nil {
		return out, err
	}
	var views []keyView
	for _, k := range u.Keys {
		views = append(views, keyView{u.Name, k.ID, k.Status, k.Created})
	}
	out.AccessKeyMetadata, out.truncation, err = pageOf(c, views, in.paging, func(v keyView) string { return v.AccessKeyId })
	return out, err
}

type keyInput struct {
	optionalUser
	AccessKeyId string `is:"keyId!"`
}

// accessKey finds a key of the user, by its index.
func (c *call) accessKey(in keyInput) (*user, int, error) {
	u, err := c.userOrCaller(in.UserName)
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(u.Keys, func(k accessKey) bool { return k.ID == in.AccessKeyId })
	if i < 0 {
		return nil, 0, noSuchEntity("The Access Key with id %s cannot be found.", in.AccessKeyId)
	}
	return u, i, nil
}

func updateAccessKey(c *call, in struct {
	keyInput
	Status string `is:"status!"`
},
) (out none, err error) {
	u, i, err := c.accessKey(in.keyInput)
	if err == nil {
		u.Keys[i].Status = in.Status
	}
	return out, err
}

func deleteAccessKey(c *call, in keyInput) (out none, err error) {
	u, i, err := c.accessKey(in)
	if err == nil {
		u.Keys = slices.Delete(u.Keys, i, i+1)
	}
	return out, err
}

type lastUsedView struct {
	LastUsedDate *time.Time
	ServiceName  string
	Region       string
}

// getAccessKeyLastUsed knows no use: the sandbox does not keep track of it.
func getAccessKeyLastUsed(c *call, in struct {
	AccessKeyId string `is:"keyId!"`
}) (out struct {
	UserName          string
	AccessKeyLastUsed lastUsedView
}, err error,
) {
	for u := range c.Users.all {
		if slices.ContainsFunc(u.Keys, func(k accessKey) bool { return k.ID == in.AccessKeyId }) {
			out.UserName, out.AccessKeyLastUsed = u.Name, lastUsedView{nil, "N/A", "N/A"}
			return out, nil
		}
	}
	return out, c.denied()
}

type loginView struct {
	UserName              string
	CreateDate            time.Time
	PasswordResetRequired bool
}

func createLoginProfile(c *call, in struct {
	optionalUser
	Password              string `is:"password"`
	PasswordResetRequired bool
},
) (out struct{ LoginProfile loginView }, err error) {
	u, err := c.userOrCaller(in.UserName)
	if err != nil {
		return out, err
	}
	if u.Login != nil {
		return out, errorf("EntityAlreadyExists", "Login Profile for user %s already exists.", u.Name)
	}
	if len(in.Password) < 8 {
		return out, errorf("PasswordPolicyViolation", "Password should have a minimum length of 8")
	}
	u.Login = &loginProfile{Created: c.now.Truncate(time.Second), Reset: in.PasswordResetRequired}
	out.LoginProfile = loginView{u.Name, u.Login.Created, u.Login.Reset}
	return out, nil
}

func getLoginProfile(c *call, in optionalUser) (out struct{ LoginProfile loginView }, err error) {
	u, err := c.userOrCaller(in.UserName)
	switch {
	case err != nil:
	case u.Login == nil:
		err = noSuchLogin(u)
	default:
		out.LoginProfile = loginView{u.Name, u.Login.Created, u.Login.Reset}
	}
	return out, err
}

func noSuchLogin(u *user) error {
	return noSuchEntity("Login Profile for User %s cannot be found.", u.Name)
}

func deleteLoginProfile(c *call, in optionalUser) (out none, err error) {
	u, err := c.userOrCaller(in.UserName)
	switch {
	case err != nil:
	case u.Login == nil:
		err = noSuchLogin(u)
	default:
		u.Login = nil
	}
	return out, err
}

// The lists of credentials that the sandbox has no way to make are empty, for
// every user there is.
type credentialsInput struct {
	optionalUser
	paging
}

func (c *call) noCredentials(in credentialsInput) error {
	if in.UserName == "" {
		return nil
	}
	_, err := c.user(in.UserName)
	return err
}

func listMFADevices(c *call, in credentialsInput) (out struct {
	MFADevices []none
	truncation
}, err error,
) {
	return out, c.noCredentials(in)
}

func listSigningCertificates(c *call, in credentialsInput) (out struct {
	Certificates []none
	truncation
}, err error,
) {
	return out, c.noCredentials(in)
}

func listSSHPublicKeys(c *call, in credentialsInput) (out struct {
	SSHPublicKeys []none
	truncation
}, err error,
) {
	return out, c.noCredentials(in)
}

func listServiceSpecificCredentials(c *call, in credentialsInput) (out struct {
	ServiceSpecificCredentials []none
}, err error,
) {
	return out, c.noCredentials(in)
}
