package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"onecity/cim"
)

// streamsOf are the datastreams of every device of the measures.
var streamsOf = []cim.Datastream{
	{Property: "pm2_5", Unit: "ug/m3"}, {Property: "temperature", Unit: "Cel"},
	{Property: "humidity", Unit: "%"}, {Property: "noise", Unit: "dB{A}"},
}

// devices are n devices in the middle of Kunshan, the same each time.
func devices(n int) []cim.Device {
	r := rand.New(rand.NewPCG(11, 13))
	ds := make([]cim.Device, n)
	for i := range ds {
		ds[i] = cim.Device{
			ID: fmt.Sprintf("bench-%05d", i), Name: fmt.Sprintf("测站 %d", i), Kind: "air",
			Lon: 120.93 + r.Float64()*0.06, Lat: 31.36 + r.Float64()*0.05,
			Datastreams: streamsOf, Simulated: true,
		}
	}
	return ds
}

// register makes the devices known, and gives their MQTT passwords.
func (s *server) register(ctx context.Context, ds []cim.Device) (map[string]string, error) {
	passwords := map[string]string{}
	for len(ds) > 0 {
		n := min(len(ds), 5000)
		body, err := json.Marshal(map[string]any{"devices": ds[:n]})
		if err != nil {
			return nil, err
		}
		ds = ds[n:]
		var answer struct {
			Accepted    int
			Problems    []json.RawMessage
			Credentials []struct{ ID, Password string }
		}
		if err := s.post(ctx, "/api/v1/devices", body, &answer); err != nil {
			return nil, fmt.Errorf("register devices: %w", err)
		}
		if answer.Accepted != n {
			return nil, fmt.Errorf("register devices: %d of %d were accepted; %s", answer.Accepted, n, answer.Problems[0])
		}
		for _, c := range answer.Credentials {
			passwords[c.ID] = c.Password
		}
	}
	return passwords, s.caughtUp(ctx)
}

// batch is the body of a POST of observations: one of every datastream of the
// devices, at one time.
func batch(to []byte, ds []cim.Device, at time.Time, value float64) []byte {
	to = append(to[:0], `{"source":"/bench","observations":[`...)
	stamp := at.UTC().Format(time.RFC3339Nano)
	for i := range ds {
		for k, st := range ds[i].Datastreams {
			if i+k > 0 {
				to = append(to, ',')
			}
			to = fmt.Appendf(to, `{"device":%q,"property":%q,"time":%q,"value":%.2f}`, ds[i].ID, st.Property, stamp, value)
		}
	}
	return append(to, "]}"...)
}
