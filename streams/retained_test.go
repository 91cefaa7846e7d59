package streams

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestAFloodOfRetainedMessagesEndsAtTheBound(t *testing.T) {
	b := open(t, Options{MaxBytes: 4 << 20, MQTT: "127.0.0.1:0", Credentials: knows})
	c := device(t, b, "dev")
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(chan struct{}, 200)
	ended := make(chan error, 1)
	go func() {
		ended <- b.ConsumeDevices(ctx, 10, func(ms []DeviceMessage) error {
			for range ms {
				heard <- struct{}{}
			}
			return nil
		})
	}()
	const n = 80 // of 100 kB each: twice the bound
	for i := range n {
		tok := c.Publish(fmt.Sprint("onecity/v1/dev/t", i), 1, true, make([]byte, 100_000))
		if !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			t.Fatalf("message %d: %v", i, tok.Error())
		}
		<-heard // retained or not, it is heard
	}
	s, err := b.js.Stream(t.Context(), retainedStream)
	if err != nil {
		t.Fatal(err)
	}
	if st := s.CachedInfo().State; st.Bytes > 4<<20 || st.Bytes < 3<<20 {
		t.Errorf("%d bytes are retained", st.Bytes)
	}
	device(t, b, "other") // is let in all the same
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTheSessionsOfMQTTClientsAreBounded(t *testing.T) {
	b := openMQTT(t)
	for range 2 { // the server takes the stream as it is declared, also when clients come again
		device(t, b, "dev").Disconnect(100)
	}
	s, err := b.js.Stream(t.Context(), sessionStream)
	if err != nil {
		t.Fatal(err)
	}
	if c := s.CachedInfo().Config; c.MaxBytes != boundOfMQTT || c.MaxMsgsPerSubject != 1 {
		t.Errorf("the stream holds %d bytes, %d a client", c.MaxBytes, c.MaxMsgsPerSubject)
	}
}
