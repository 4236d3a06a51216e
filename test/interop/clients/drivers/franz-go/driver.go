package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const modulePath = "github.com/twmb/franz-go"

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

var acks = map[int]kgo.Acks{0: kgo.NoAck(), 1: kgo.LeaderAck(), -1: kgo.AllISRAcks()}

type driver struct {
	bootstrap string
	admin     *kadm.Client
	mutex     sync.Mutex
	readers   map[string]*reading
	member    *reading
}

func (d *driver) perform(call given) (any, error) {
	ctx := context.Background()
	switch call.Call {
	case "hello":
		return d.hello(call)
	case "produce":
		return nil, d.produce(ctx, call)
	case "open":
		return nil, d.open(ctx, call)
	case "read":
		return d.reader(call.Reader).take(call.Count)
	case "close":
		d.reader(call.Reader).client.Close()
		return nil, nil
	case "join":
		return nil, d.join(call)
	case "assigned":
		return d.member.partitions(), nil
	case "take":
		return d.member.take(call.Count)
	case "commit":
		return nil, d.member.commit(ctx)
	case "leave":
		// What was read is not committed: closing leaves the group without a word on offsets.
		d.member.client.Close()
		return nil, nil
	}
	return d.administer(ctx, call)
}

func (d *driver) hello(call given) (any, error) {
	d.bootstrap = call.Bootstrap
	client, err := d.connect()
	if err != nil {
		return nil, err
	}
	d.admin = kadm.NewClient(client)
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == modulePath {
			return map[string]string{"version": dependency.Version[1:]}, nil
		}
	}
	return nil, fmt.Errorf("the build does not say which version of %s it has", modulePath)
}

func (d *driver) connect(options ...kgo.Opt) (*kgo.Client, error) {
	plain := []kgo.Opt{kgo.SeedBrokers(d.bootstrap), kgo.FetchMaxWait(100 * time.Millisecond)}
	return kgo.NewClient(append(plain, options...)...)
}

func (d *driver) reader(name string) *reading {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.readers[name]
}

func (d *driver) produce(ctx context.Context, call given) error {
	options := []kgo.Opt{
		kgo.ProducerBatchCompression(codecs[call.Codec]),
		kgo.RequiredAcks(acks[call.Acks]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.AllowAutoTopicCreation(),
		kgo.ProducerLinger(20 * time.Millisecond),
		kgo.ProducerBatchMaxBytes(10_000_000),
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.UnknownTopicRetries(20),
	}
	if !call.IsIdempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	client, err := d.connect(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	records := make([]*kgo.Record, 0, len(call.Records))
	for _, each := range call.Records {
		sent := &kgo.Record{Topic: call.Topic, Partition: call.Partition, Key: encoded(each.Key), Value: encoded(each.Value)}
		for name, value := range each.Headers {
			sent.Headers = append(sent.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
		}
		records = append(records, sent)
	}
	return client.ProduceSync(ctx, records...).FirstErr()
}

func encoded(text *string) []byte {
	if text == nil {
		return nil
	}
	return []byte(*text)
}

func (d *driver) open(ctx context.Context, call given) error {
	start, err := d.startOf(ctx, call)
	if err != nil {
		return err
	}
	place := map[string]map[int32]kgo.Offset{call.Topic: {call.Partition: start}}
	client, err := d.connect(kgo.ConsumePartitions(place), kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	if err != nil {
		return err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.readers[call.Reader] = newReading(client)
	return nil
}

// The offset that the broker tells, so that it is settled before this returns.
func (d *driver) startOf(ctx context.Context, call given) (kgo.Offset, error) {
	var exact struct{ Offset, Timestamp *int64 }
	_ = json.Unmarshal(call.From, &exact)
	if exact.Offset != nil {
		return kgo.NewOffset().At(*exact.Offset), nil
	}
	var listed kadm.ListedOffsets
	var err error
	switch {
	case exact.Timestamp != nil:
		listed, err = d.admin.ListOffsetsAfterMilli(ctx, *exact.Timestamp, call.Topic)
	case string(call.From) == `"latest"`:
		listed, err = d.admin.ListEndOffsets(ctx, call.Topic)
	default:
		listed, err = d.admin.ListStartOffsets(ctx, call.Topic)
	}
	if err != nil {
		return kgo.Offset{}, err
	}
	found, _ := listed.Lookup(call.Topic, call.Partition)
	return kgo.NewOffset().At(found.Offset), found.Err
}

func (d *driver) join(call given) error {
	member := &reading{}
	client, err := d.connect(
		kgo.ConsumerGroup(call.Group),
		kgo.ConsumeTopics(call.Topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.SessionTimeout(time.Duration(call.SessionTimeoutMs)*time.Millisecond),
		kgo.HeartbeatInterval(300*time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, added map[string][]int32) {
			member.change(added[call.Topic], nil)
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
			member.change(nil, gone[call.Topic])
		}),
	)
	if err != nil {
		return err
	}
	d.member = member
	member.start(client)
	return nil
}
