package catalogue

import (
	"strings"
	"sync"
)

// The data have no global keys, so these are written down by hand from the IAM
// User Guide, "AWS global condition context keys", with the types that it
// gives them: the keys of AWS's own prefix, and those of the kind that it calls
// cross-service, which sessions take along from the instance or function that
// they began on.
//
// aws:EpochTime is compared with numeric operators too.
const globals = `
	aws:AssumedRoot                    Bool
	aws:CalledVia                      ArrayOfString
	aws:CalledViaAWSMCP                String
	aws:CalledViaFirst                 String
	aws:CalledViaLast                  String
	aws:ChatbotSourceArn               ARN
	aws:CurrentTime                    Date
	aws:Ec2InstanceSourcePrivateIPv4   IPAddress
	aws:Ec2InstanceSourceVpc           String
	aws:EpochTime                      Date
	aws:FederatedProvider              String
	aws:IsMcpServiceAction             Bool
	aws:MultiFactorAuthAge             Numeric
	aws:MultiFactorAuthPresent         Bool
	aws:PrincipalAccount               String
	aws:PrincipalArn                   ARN
	aws:PrincipalIsAWSService          Bool
	aws:PrincipalOrgID                 String
	aws:PrincipalOrgPaths              ArrayOfString
	aws:PrincipalServiceName           String
	aws:PrincipalServiceNamesList      ArrayOfString
	aws:PrincipalTag/${TagKey}         String
	aws:PrincipalType                  String
	aws:RequestTag/${TagKey}           String
	aws:RequestedRegion                String
	aws:ResourceAccount                String
	aws:ResourceOrgID                  String
	aws:ResourceOrgPaths               ArrayOfString
	aws:ResourceTag/${TagKey}          String
	aws:SecureTransport                Bool
	aws:SourceAccount                  String
	aws:SourceArn                      ARN
	aws:SourceIdentity                 String
	aws:SourceIp                       IPAddress
	aws:SourceOrgID                    String
	aws:SourceOrgPaths                 ArrayOfString
	aws:SourceOwner                    String
	aws:SourceVpc                      String
	aws:SourceVpcArn                   ARN
	aws:SourceVpce                     String
	aws:TagKeys                        ArrayOfString
	aws:TokenIssueTime                 Date
	aws:UserAgent                      String
	aws:ViaAWSMCPService               Bool
	aws:ViaAWSService                  Bool
	aws:VpceAccount                    String
	aws:VpceOrgID                      String
	aws:VpceOrgPaths                   ArrayOfString
	aws:VpcSourceIp                    IPAddress
	aws:referer                        String
	aws:userid                         String
	aws:username                       String
	ec2:RoleDelivery                   Numeric
	ec2:SourceInstanceARN              ARN
	glue:CredentialIssuingService      String
	glue:RoleAssumedBy                 String
	identitystore:UserId               String
	lambda:SourceFunctionArn           ARN
	ssm:SourceInstanceARN              ARN`

// perService are the global keys that a request carries only if the service
// and the action support them, which the data say.
var perService = map[string]bool{"aws:ResourceTag/${TagKey}": true, "aws:RequestTag/${TagKey}": true, "aws:TagKeys": true}

var globalKeys = sync.OnceValue(func() *keyTable {
	t := new(keyTable)
	for line := range strings.Lines(strings.TrimSpace(globals)) {
		f := strings.Fields(line)
		t.add(Key{Name: f[0], Type: f[1], Multi: strings.HasPrefix(f[1], "ArrayOf")})
	}
	return t
})

// claims are the keys that requests of users from any OpenID Connect provider
// have, after the name of the provider and a colon (IAM User Guide, "Available
// keys for AWS OIDC federation").
var claims = map[string]string{"amr": "ArrayOfString", "aud": "String", "azp": "String", "email": "String", "oaud": "String", "sub": "String"}

// providerKey finds the key of an identity provider, whose users carry it in
// requests to all services. The data list those of SAML and of well-known
// providers under sts.
func providerKey(folded string) (Key, bool) {
	i := strings.LastIndexByte(folded, ':')
	if i < 0 || folded[:i] != "saml" && !strings.Contains(folded[:i], ".") {
		return Key{}, false
	}
	if k, ok := details().services["sts"].keys.find(folded); ok {
		return k, true
	}
	claim := folded[i+1:]
	kind, ok := claims[claim]
	if !ok {
		return Key{}, false
	}
	return Key{"${Provider}:" + claim, kind, strings.HasPrefix(kind, "ArrayOf")}, true
}
