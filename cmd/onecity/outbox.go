package main

import (
	"context"
	"encoding/json"
	"fmt"

	"onecity/cim"
	"onecity/internal/flow"
	"onecity/streams"
)

// outbox puts what the workflow says into the city's stream, where whoever
// follows the stream hears of it in the order of everything else.
func outbox(broker *streams.Broker) flow.Publish {
	return func(ctx context.Context, m flow.Message) error {
		data, err := json.Marshal(struct {
			Object string          `json:"object"`
			Region string          `json:"region,omitempty"`
			Org    string          `json:"org,omitempty"`
			Body   json.RawMessage `json:"body"`
		}{m.Object, m.Region, m.Org, m.Body})
		if err != nil {
			return fmt.Errorf("write a message of the outbox: %w", err)
		}
		return broker.Publish(ctx, streams.Event{
			ID: m.ID, Source: "/office", Type: cim.OfficePrefix + m.Kind + ".v1", Time: m.At, Data: data,
		}, streams.Written)
	}
}
