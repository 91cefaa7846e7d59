package cityapi

import (
	"context"
	"fmt"
	"net/url"

	"onecity/cim"
)

// registerAtOnce is how many things go into one request.
const registerAtOnce = 1000

// Devices and Units make things known. The answer holds the passwords of those
// that the server saw for the first time, by id; it tells them only once.
func (c *Client) Devices(ctx context.Context, list []cim.Device) (map[string]string, error) {
	return register(ctx, c, "devices", list)
}

// Units is Devices for units.
func (c *Client) Units(ctx context.Context, list []cim.Unit) (map[string]string, error) {
	return register(ctx, c, "units", list)
}

func register[T any](ctx context.Context, c *Client, things string, list []T) (map[string]string, error) {
	passwords := make(map[string]string, len(list))
	for len(list) > 0 {
		some := list[:min(registerAtOnce, len(list))]
		list = list[len(some):]
		var answer struct {
			problems
			Credentials []struct {
				ID       string `json:"id"`
				Password string `json:"password"`
			} `json:"credentials"`
		}
		if err := c.post(ctx, "/api/v1/"+things, map[string]any{"source": c.source, things: some}, &answer); err != nil {
			return nil, err
		}
		if answer.Accepted < len(some) {
			return nil, fmt.Errorf("register %s: %d of %d accepted: %v", things, answer.Accepted, len(some), answer.codes())
		}
		for _, p := range answer.Credentials {
			passwords[p.ID] = p.Password
		}
	}
	return passwords, nil
}

// Password gives a device or unit a new one; the old one is void.
func (c *Client) Password(ctx context.Context, id string) (string, error) {
	var answer struct {
		Password string `json:"password"`
	}
	err := c.post(ctx, "/api/v1/credentials/"+url.PathEscape(id), struct{}{}, &answer)
	return answer.Password, err
}

// Observe sends observations and says how many were accepted. A *Refused means
// that none was.
func (c *Client) Observe(ctx context.Context, obs []cim.Observation) (accepted int, err error) {
	var answer problems
	err = c.post(ctx, "/api/v1/observations", map[string]any{"source": c.source, "observations": obs}, &answer)
	return answer.Accepted, err
}

// Move sends positions; the contract of Observe.
func (c *Client) Move(ctx context.Context, ps []cim.Position) (accepted int, err error) {
	var answer problems
	err = c.post(ctx, "/api/v1/positions", map[string]any{"source": c.source, "positions": ps}, &answer)
	return answer.Accepted, err
}
