package geo

import "strings"

// Code is the code of a [Region]. A region's code starts with the code of its
// parent, so "is inside" is a prefix test: GB/T 2260 (6 digits, city),
// GB/T 10114 (9, town 区镇), 统计用区划代码 (12, village/community 村·社区),
// 单元网格 of GB/T 30428.1 (15, grid 网格). A city outside China may use other
// letters as long as the prefix rule holds. The empty Code contains all.
type Code string

// Contains reports whether o is c itself or lies inside it.
func (c Code) Contains(o Code) bool { return strings.HasPrefix(string(o), string(c)) }

// Level is a region's place in the four levels of use 四级.
type Level uint8

// The four levels, outermost first. LevelNone is the zero value.
const (
	LevelNone     Level = iota
	LevelCity           // 市
	LevelDistrict       // 区镇
	LevelVillage        // 村、社区
	LevelGrid           // 网格
)

// String is the level's name in English; Chinese is in the constants' comments.
func (l Level) String() string {
	switch l {
	case LevelCity:
		return "city"
	case LevelDistrict:
		return "district"
	case LevelVillage:
		return "village"
	case LevelGrid:
		return "grid"
	}
	return "none"
}
