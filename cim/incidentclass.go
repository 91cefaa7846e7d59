package cim

import (
	"slices"
	"time"
)

// ClassInfo is what the register says of one class of incidents 案件类别.
type ClassInfo struct {
	// Code is the service_code of Open311: a letter for the group's side
	// (C 部件, E 事件), two digits major class, two digits minor class.
	Code   string `json:"code"`
	Name   string `json:"name"` // Chinese
	NameEn string `json:"nameEn"`
	Group  string `json:"group"` // major class 大类, Chinese
	// GroupEn is the major class in English.
	GroupEn string `json:"groupEn"`
	// Component says that it is about a component 部件, not an event 事件.
	Component bool `json:"component,omitempty"`
	// Severity is what a new incident of the class starts with: 1 特别重大 … 4 一般.
	Severity uint8 `json:"severity"`
	// Limit is the time to handle it 处置时限, from the report on.
	Limit time.Duration `json:"-"`
	// LimitMinutes is Limit for JSON.
	LimitMinutes int `json:"limitMinutes"`
	// Keywords help to find the class; Chinese and English, comma-separated.
	Keywords string `json:"keywords,omitempty"`
}

// Classes is the register of incident classes, by code. The slice is the caller's.
func Classes() []ClassInfo { return slices.Clone(classes) }

// ClassOf finds a class by its code.
func ClassOf(code string) (ClassInfo, bool) {
	i, ok := slices.BinarySearchFunc(classes, code, func(c ClassInfo, code string) int {
		switch {
		case c.Code < code:
			return -1
		case c.Code > code:
			return 1
		}
		return 0
	})
	if !ok {
		return ClassInfo{}, false
	}
	return classes[i], true
}
