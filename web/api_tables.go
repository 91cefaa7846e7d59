package web

import (
	"context"

	"onecity/cim"
	"onecity/gov/identity/access"
)

// registerTables declares the registers that screens and senders look words up
// in; they are part of the program.
func (s *Server) registerTables() {
	type propertiesAnswer struct {
		Body struct {
			Properties []cim.PropertyInfo `json:"properties"`
		}
	}
	get(s, access.CityView, "/api/v1/properties", "listProperties", "city", "观测属性 Observed properties with units and limits",
		func(context.Context, *struct{}) (*propertiesAnswer, error) {
			a := &propertiesAnswer{}
			a.Body.Properties = cim.Properties()
			return a, nil
		})

	type classesAnswer struct {
		Body struct {
			Classes []cim.ClassInfo `json:"classes"`
		}
	}
	get(s, access.CityView, "/api/v1/incident-classes", "listIncidentClasses", "incidents", "案件类别 Classes of incidents with time limits",
		func(context.Context, *struct{}) (*classesAnswer, error) {
			a := &classesAnswer{}
			a.Body.Classes = cim.Classes()
			return a, nil
		})
}
