package web

import (
	"context"

	"onecity/cim"
)

// registerTables declares the registers that screens and senders look words up
// in; they are part of the program.
func (s *Server) registerTables() {
	type propertiesAnswer struct {
		Body struct {
			Properties []cim.PropertyInfo `json:"properties"`
		}
	}
	get(s, "/api/v1/properties", "listProperties", "city", "观测属性 Observed properties with units and limits",
		func(context.Context, *struct{}) (*propertiesAnswer, error) {
			a := &propertiesAnswer{}
			a.Body.Properties = cim.Properties()
			return a, nil
		})
}
