package database

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Scope is what the second wall lets a reader through to. The zero Scope
// reaches nothing.
type Scope struct {
	// Layers of the city model, by name: what lies in one of the pieces.
	Layers map[string][]Piece
	// Regions and Orgs are the subtrees of the directory, the log and the work:
	// codes of regions and paths of organisations; "" is the whole tree.
	Regions, Orgs []string
	// Self is the subject that reads; what is its own is let through.
	Self string
	// Holders also lets through the people who hold a right in the subtrees.
	Holders bool
}

// Piece is a region and all inside it, up to a data grade.
type Piece struct {
	Prefix string
	Grade  uint8
}

// text is the scope as the policies read it, from the setting app.scope: JSON
// with a LIKE pattern for each prefix.
func (s Scope) text() (string, error) {
	out := struct {
		Layers  map[string][][2]any `json:"layers,omitempty"`
		Regions []string            `json:"region,omitempty"`
		Orgs    []string            `json:"org,omitempty"`
		Self    string              `json:"self,omitempty"`
		Holders bool                `json:"holders,omitempty"`
	}{Regions: patterns(s.Regions), Orgs: patterns(s.Orgs), Self: s.Self, Holders: s.Holders}
	for layer, pieces := range s.Layers {
		if out.Layers == nil {
			out.Layers = make(map[string][][2]any, len(s.Layers))
		}
		for _, p := range pieces {
			out.Layers[layer] = append(out.Layers[layer], [2]any{Pattern(p.Prefix), p.Grade})
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("write the scope: %w", err)
	}
	return string(b), nil
}

// Pattern is the LIKE pattern of a prefix and all that begins with it.
func Pattern(prefix string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix) + "%"
}

func patterns(prefixes []string) []string {
	out := make([]string, len(prefixes))
	for i, p := range prefixes {
		out[i] = Pattern(p)
	}
	return out
}

// functions read the setting. A policy asks for their arrays in a subquery of
// its own, so that each is made once a query and not once a row. Without the
// setting they are empty: nothing is visible.
const functions = `
create schema if not exists scope;
create or replace function scope.setting() returns jsonb language sql stable parallel safe
	return nullif(current_setting('app.scope', true), '')::jsonb;
create or replace function scope.pieces(layer text, low int) returns text[] language sql stable parallel safe
	return array(select p ->> 0 from jsonb_array_elements(scope.setting() #> array['layers', layer]) p where (p ->> 1)::int >= low);
create or replace function scope.nodes(axis text) returns text[] language sql stable parallel safe
	return array(select jsonb_array_elements_text(scope.setting() -> axis));
create or replace function scope.self() returns text language sql stable parallel safe
	return coalesce(scope.setting() ->> 'self', '');
create or replace function scope.holders() returns bool language sql stable parallel safe
	return coalesce((scope.setting() ->> 'holders')::bool, false);
create or replace function scope.top(layer text) returns int language sql stable parallel safe
	return coalesce((select max((p ->> 1)::int) from jsonb_array_elements(scope.setting() #> array['layers', layer]) p), -1);
create or replace function scope.sees(layer text, region text, grade int) returns bool language sql stable parallel safe
	return region like any (scope.pieces(layer, grade));
`

// Sees is the condition that a row of that region and grade is visible on a
// layer; region and grade are its columns, or a number for the grade. The
// grades that there are (公开 0 to 重要 3) cost one comparison with each piece;
// a higher one reads the setting.
func Sees(layer, region, grade string) string {
	name := "'" + strings.ReplaceAll(layer, "'", "''") + "'"
	if grade == "0" {
		return fmt.Sprintf("%s like any ((select scope.pieces(%s, 0))::text[])", region, name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "case %s", grade)
	for g := range 4 {
		fmt.Fprintf(&b, " when %d then %s like any ((select scope.pieces(%s, %d))::text[])", g, region, name, g)
	}
	fmt.Fprintf(&b, " else scope.sees(%s, %s, %s) end", name, region, grade)
	return b.String()
}

// Within is the condition that a row lies in one of the scope's subtrees.
func Within(region, org string) string {
	return fmt.Sprintf("%s like any ((select scope.nodes('region'))::text[]) or %s like any ((select scope.nodes('org'))::text[])", region, org)
}

// Own is the condition that a column names the reader.
func Own(subject string) string {
	return fmt.Sprintf("(%s = (select scope.self()) and %s <> '')", subject, subject)
}
