package main

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A consumer that polls all the time, and what it has read.
type reading struct {
	client   *kgo.Client
	mutex    sync.Mutex
	changed  *sync.Cond
	records  []*kgo.Record
	taken    []*kgo.Record
	assigned []int32
	failure  error
}

func newReading(client *kgo.Client) *reading {
	made := &reading{}
	made.start(client)
	return made
}

func (r *reading) start(client *kgo.Client) {
	r.client = client
	r.changed = sync.NewCond(&r.mutex)
	go r.poll()
}

func (r *reading) poll() {
	for {
		fetches := r.client.PollFetches(context.Background())
		if fetches.IsClientClosed() {
			return
		}
		r.mutex.Lock()
		r.records = append(r.records, fetches.Records()...)
		// All else, above all that the broker is away, passes.
		var refused *kerr.Error
		if err := fetches.Err(); errors.As(err, &refused) && !refused.Retriable {
			r.failure = err
		}
		r.changed.Broadcast()
		r.mutex.Unlock()
	}
}

func (r *reading) change(added, gone []int32) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.assigned = slices.DeleteFunc(r.assigned, func(each int32) bool { return slices.Contains(gone, each) })
	r.assigned = append(r.assigned, added...)
}

func (r *reading) partitions() []int32 {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]int32{}, r.assigned...)
}

func (r *reading) take(count int) ([]record, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for len(r.records) < count {
		if r.failure != nil {
			return nil, r.failure
		}
		r.changed.Wait()
	}
	taken := r.records[:count]
	r.records = r.records[count:]
	r.taken = append(r.taken, taken...)
	told := make([]record, 0, count)
	for _, each := range taken {
		told = append(told, tell(each))
	}
	return told, nil
}

func (r *reading) commit(ctx context.Context) error {
	r.mutex.Lock()
	taken := slices.Clone(r.taken)
	r.mutex.Unlock()
	return r.client.CommitRecords(ctx, taken...)
}

func tell(read *kgo.Record) record {
	headers := map[string]string{}
	for _, each := range read.Headers {
		headers[each.Key] = string(each.Value)
	}
	return record{
		Partition: read.Partition,
		Offset:    read.Offset,
		Timestamp: read.Timestamp.UnixMilli(),
		Key:       decoded(read.Key),
		Value:     decoded(read.Value),
		Headers:   headers,
	}
}

func decoded(bytes []byte) *string {
	if bytes == nil {
		return nil
	}
	text := string(bytes)
	return &text
}
