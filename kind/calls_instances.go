package kind

import (
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// passRole is the right to hand a role to EC2, which a person needs besides
// the call that does so; see the IAM User Guide, "Grant a user permissions to
// pass a role to an AWS service".
func (w Where) passRole(role string, keys ...policy.Context) policy.Request {
	service := "ec2.amazonaws.com"
	if w.Partition == "aws-cn" {
		service = "ec2.amazonaws.com.cn"
	}
	to := w.principal(id(roleKind, role))
	return w.call("iam:PassRole", to.arn, append(keys, to.keys, key("iam:PassedToService", service))...)
}

// profile returns the ARN of an instance profile, and the role in it, "" for
// none.
func (w Where) profile(name string) (arn, role string) {
	name = strings.TrimSuffix(name, deletedProfile)
	p, ok := w.object(id("profile", name)).(Profile)
	if !ok {
		return w.iam("instance-profile", "", name), ""
	}
	return w.iam("instance-profile", p.Path, name), p.Role
}

func profileCalls(w Where, before, after *Profile) []policy.Request {
	named := func(p *Profile) (string, policy.Context) {
		return w.iam("instance-profile", p.Path, p.Name), resourceTags(p.Tags, "aws")
	}
	if after == nil {
		arn, tags := named(before)
		all := w.calls([]string{"iam:GetInstanceProfile", "iam:DeleteInstanceProfile"}, arn, tags)
		if before.Role != "" {
			all = append(all, w.call("iam:RemoveRoleFromInstanceProfile", arn, tags))
		}
		return all
	}
	var all []policy.Request
	if before == nil {
		arn, _ := named(after)
		all = w.calls([]string{"iam:CreateInstanceProfile", "iam:TagInstanceProfile"}, arn, w.newTags(after.Tags))
		before = &Profile{Name: after.Name, Path: after.Path, Tags: after.Tags}
	}
	arn, tags := named(before)
	all = append(all, w.call("iam:GetInstanceProfile", arn, tags))
	if before.Role != after.Role {
		if before.Role != "" {
			all = append(all, w.call("iam:RemoveRoleFromInstanceProfile", arn, tags))
		}
		if after.Role != "" {
			all = append(all, w.call("iam:AddRoleToInstanceProfile", arn, tags), w.passRole(after.Role))
		}
	}
	return append(all, w.retagCalls(before.Tags, after.Tags, "iam:UntagInstanceProfile", "iam:TagInstanceProfile", arn, tags)...)
}

// instance returns the ARN of an instance, by its id or by the name that the
// spec launched it by, and the keys that tell its tags. One that is yet to be
// launched has the ARN that EC2 asks IAM about: that of any.
func (w Where) instance(name string, tags map[string]string) (arn string, keys policy.Context) {
	at := "*"
	if instanceID.MatchString(name) {
		at = name
	}
	if w.survey != nil && w.survey.inventory != nil {
		if ec2ID, launched := w.survey.inventory.launched[name]; launched {
			at = ec2ID
		}
		if i, there := w.survey.inventory.instances[at]; there && tags == nil {
			tags = fromEC2Tags(i.Tags)
		}
	}
	return w.ARN("ec2", "instance/"+at), resourceTags(tags, "aws", "ec2")
}

// tieCalls are the calls by which an instance gets another profile; "" stands
// for none, on either side.
func (w Where) tieCalls(arn string, keys policy.Context, before, after string) []policy.Request {
	all := []policy.Request{w.call("ec2:DescribeIamInstanceProfileAssociations", "*")}
	for _, profile := range []string{before, after} {
		if profile != "" {
			of, _ := w.profile(profile)
			all = append(all, w.call("iam:GetInstanceProfile", of))
		}
	}
	if before != "" { // taken off a stopped instance before it gets another
		all = append(all, w.call("ec2:DisassociateIamInstanceProfile", arn, keys))
	}
	if after == "" {
		return all
	}
	profile, role := w.profile(after)
	with := key("ec2:NewInstanceProfile", profile)
	if before != "" {
		all = append(all, w.call("ec2:ReplaceIamInstanceProfileAssociation", arn, keys, with))
	}
	all = append(all, w.call("ec2:AssociateIamInstanceProfile", arn, keys, with))
	if role != "" {
		all = append(all, w.passRole(role, key("iam:AssociatedResourceArn", arn)))
	}
	return all
}

func associationCalls(w Where, before, after *Association) []policy.Request {
	var a Association
	from, to := "", ""
	if before != nil {
		a, from = *before, before.Profile
	}
	if after != nil {
		a, to = *after, after.Profile
	}
	arn, keys := w.instance(a.Instance, nil)
	return w.tieCalls(arn, keys, from, to)
}

func instanceCalls(w Where, before, after *Instance) []policy.Request {
	look := w.call("ec2:DescribeInstances", "*")
	switch {
	case before == nil:
		return append(w.launchCalls(*after), look)
	case after == nil:
		arn, keys := w.instance(before.Name, before.Tags)
		return []policy.Request{look, w.call("ec2:DescribeInstanceAttribute", arn, keys), w.call("ec2:TerminateInstances", arn, keys)}
	}
	arn, keys := w.instance(before.Name, before.Tags)
	all := []policy.Request{look}
	if before.Profile != after.Profile {
		all = append(all, w.tieCalls(arn, keys, before.Profile, after.Profile)...)
	}
	return append(all, w.retagCalls(before.Tags, after.Tags, "ec2:DeleteTags", "ec2:CreateTags", arn, keys)...)
}

// launchCalls are the rights that a new instance takes: RunInstances is
// authorised on everything it makes and uses; see the Amazon EC2 User Guide,
// "Example policies to control access to the Amazon EC2 API".
func (w Where) launchCalls(i Instance) []policy.Request {
	l := i.Launch
	tags := w.newTags(i.Tags)
	image, network := "*", "*"
	if strings.HasPrefix(l.AMI, "ami-") {
		image = l.AMI
	}
	if l.Subnet != "" {
		network = l.Subnet
	}
	profile, role := "", ""
	if i.Profile != "" {
		profile, role = w.profile(i.Profile)
	}
	arn := w.ARN("ec2", "instance/*")
	with := []policy.Context{key("ec2:InstanceType", l.InstanceType), key("ec2:InstanceProfile", profile), key("ec2:MetadataHttpTokens", "required")}
	all := []policy.Request{
		w.call("ec2:RunInstances", arn, append(with, tags)...),
		w.call("ec2:RunInstances", w.ARN("ec2", "volume/*"), tags),
		w.call("ec2:RunInstances", w.ARN("ec2", "network-interface/*")),
		w.call("ec2:RunInstances", w.ARN("ec2", "subnet/"+network)),
		w.call("ec2:RunInstances", "arn:"+w.Partition+":ec2:"+w.Region+"::image/"+image),
		w.call("ec2:CreateTags", arn, tags, key("ec2:CreateAction", "RunInstances")),
		w.call("ec2:CreateTags", w.ARN("ec2", "volume/*"), tags, key("ec2:CreateAction", "RunInstances")),
	}
	groups := l.SecurityGroups
	if len(groups) == 0 {
		groups = []string{"*"} // the default one of the network
	}
	for _, group := range groups {
		all = append(all, w.call("ec2:RunInstances", w.ARN("ec2", "security-group/"+group)))
	}
	if l.KeyName != "" {
		all = append(all, w.call("ec2:RunInstances", w.ARN("ec2", "key-pair/"+l.KeyName)))
	}
	if parameter, ok := strings.CutPrefix(l.AMI, "/"); ok {
		// EC2 looks the image up on behalf of the caller. Public parameters
		// belong to AWS, so there is no account in their ARN.
		public := w.AWSOwned("parameter/" + parameter)
		all = append(all, w.call("ssm:GetParameters", public))
		if l.VolumeGB > 0 {
			all = append(all, w.call("ssm:GetParameter", public))
		}
	}
	if l.VolumeGB > 0 { // to name the root volume
		all = append(all, w.call("ec2:DescribeImages", "*"))
	}
	if role != "" {
		all = append(all, w.passRole(role))
	}
	if i.Profile != "" {
		all = append(all, w.call("iam:GetInstanceProfile", profile), w.call("ec2:DescribeIamInstanceProfileAssociations", "*"))
	}
	return all
}

func restartCalls(w Where, before, after *Restart) []policy.Request {
	r := after
	if r == nil {
		r = before
	}
	arn, keys := w.instance(r.Instance, nil)
	all := []policy.Request{w.call("ec2:DescribeInstances", "*")}
	if r.How == "reboot" {
		return append(all, w.call("ec2:RebootInstances", arn, keys))
	}
	tags := policy.Context{}
	for k, v := range keys {
		if name, ok := strings.CutPrefix(k, "aws:ResourceTag/"); ok {
			tags[k], tags["ssm:resourceTag/"+name] = v, v
		}
	}
	document := "AWS-RunShellScript"
	if w.windows(r.Instance) {
		document = "AWS-RunPowerShellScript"
	}
	return append(all,
		w.call("ssm:SendCommand", w.AWSOwned("document/"+document)),
		w.call("ssm:SendCommand", arn, tags),
	)
}

// windows reports whether an instance runs Windows, as far as is known.
func (w Where) windows(ec2ID string) bool {
	return w.survey != nil && w.survey.inventory != nil && strings.EqualFold(string(w.survey.inventory.instances[ec2ID].Platform), "windows")
}
