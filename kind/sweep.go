package kind

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Scope says what a survey is about.
type Scope struct {
	Owner   string            // the spec's name, which marks what it owns
	Desired *resource.Desired // what the spec asks for

	paths    map[string]string // of the policies that were there when it was surveyed, by name
	attended bool              // Desired is both sides of changes, not a spec; see Attend
}

// wants reports whether the spec asks for id, and how.
func (s Scope) wants(id resource.ID) resource.Object {
	if s.Desired == nil || s.Desired.State == nil {
		return nil
	}
	return s.Desired.State.Get(id)
}

// A Sweep is one reading of the account by bulk calls: requests grow with
// pages, not with objects. Each call is made when the first kind asks for its
// result, and once. It is safe for concurrent use.
type Sweep struct {
	*Session
	Scope

	mu     sync.Mutex
	memo   map[string]*recall
	unread []unreadable
}

// An unreadable is an inline policy, without its text, that is no object since
// that cannot be read: it gives or takes away nobody knows what.
type unreadable struct {
	policy InlinePolicy
	err    error
}

func (sw *Sweep) leaveOut(u unreadable) {
	sw.mu.Lock()
	defer sw.mu.Unlock()
	sw.unread = append(sw.unread, u)
}

// unreadable returns what the reading of inline policies left out.
func (sw *Sweep) unreadable() []unreadable {
	sw.mu.Lock()
	defer sw.mu.Unlock()
	return sw.unread
}

type recall struct {
	done  chan struct{}
	value any
	err   error
}

// once returns what read returned the first time it was asked for by that
// name in this sweep.
func once[T any](sw *Sweep, name string, read func() (T, error)) (T, error) {
	sw.mu.Lock()
	if sw.memo == nil {
		sw.memo = map[string]*recall{}
	}
	r, asked := sw.memo[name]
	if !asked {
		r = &recall{done: make(chan struct{})}
		sw.memo[name] = r
	}
	sw.mu.Unlock()
	if asked {
		<-r.done
	} else {
		r.value, r.err = read()
		close(r.done)
	}
	if r.err != nil {
		var zero T
		return zero, r.err
	}
	return r.value.(T), nil
}

// principals is what GetAccountAuthorizationDetails tells. It lacks roles'
// descriptions and session lengths, policies' tags, and instance profiles
// without a role.
type principals struct {
	users    []iamtypes.UserDetail
	groups   []iamtypes.GroupDetail
	roles    []iamtypes.RoleDetail
	policies []iamtypes.ManagedPolicyDetail
}

func (sw *Sweep) principals(ctx context.Context) (*principals, error) {
	return once(sw, "iam:GetAccountAuthorizationDetails", func() (*principals, error) {
		all := &principals{}
		pages := iam.NewGetAccountAuthorizationDetailsPaginator(sw.read.iam, &iam.GetAccountAuthorizationDetailsInput{
			Filter:   []iamtypes.EntityType{iamtypes.EntityTypeUser, iamtypes.EntityTypeGroup, iamtypes.EntityTypeRole, iamtypes.EntityTypeLocalManagedPolicy},
			MaxItems: new(int32(1000)),
		})
		for page, err := range eachPage(ctx, pages) {
			if err != nil {
				return nil, err
			}
			all.users = append(all.users, page.UserDetailList...)
			all.groups = append(all.groups, page.GroupDetailList...)
			all.roles = append(all.roles, page.RoleDetailList...)
			all.policies = append(all.policies, page.Policies...)
		}
		return all, nil
	})
}

// rolesByName has what GetAccountAuthorizationDetails lacks of roles.
func (sw *Sweep) rolesByName(ctx context.Context) (map[string]iamtypes.Role, error) {
	return once(sw, "iam:ListRoles", func() (map[string]iamtypes.Role, error) {
		all := map[string]iamtypes.Role{}
		pages := iam.NewListRolesPaginator(sw.read.iam, &iam.ListRolesInput{MaxItems: new(int32(1000))})
		for page, err := range eachPage(ctx, pages) {
			if err != nil {
				return nil, err
			}
			for _, r := range page.Roles {
				all[aws.ToString(r.RoleName)] = r
			}
		}
		return all, nil
	})
}

// profilesByName has every instance profile, those without a role included.
func (sw *Sweep) profilesByName(ctx context.Context) (map[string]iamtypes.InstanceProfile, error) {
	return once(sw, "iam:ListInstanceProfiles", func() (map[string]iamtypes.InstanceProfile, error) {
		all := map[string]iamtypes.InstanceProfile{}
		pages := iam.NewListInstanceProfilesPaginator(sw.read.iam, &iam.ListInstanceProfilesInput{MaxItems: new(int32(1000))})
		for page, err := range eachPage(ctx, pages) {
			if err != nil {
				return nil, err
			}
			for _, p := range page.InstanceProfiles {
				all[aws.ToString(p.InstanceProfileName)] = p
			}
		}
		return all, nil
	})
}

// ec2Instances has every instance that has not been terminated, by id.
func (sw *Sweep) ec2Instances(ctx context.Context) (map[string]ec2types.Instance, error) {
	return once(sw, "ec2:DescribeInstances", func() (map[string]ec2types.Instance, error) {
		found, err := sw.described(ctx, &ec2.DescribeInstancesInput{
			MaxResults: new(int32(1000)),
			Filters:    []ec2types.Filter{{Name: new("instance-state-name"), Values: notOver}},
		})
		all := make(map[string]ec2types.Instance, len(found))
		for _, i := range found {
			all[aws.ToString(i.InstanceId)] = i
		}
		return all, err
	})
}

// profileAssociations has the association in force of each instance, by
// instance id. While one is replaced an instance shows two: the one that is
// going away is left out.
func (sw *Sweep) profileAssociations(ctx context.Context) (map[string]ec2types.IamInstanceProfileAssociation, error) {
	return once(sw, "ec2:DescribeIamInstanceProfileAssociations", func() (map[string]ec2types.IamInstanceProfileAssociation, error) {
		rows := map[string][]ec2types.IamInstanceProfileAssociation{}
		pages := ec2.NewDescribeIamInstanceProfileAssociationsPaginator(sw.read.ec2, &ec2.DescribeIamInstanceProfileAssociationsInput{
			MaxResults: new(int32(1000)),
			Filters:    []ec2types.Filter{{Name: new("state"), Values: []string{"associating", "associated"}}},
		})
		for page, err := range eachPage(ctx, pages) {
			if err != nil {
				return nil, err
			}
			for _, a := range page.IamInstanceProfileAssociations {
				rows[aws.ToString(a.InstanceId)] = append(rows[aws.ToString(a.InstanceId)], a)
			}
		}
		all := make(map[string]ec2types.IamInstanceProfileAssociation, len(rows))
		for instance, a := range rows {
			all[instance] = *inForce(a)
		}
		return all, nil
	})
}

// markedTags has the tags of the policies and instance profiles that carry
// the owner's mark, by ARN. No IAM call lists them. The answer may lag behind
// what was written, so a kind asks IAM about those that are not as wanted.
//
// Where the tagging API cannot be used the answer is empty, so that IAM is
// asked about each.
func (sw *Sweep) markedTags(ctx context.Context) (map[string]map[string]string, error) {
	return once(sw, "tag:GetResources", func() (map[string]map[string]string, error) {
		all := map[string]map[string]string{}
		pages := resourcegroupstaggingapi.NewGetResourcesPaginator(sw.read.tagging, &resourcegroupstaggingapi.GetResourcesInput{
			ResourcesPerPage:    new(int32(100)),
			ResourceTypeFilters: []string{"iam:policy", "iam:instance-profile"},
			TagFilters:          tagFilter(ownerTag, sw.Owner),
		})
		for page, err := range eachPage(ctx, pages) {
			if err != nil {
				if ctx.Err() != nil {
					return nil, err
				}
				sw.log.Warn("the tagging API gave no answer; asking IAM for each policy's tags", "error", err)
				return map[string]map[string]string{}, nil
			}
			for _, r := range page.ResourceTagMappingList {
				tags := map[string]string{}
				for _, t := range r.Tags {
					tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
				}
				all[aws.ToString(r.ResourceARN)] = wantable(tags)
			}
		}
		return all, nil
	})
}

// maxEncoded is far more than any document comes to as IAM returns it.
const maxEncoded = 4 << 20

// document decodes a policy document as IAM returns it, URL-encoded by RFC
// 3986: a plus sign is a plus sign.
func document(encoded *string) (policy.Document, error) {
	if n := len(aws.ToString(encoded)); n > maxEncoded {
		return policy.Document{}, fmt.Errorf("a document of %d bytes is more than IAM keeps", n)
	}
	text, err := url.PathUnescape(aws.ToString(encoded))
	if err != nil {
		return policy.Document{}, err
	}
	return policy.Parse([]byte(text))
}

// lastSegment returns what follows the last slash of an ARN: the name.
func lastSegment(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
