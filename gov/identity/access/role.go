package access

// Action is what can be done, in words with points, small letters:
// "city.view", "incident.dispatch", "identity.binding.grant".
type Action string

// Role 角色 is a set of actions, with the layers and the grade of what may be
// seen. Roles are data; Standard are those that come with the program.
type Role struct {
	Code   string   `json:"code"`
	ZH     string   `json:"zh"`
	EN     string   `json:"en"`
	Does   []Action `json:"does"`
	Layers []string `json:"layers"` // of the city model, by name; nil: none
	Grade  uint8    `json:"grade"`
	Grants []string `json:"grants"` // the roles that who holds this may give on
}
