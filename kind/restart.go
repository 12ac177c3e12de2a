package kind

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/ssmctl/ssmctl/resource"
)

// A Restart makes SSM Agent take note that the instance's role changed, as
// the guide asks: "either restart SSM Agent or restart the instance. If you
// don't, SSM Agent can fail to process requests". It is an event: it follows
// a change of the instance's profile or of the profile's role, and follows it
// again when a rollback changes that back.
type Restart struct {
	Instance string `json:"instance"` // EC2 id
	How      string `json:"how"`      // agent or reboot
	Profile  string `json:"profile"`  // that the instance gets, by name
}

// ID returns restart/INSTANCE.
func (r Restart) ID() resource.ID { return id("restart", r.Instance) }

// Needs returns the instance.
func (r Restart) Needs() []resource.ID { return []resource.ID{id("instance", r.Instance)} }

// Follows returns the association and the profile.
func (r Restart) Follows() []resource.ID {
	return []resource.ID{id("association", r.Instance), id("profile", r.Profile)}
}

var _ = define(Kind[Restart]{
	Name:    "restart",
	Summary: "A restart of SSM Agent, or of the instance, after its role changed.",
	Example: []string{
		`roles: {ssm-managed: {type: instance}}
instances: {web: {id: i-1234567890abcdef0, role: ssm-managed, restart: agent}}`,
		`roles: {ssm-managed: {type: instance}, other: {type: instance}}
instances: {web: {id: i-1234567890abcdef0, role: other, if_profile: replace, restart: reboot}}`,
	},
	Calls: restartCalls,
	Rehearse: func(_ context.Context, r *rehearsal, before, after *Restart) error {
		if after == nil {
			after = before
		}
		if after.How == "reboot" {
			r.reboot(after.ID(), after.Instance)
		}
		return nil
	},
	Write: func(ctx context.Context, w *Write, before, after *Restart) error {
		if after == nil {
			after = before // undoing a change is a change of role as well
		}
		at, err := w.Session.locate(ctx, Instance{Name: after.Instance})
		if err != nil {
			return err
		}
		if at == nil || at.State == nil || at.State.Name != ec2types.InstanceStateNameRunning {
			w.Note("the instance is not running; its agent takes note when it starts")
			return nil
		}
		if after.How == "reboot" {
			_, err := call(ctx, w, w.ec2.RebootInstances, &ec2.RebootInstancesInput{InstanceIds: []string{after.Instance}})
			return err
		}
		// EC2 answers "windows", whatever the SDK's constant says.
		return restartAgent(ctx, w, after.Instance, strings.EqualFold(string(at.Platform), "windows"))
	},
})

// Restarting the agent kills the worker that reports the command's result, so
// the restart is left behind to happen a moment later.
const (
	restartLinux   = `nohup sh -c 'sleep 5; systemctl restart amazon-ssm-agent || systemctl restart snap.amazon-ssm-agent.amazon-ssm-agent || restart amazon-ssm-agent' >/dev/null 2>&1 &`
	restartWindows = `Start-Process powershell -WindowStyle Hidden -ArgumentList '-Command', 'Start-Sleep 5; Restart-Service AmazonSSMAgent'`
)

// restartAgent sends the command by the agent's old credentials, which hold
// for a while. An agent that has none cannot be reached, and needs no restart
// to look for some.
func restartAgent(ctx context.Context, w *Write, instance string, windows bool) error {
	document, command := "AWS-RunShellScript", restartLinux
	if windows {
		document, command = "AWS-RunPowerShellScript", restartWindows
	}
	_, err := call(ctx, w, w.ssm.SendCommand, &ssm.SendCommandInput{
		DocumentName: &document, InstanceIds: []string{instance},
		Parameters: map[string][]string{"commands": {command}},
		Comment:    new("ssmctl: the instance's role changed"),
	})
	if code(err) == "InvalidInstanceId" {
		w.Note(fmt.Sprintf("SSM Agent on %s is not connected, so it cannot be told; it looks for its new role by itself, within 30 minutes", instance))
		return nil
	}
	return err
}
