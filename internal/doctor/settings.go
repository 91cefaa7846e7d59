package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Settings are how a server was started, without any secret.
type Settings struct {
	Data    string   `json:"data"`   // the data directory
	Listen  string   `json:"listen"` // address of HTTP
	MQTT    string   `json:"mqtt"`   // address of the embedded broker; "" is none
	Hosts   []string `json:"hosts,omitempty"`
	Origins []string `json:"origins,omitempty"`
	// TLS is "" (none), "internal" or "files"; then Cert and Key are the files.
	TLS  string `json:"tls,omitempty"`
	Cert string `json:"cert,omitempty"`
	Key  string `json:"key,omitempty"`
	// Demo: a city to try the program out with, whose people need no second
	// factor and keep the passwords that were printed.
	Demo bool `json:"demo"`
	// ExternalNATS, ExternalDatabase: not those of the data directory.
	ExternalNATS     bool `json:"externalNATS"`
	ExternalDatabase bool `json:"externalDatabase"`
	// Witnesses are where the audit log's checkpoints are kept too.
	Witnesses []string `json:"witnesses,omitempty"`
}

// settingsFile is where a server leaves its Settings, in its data directory.
const settingsFile = "settings.json"

// Save leaves the settings of a server that starts, for who looks at it later.
func (s Settings) Save() error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write down the settings: %w", err)
	}
	file := filepath.Join(s.Data, settingsFile)
	err = os.WriteFile(file+".new", append(b, '\n'), 0o600)
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		return fmt.Errorf("write down the settings: %w", err)
	}
	return nil
}

// Load reads the settings that the newest server of a data directory left; ok
// is false when there was none.
func Load(dir string) (s Settings, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(dir, settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return s, false, fmt.Errorf("read the server's settings: %w", err)
	}
	s.Data = dir
	return s, true, nil
}
