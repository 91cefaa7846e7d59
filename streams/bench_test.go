package streams

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

func benchPublish(b *testing.B, d Durability, size int) {
	br := open(b, Options{})
	var n atomic.Int64
	data := make([]byte, size)
	b.SetBytes(int64(size))
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			e := fact(fmt.Sprint(n.Add(1)))
			e.Data = data
			if err := br.Publish(b.Context(), e, d); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// One observation, and a batch of about a hundred.
func BenchmarkPublishWritten(b *testing.B)      { benchPublish(b, Written, 120) }
func BenchmarkPublishWritten12KiB(b *testing.B) { benchPublish(b, Written, 12<<10) }
func BenchmarkPublishSynced(b *testing.B)       { benchPublish(b, Synced, 600) }
func BenchmarkPublishOneSenderAtATime(b *testing.B) {
	br := open(b, Options{})
	b.ReportAllocs()
	for i := range b.N {
		if err := br.Publish(b.Context(), fact(fmt.Sprint(i)), Written); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConsume(b *testing.B) {
	br := open(b, Options{})
	for i := range b.N {
		if _, err := br.js.PublishMsgAsync(must(encode(fact(fmt.Sprint(i))))); err != nil {
			b.Fatal(err)
		}
	}
	<-br.js.PublishAsyncComplete()
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	err := br.Consume(b.Context(), 0, func(Received) error {
		if n++; n == b.N {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		b.Fatal(err)
	}
}

// BenchmarkDevice is PUBLISH to hand-over: QoS 1 from 8 connections.
func BenchmarkDevice(b *testing.B) {
	br := openMQTT(b)
	const devices = 8
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for d := range devices {
		id := fmt.Sprint("dev", d)
		c := device(b, br, id)
		n := b.N / devices
		if d < b.N%devices {
			n++
		}
		wg.Go(func() {
			for range n {
				c.Publish("onecity/v1/"+id+"/telemetry", 1, false, []byte(`{"values":{"pm2_5":12.5}}`))
			}
		})
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	n := 0
	err := br.ConsumeDevices(ctx, 512, func(ms []DeviceMessage) error {
		if n += len(ms); n >= b.N {
			cancel()
		}
		return nil
	})
	if n < b.N {
		b.Fatal(err)
	}
	wg.Wait()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
