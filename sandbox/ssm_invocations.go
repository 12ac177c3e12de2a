package sandbox

import (
	"cmp"
	"slices"
)

// Commands as SSM answers them afterwards.

type commandsInput struct {
	CommandId  string `is:"commandId"`
	InstanceId string
	MaxResults int `is:"max50"`
	NextToken  string
}

// commands lists the commands asked for, the newest first.
func (c *call) commands(in commandsInput) ([]*command, error) {
	var list []*command
	for cmd := range c.region().Commands.all {
		if (in.CommandId == "" || cmd.ID == in.CommandId) && (in.InstanceId == "" || slices.Contains(cmd.Nodes, in.InstanceId)) {
			list = append(list, cmd)
		}
	}
	if in.CommandId != "" && !c.region().Commands.has(in.CommandId) {
		return nil, errorf("InvalidCommandId", "The command ID %s is not valid.", in.CommandId)
	}
	return list, nil
}

// newestFirst orders commands for paging.
func newestFirst(cmd *command) string {
	return itoa(int(1<<62-cmd.Sent.UnixNano())) + cmd.ID
}

func listCommands(c *call, in commandsInput) (out struct {
	Commands  []commandView
	NextToken *string `json:",omitzero"`
}, err error,
) {
	list, err := c.commands(in)
	if err != nil {
		return out, err
	}
	list, out.NextToken, err = tokenPage(c, list, in.NextToken, cmp.Or(in.MaxResults, 50), newestFirst)
	out.Commands = []commandView{}
	for _, cmd := range list {
		out.Commands = append(out.Commands, viewCommand(cmd, c.status(cmd)))
	}
	return out, err
}

type invocationView struct {
	CommandId         string
	InstanceId        string
	InstanceName      string
	Comment           string
	DocumentName      string
	DocumentVersion   string
	RequestedDateTime epoch
	Status            string
	StatusDetails     string
	CommandPlugins    []pluginView
	order             string
}

type pluginView struct {
	Name          string
	Status        string
	StatusDetails string
	ResponseCode  int
	Output        string
}

func listCommandInvocations(c *call, in struct {
	commandsInput
	Details bool
}) (out struct {
	CommandInvocations []invocationView
	NextToken          *string `json:",omitzero"`
}, err error,
) {
	commands, err := c.commands(in.commandsInput)
	if err != nil {
		return out, err
	}
	var list []invocationView
	for _, cmd := range commands {
		status := c.status(cmd)
		for _, id := range cmd.Nodes {
			if in.InstanceId != "" && id != in.InstanceId {
				continue
			}
			v := invocationView{cmd.ID, id, "", cmd.Comment, cmd.Document, cmd.Version, epoch{cmd.Sent}, status, status, []pluginView{}, newestFirst(cmd) + id}
			if in.Details {
				v.CommandPlugins = []pluginView{{"aws:runShellScript", status, status, responseCode(status), ""}}
			}
			list = append(list, v)
		}
	}
	out.CommandInvocations, out.NextToken, err = tokenPage(c, list, in.NextToken, cmp.Or(in.MaxResults, 50), func(v invocationView) string { return v.order })
	if out.CommandInvocations == nil {
		out.CommandInvocations = []invocationView{}
	}
	return out, err
}

// responseCode is -1 as long as a plugin has not run.
func responseCode(status string) int {
	if status == "Success" {
		return 0
	}
	return -1
}

func getCommandInvocation(c *call, in struct {
	CommandId  string `is:"commandId!"`
	InstanceId string `is:"!"`
	PluginName string
}) (out struct {
	CommandId             string
	InstanceId            string
	Comment               string
	DocumentName          string
	DocumentVersion       string
	PluginName            string
	ResponseCode          int
	Status                string
	StatusDetails         string
	StandardOutputContent string
	StandardErrorContent  string
}, err error,
) {
	cmd := c.region().Commands.get(in.CommandId)
	if cmd == nil || !slices.Contains(cmd.Nodes, in.InstanceId) {
		return out, errorf("InvocationDoesNotExist", "The command ID %s was not sent to instance %s.", in.CommandId, in.InstanceId)
	}
	status := c.status(cmd)
	out.CommandId, out.InstanceId, out.Comment, out.DocumentName, out.DocumentVersion = cmd.ID, in.InstanceId, cmd.Comment, cmd.Document, cmd.Version
	out.PluginName, out.ResponseCode, out.Status, out.StatusDetails = in.PluginName, responseCode(status), status, status
	return out, nil
}
