// Drives franz-go by calls on stdin: see calls.ts.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
)

// A call's arguments; each call has some of them.
type given struct {
	ID               int               `json:"id"`
	Call             string            `json:"call"`
	Bootstrap        string            `json:"bootstrap"`
	Topic            string            `json:"topic"`
	Partition        int32             `json:"partition"`
	Codec            string            `json:"codec"`
	Acks             int               `json:"acks"`
	IsIdempotent     bool              `json:"isIdempotent"`
	Records          []record          `json:"records"`
	Reader           string            `json:"reader"`
	From             json.RawMessage   `json:"from"`
	Count            int               `json:"count"`
	Group            string            `json:"group"`
	SessionTimeoutMs int               `json:"sessionTimeoutMs"`
	PartitionCount   int32             `json:"partitionCount"`
	Configs          map[string]string `json:"configs"`
	Name             string            `json:"name"`
	Value            string            `json:"value"`
	BeforeOffset     int64             `json:"beforeOffset"`
}

type record struct {
	Partition int32             `json:"partition"`
	Offset    int64             `json:"offset"`
	Timestamp int64             `json:"timestamp"`
	Key       *string           `json:"key"`
	Value     *string           `json:"value"`
	Headers   map[string]string `json:"headers"`
}

// notOffered says why the client has no way to do what is asked.
type notOffered string

func (why notOffered) Error() string { return string(why) }

var answers sync.Mutex

func answer(driver *driver, call given) {
	said := map[string]any{"id": call.ID}
	result, err := driver.perform(call)
	var why notOffered
	switch {
	case errors.As(err, &why):
		said["notOffered"] = string(why)
	case err != nil:
		said["error"] = map[string]any{"kafka": kafkaNameOf(err), "text": err.Error()}
	default:
		said["result"] = result
	}
	line, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	answers.Lock()
	defer answers.Unlock()
	fmt.Println(string(line))
}

func kafkaNameOf(err error) any {
	var known *kerr.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return nil
}

func main() {
	driver := &driver{readers: map[string]*reading{}}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var call given
		if err := json.Unmarshal(lines.Bytes(), &call); err != nil {
			panic(err)
		}
		go answer(driver, call)
	}
}
