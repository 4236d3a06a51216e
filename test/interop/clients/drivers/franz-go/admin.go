package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Calls that ask for nothing but success or failure, and then those that ask for something.
func (d *driver) administer(ctx context.Context, call given) (any, error) {
	switch call.Call {
	case "createTopic":
		return nil, d.createTopic(ctx, call)
	case "setConfig":
		return nil, d.setConfig(ctx, call)
	case "addPartitions":
		answers, err := d.admin.UpdatePartitions(ctx, int(call.PartitionCount), call.Topic)
		return nil, first(err, answers.Error())
	case "deleteRecords":
		offsets := kadm.Offsets{}
		offsets.AddOffset(call.Topic, call.Partition, call.BeforeOffset, -1)
		answers, err := d.admin.DeleteRecords(ctx, offsets)
		return nil, first(err, answers.Error())
	case "deleteGroup":
		_, err := d.admin.DeleteGroup(ctx, call.Group)
		return nil, err
	case "deleteTopic":
		_, err := d.admin.DeleteTopic(ctx, call.Topic)
		return nil, err
	}
	return d.ask(ctx, call)
}

func (d *driver) ask(ctx context.Context, call given) (any, error) {
	switch call.Call {
	case "topics":
		topics, err := d.admin.ListTopics(ctx)
		return topics.Names(), err
	case "partitionCount":
		topics, err := d.admin.ListTopics(ctx, call.Topic)
		return len(topics[call.Topic].Partitions), first(err, topics[call.Topic].Err)
	case "configs":
		return d.configs(ctx, call.Topic)
	case "offsets":
		return d.offsets(ctx, call)
	case "groups":
		groups, err := d.admin.ListGroups(ctx)
		return groups.Groups(), err
	case "group":
		groups, err := d.admin.DescribeGroups(ctx, call.Group)
		group := groups[call.Group]
		return map[string]any{"state": group.State, "memberCount": len(group.Members)}, first(err, group.Err)
	case "committed":
		offsets, err := d.admin.FetchOffsets(ctx, call.Group)
		found, _ := offsets.Lookup(call.Topic, 0)
		return found.At, first(err, found.Err)
	}
	return nil, notOffered(fmt.Sprintf("the client has nothing for '%s'", call.Call))
}

func (d *driver) createTopic(ctx context.Context, call given) error {
	configs := map[string]*string{}
	for name, value := range call.Configs {
		configs[name] = &value
	}
	_, err := d.admin.CreateTopic(ctx, call.PartitionCount, -1, configs, call.Topic)
	return err
}

func (d *driver) setConfig(ctx context.Context, call given) error {
	set := kadm.AlterConfig{Op: kadm.SetConfig, Name: call.Name, Value: &call.Value}
	answers, err := d.admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{set}, call.Topic)
	if err != nil {
		return err
	}
	return answers[0].Err
}

func (d *driver) configs(ctx context.Context, topic string) (any, error) {
	described, err := d.admin.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return nil, err
	}
	told := map[string]string{}
	for _, config := range described[0].Configs {
		told[config.Key] = config.MaybeValue()
	}
	return told, described[0].Err
}

func (d *driver) offsets(ctx context.Context, call given) (any, error) {
	starts, err := d.admin.ListStartOffsets(ctx, call.Topic)
	if err != nil {
		return nil, err
	}
	ends, err := d.admin.ListEndOffsets(ctx, call.Topic)
	start, _ := starts.Lookup(call.Topic, call.Partition)
	end, _ := ends.Lookup(call.Topic, call.Partition)
	return map[string]int64{"earliest": start.Offset, "latest": end.Offset}, first(err, start.Err, end.Err)
}

// The first that is an error.
func first(errs ...error) error {
	found := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if found < 0 {
		return nil
	}
	return errs[found]
}
