package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

func put(name, value string, change ...func(*ssm.PutParameterInput)) func(*kit) error {
	return func(k *kit) error {
		in := &ssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString}
		for _, c := range change {
			c(in)
		}
		_, err := k.ssm.PutParameter(k.ctx(), in)
		return err
	}
}

func overwrite(in *ssm.PutParameterInput) { in.Overwrite = new(true) }

func advanced(in *ssm.PutParameterInput) { in.Tier = types.ParameterTierAdvanced }

func TestSSMRefusals(t *testing.T) {
	t.Parallel()
	there := func(k *kit) { must(0, put("/a/b", "v")(k)) }
	send := func(document, instance string) func(*kit) error {
		return func(k *kit) error {
			_, err := k.ssm.SendCommand(k.ctx(), &ssm.SendCommandInput{DocumentName: &document, InstanceIds: []string{instance}, Parameters: map[string][]string{"commands": {"uptime"}}})
			return err
		}
	}
	document := func(name, content string) func(*kit) error {
		return func(k *kit) error {
			_, err := k.ssm.CreateDocument(k.ctx(), &ssm.CreateDocumentInput{Name: &name, Content: &content, DocumentType: types.DocumentTypeCommand})
			return err
		}
	}
	const content = `{"schemaVersion":"2.2","mainSteps":[]}`
	check(t, map[string]refusal{
		"name for AWS":             {do: put("/aws/x", "v"), code: "AccessDeniedException", says: "reserved parameter name"},
		"name for SSM":             {do: put("/ssmctl/lock", "v"), code: "ValidationException", says: `can't be prefixed with "aws" or "ssm"`},
		"name for SSM, other case": {do: put("SSM-x", "v"), code: "ValidationException"},
		"name with ssm inside":     {do: put("/access/ssmctl/lock", "v")},
		"name half a path":         {do: put("a/b", "v"), code: "ValidationException"},
		"name too deep":            {do: put("/"+strings.Repeat("a/", 15)+"b", "v"), code: "HierarchyLevelLimitExceededException"},
		"name as deep as can be":   {do: put("/"+strings.Repeat("a/", 14)+"b", "v")},
		"value too large":          {do: put("/a", strings.Repeat("x", 4097)), code: "ValidationException", says: "4096"},
		"value as large as can be": {do: put("/a", strings.Repeat("x", 4096))},
		"advanced, too large":      {do: put("/a", strings.Repeat("x", 8193), advanced), code: "ValidationException", says: "8192"},
		"advanced, large":          {do: put("/a", strings.Repeat("x", 8192), advanced)},
		"there already":            {prepare: there, do: put("/a/b", "w"), code: "ParameterAlreadyExists", says: "already exists"},
		"overwrite":                {prepare: there, do: put("/a/b", "w", overwrite)},
		"overwrite with tags":      {prepare: there, do: put("/a/b", "w", overwrite, func(in *ssm.PutParameterInput) { in.Tags = []types.Tag{{Key: new("k"), Value: new("v")}} }), code: "ValidationException", says: "tags and overwrite can't be used together"},
		"no type":                  {do: put("/a", "v", func(in *ssm.PutParameterInput) { in.Type = "" }), code: "ValidationException", says: "type is required"},
		"delete what is not there": {do: func(k *kit) error {
			_, err := k.ssm.DeleteParameter(k.ctx(), &ssm.DeleteParameterInput{Name: new("/none")})
			return err
		}, code: "ParameterNotFound"},
		"get a version that is not there": {prepare: there, do: func(k *kit) error {
			_, err := k.ssm.GetParameter(k.ctx(), &ssm.GetParameterInput{Name: new("/a/b:2")})
			return err
		}, code: "ParameterVersionNotFound"},
		"eleven names": {do: func(k *kit) error {
			_, err := k.ssm.GetParameters(k.ctx(), &ssm.GetParametersInput{Names: strings.Fields("a b c d e f g h i j k")})
			return err
		}, code: "ValidationException", says: "less than or equal to 10"},
		"path by more than ten": {do: func(k *kit) error {
			_, err := k.ssm.GetParametersByPath(k.ctx(), &ssm.GetParametersByPathInput{Path: new("/a"), MaxResults: new(int32(11))})
			return err
		}, code: "ValidationException", says: "less than or equal to 10"},
		"document of AWS's name": {do: document("AWSSupport-x", content), code: "ValidationException", says: "reserved"},
		"document there already": {prepare: func(k *kit) { must(0, document("doc", content)(k)) }, do: document("doc", content), code: "DocumentAlreadyExists"},
		"document, not JSON":     {do: document("doc", "{nope"), code: "InvalidDocumentContent"},
		"document, no schema":    {do: document("doc", "{}"), code: "InvalidDocumentContent", says: "schemaVersion"},
		"document too large":     {do: document("doc", `{"schemaVersion":"2.2","x":"`+strings.Repeat("x", 65536)+`"}`), code: "MaxDocumentSizeExceeded"},
		"document, same again": {prepare: func(k *kit) { must(0, document("doc", content)(k)) }, do: func(k *kit) error {
			_, err := k.ssm.UpdateDocument(k.ctx(), &ssm.UpdateDocumentInput{Name: new("doc"), Content: new(content), DocumentVersion: new("$LATEST")})
			return err
		}, code: "DuplicateDocumentContent"},
		"document of AWS, updated": {do: func(k *kit) error {
			_, err := k.ssm.UpdateDocument(k.ctx(), &ssm.UpdateDocumentInput{Name: new("AWS-RunShellScript"), Content: new(content)})
			return err
		}, code: "AccessDeniedException"},
		"command of no document":    {prepare: (*kit).seed, do: send("none", firstGuide), code: "InvalidDocument"},
		"command to one not online": {prepare: (*kit).seed, do: send("AWS-RunShellScript", firstGuide), code: "InvalidInstanceId", says: firstGuide},
		"command of a session":      {prepare: (*kit).seed, do: send("AWS-StartSSHSession", firstGuide), code: "InvalidDocument"},
		"tags of nothing": {do: func(k *kit) error {
			_, err := k.ssm.ListTagsForResource(k.ctx(), &ssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: new("/none")})
			return err
		}, code: "InvalidResourceId"},
	})
}

func (k *kit) seed() { k.server.SeedGuide() }

func TestParameters(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for i := range 23 {
		must(0, put(fmt.Sprintf("/app/p%02d", i), "v")(k))
	}
	must(0, put("/app/deep/er", "v")(k))
	must(0, put("/apple", "v")(k))
	for _, tt := range []struct {
		recursive bool
		count     int
	}{{false, 23}, {true, 24}} {
		p := ssm.NewGetParametersByPathPaginator(k.ssm, &ssm.GetParametersByPathInput{Path: new("/app"), Recursive: &tt.recursive})
		count := 0
		for p.HasMorePages() {
			count += len(must(p.NextPage(k.ctx())).Parameters)
		}
		if count != tt.count {
			t.Errorf("below /app, recursive %v: %d parameters, want %d", tt.recursive, count, tt.count)
		}
	}
	must(0, put("/app/p00", "second", overwrite)(k))
	for name, want := range map[string]string{"/app/p00": "second", "/app/p00:1": "v", "arn:aws:ssm:us-east-1:123456789012:parameter/app/p00": "second"} {
		got := must(k.ssm.GetParameter(k.ctx(), &ssm.GetParameterInput{Name: &name})).Parameter
		if *got.Value != want || *got.ARN != "arn:aws:ssm:us-east-1:123456789012:parameter/app/p00" {
			t.Errorf("%s is %q with ARN %s, want %q", name, *got.Value, *got.ARN, want)
		}
	}
	must(0, put("/secret", "canary", func(in *ssm.PutParameterInput) { in.Type = types.ParameterTypeSecureString })(k))
	if got := must(k.ssm.GetParameter(k.ctx(), &ssm.GetParameterInput{Name: new("/secret")})).Parameter; strings.Contains(*got.Value, "canary") {
		t.Errorf("without decryption: %s", *got.Value)
	}
	if got := must(k.ssm.GetParameter(k.ctx(), &ssm.GetParameterInput{Name: new("/secret"), WithDecryption: new(true)})).Parameter; *got.Value != "canary" {
		t.Errorf("with decryption: %s", *got.Value)
	}
	list := must(k.ssm.DescribeParameters(k.ctx(), &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{{Key: new("Name"), Option: new("BeginsWith"), Values: []string{"/app/deep"}}}})).Parameters
	if len(list) != 1 || *list[0].Name != "/app/deep/er" {
		t.Errorf("described %d parameters, want /app/deep/er alone", len(list))
	}
	// Another region has parameters of its own.
	other := must(k.ssm.GetParameters(k.ctx(), &ssm.GetParametersInput{Names: []string{"/apple"}}, func(o *ssm.Options) { o.Region = "eu-west-1" }))
	if diff := cmp.Diff([]string{"/apple"}, other.InvalidParameters); diff != "" {
		t.Errorf("not in eu-west-1 (-want +got):\n%s", diff)
	}
}

// TestNodes follows an instance from nobody's to managed and lost again.
func TestNodes(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	ping := func(id string) string {
		for _, n := range must(k.ssm.DescribeInstanceInformation(k.ctx(), nil)).InstanceInformationList {
			if *n.InstanceId == id {
				return string(n.PingStatus)
			}
		}
		return "unknown"
	}
	step := func(what, id, want string) {
		t.Helper()
		if got := ping(id); got != want {
			t.Errorf("%s: ping is %s, want %s", what, got, want)
		}
	}
	k.role("r")
	k.profile("p", "r")
	id := k.launch("p")
	step("role without a policy", id, "unknown")
	k.attachRole("r", "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy")
	step("role with another policy", id, "unknown")
	k.attachRole("r", "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM")
	step("role with the policy", id, "Online")

	cmd := must(k.ssm.SendCommand(k.ctx(), &ssm.SendCommandInput{DocumentName: new("AWS-RunShellScript"), InstanceIds: []string{id}, Parameters: map[string][]string{"commands": {"uptime"}}})).Command
	invocation := must(k.ssm.GetCommandInvocation(k.ctx(), &ssm.GetCommandInvocationInput{CommandId: cmd.CommandId, InstanceId: &id}))
	if cmd.Status != types.CommandStatusPending || invocation.Status != types.CommandInvocationStatusSuccess || invocation.ResponseCode != 0 {
		t.Errorf("the command was %s, then %s with code %d", cmd.Status, invocation.Status, invocation.ResponseCode)
	}
	if _, err := k.ssm.SendCommand(k.ctx(), &ssm.SendCommandInput{DocumentName: new("AWS-RunShellScript"), InstanceIds: []string{id}}); code(err) != "InvalidParameters" {
		t.Errorf("without commands: %v, want InvalidParameters", err)
	}

	must(k.iam.PutRolePolicy(k.ctx(), &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("no"), PolicyDocument: new(denyAll)}))
	step("role that is denied", id, "ConnectionLost")
	must(k.iam.DeleteRolePolicy(k.ctx(), &iam.DeleteRolePolicyInput{RoleName: new("r"), PolicyName: new("no")}))
	step("role that no longer is", id, "Online")
	must(k.iam.UpdateAssumeRolePolicy(k.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: new("r"), PolicyDocument: new(strings.Replace(trustEC2, "ec2", "ssm", 1))}))
	step("role that EC2 may not assume", id, "ConnectionLost")
	must(k.iam.UpdateAssumeRolePolicy(k.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: new("r"), PolicyDocument: new(trustEC2)}))
	k.stop(id)
	step("stopped", id, "unknown")
	must(k.ec2.StartInstances(k.ctx(), &ec2.StartInstancesInput{InstanceIds: []string{id}}))
	step("started", id, "Online")
	properties := must(k.ssm.DescribeInstanceProperties(k.ctx(), nil)).InstanceProperties
	if len(properties) != 1 || *properties[0].InstanceRole != "r" {
		t.Errorf("properties %v, want role r", properties)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	must(k.ssm.CreateDocument(k.ctx(), &ssm.CreateDocumentInput{Name: new("doc"), Content: new(`{"schemaVersion":"2.2","description":"one"}`), DocumentType: types.DocumentTypeCommand, Tags: []types.Tag{{Key: new("k"), Value: new("v")}}}))
	must(k.ssm.UpdateDocument(k.ctx(), &ssm.UpdateDocumentInput{Name: new("doc"), Content: new(`{"schemaVersion":"2.2","description":"two"}`), DocumentVersion: new("$LATEST")}))
	content := func(version *string) string {
		return *must(k.ssm.GetDocument(k.ctx(), &ssm.GetDocumentInput{Name: new("doc"), DocumentVersion: version})).Content
	}
	if !strings.Contains(content(nil), "one") || !strings.Contains(content(new("$LATEST")), "two") {
		t.Errorf("default is %s and latest %s", content(nil), content(new("$LATEST")))
	}
	must(k.ssm.UpdateDocumentDefaultVersion(k.ctx(), &ssm.UpdateDocumentDefaultVersionInput{Name: new("doc"), DocumentVersion: new("2")}))
	d := must(k.ssm.DescribeDocument(k.ctx(), &ssm.DescribeDocumentInput{Name: new("doc")})).Document
	if *d.DefaultVersion != "2" || *d.LatestVersion != "2" || len(d.Tags) != 1 || len(*d.Hash) != 64 {
		t.Errorf("described as default %s, latest %s, tags %v, hash %s", *d.DefaultVersion, *d.LatestVersion, d.Tags, *d.Hash)
	}
	var names []string
	for _, one := range must(k.ssm.ListDocuments(k.ctx(), &ssm.ListDocumentsInput{Filters: []types.DocumentKeyValuesFilter{{Key: new("Owner"), Values: []string{"Self"}}}})).DocumentIdentifiers {
		names = append(names, *one.Name)
	}
	if diff := cmp.Diff([]string{"doc"}, names); diff != "" {
		t.Errorf("own documents (-want +got):\n%s", diff)
	}
	amazon := must(k.ssm.DescribeDocument(k.ctx(), &ssm.DescribeDocumentInput{Name: new("AWS-RunShellScript")})).Document
	if *amazon.Owner != "Amazon" {
		t.Errorf("AWS-RunShellScript is owned by %s", *amazon.Owner)
	}
	must(k.ssm.DeleteDocument(k.ctx(), &ssm.DeleteDocumentInput{Name: new("doc")}))
	if _, err := k.ssm.DescribeDocument(k.ctx(), &ssm.DescribeDocumentInput{Name: new("doc")}); code(err) != "InvalidDocument" {
		t.Errorf("deleted, and described: %v, want InvalidDocument", err)
	}
}

func TestTagging(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	mine := []iamtypes.Tag{{Key: new("ssmctl:name"), Value: new("x")}}
	must(k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u"), Tags: mine}))
	for i := range 3 {
		must(k.iam.CreateInstanceProfile(k.ctx(), &iam.CreateInstanceProfileInput{InstanceProfileName: new(fmt.Sprint("p", i)), Tags: mine}))
	}
	k.profile("untagged", "")
	find := func(region string, size int32) (arns []string) {
		p := resourcegroupstaggingapi.NewGetResourcesPaginator(k.tagging, &resourcegroupstaggingapi.GetResourcesInput{
			ResourcesPerPage: &size, TagFilters: []tagtypes.TagFilter{{Key: new("ssmctl:name"), Values: []string{"x"}}},
			ResourceTypeFilters: []string{"iam:policy", "iam:instance-profile"},
		})
		for p.HasMorePages() {
			for _, m := range must(p.NextPage(k.ctx(), func(o *resourcegroupstaggingapi.Options) { o.Region = region })).ResourceTagMappingList {
				arns = append(arns, *m.ResourceARN)
			}
		}
		slices.Sort(arns)
		return arns
	}
	const profile = "arn:aws:iam::123456789012:instance-profile/p"
	if diff := cmp.Diff([]string{profile + "0", profile + "1", profile + "2"}, find("us-east-1", 2)); diff != "" {
		t.Errorf("tagged (-want +got):\n%s", diff)
	}
	if got := find("eu-west-1", 2); got != nil {
		t.Errorf("IAM shows in eu-west-1: %v", got)
	}
	if _, err := k.tagging.GetResources(k.ctx(), &resourcegroupstaggingapi.GetResourcesInput{ResourcesPerPage: new(int32(101))}); code(err) != "InvalidParameterException" {
		t.Errorf("a page of 101: %v, want InvalidParameterException", err)
	}
}

func TestCallers(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	who := func(change ...func(*sts.Options)) string {
		return *must(k.sts.GetCallerIdentity(k.ctx(), nil, change...)).Arn
	}
	if got := who(); got != "arn:aws:iam::123456789012:root" {
		t.Errorf("a key of nobody is %s", got)
	}
	k.user("u")
	key := must(k.iam.CreateAccessKey(k.ctx(), &iam.CreateAccessKeyInput{UserName: new("u")})).AccessKey
	as := func(id, secret, token *string) func(*sts.Options) {
		return func(o *sts.Options) { o.Credentials = credentialsOf(*id, *secret, token) }
	}
	if got := who(as(key.AccessKeyId, key.SecretAccessKey, nil)); got != "arn:aws:iam::123456789012:user/u" {
		t.Errorf("the key of u is %s", got)
	}
	k.role("r")
	assumed := must(k.sts.AssumeRole(k.ctx(), &sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::123456789012:role/r"), RoleSessionName: new("ses")})).Credentials
	if got := who(as(assumed.AccessKeyId, assumed.SecretAccessKey, assumed.SessionToken)); got != "arn:aws:sts::123456789012:assumed-role/r/ses" {
		t.Errorf("the session is %s", got)
	}
	if _, err := k.sts.AssumeRole(k.ctx(), &sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::123456789012:role/none"), RoleSessionName: new("ses")}); code(err) != "AccessDenied" {
		t.Errorf("assuming a role that is not there: %v, want AccessDenied", err)
	}
	if _, err := k.sts.AssumeRole(k.ctx(), &sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::123456789012:role/r"), RoleSessionName: new("ses"), DurationSeconds: new(int32(3601))}); code(err) != "ValidationError" {
		t.Errorf("a session longer than the role's: %v, want ValidationError", err)
	}
}
