package feeds

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// maxMerges bounds what a sheet may claim to have merged.
const maxMerges = 20_000

var errTooManyMerges = fmt.Errorf("more than %d merged ranges", maxMerges)

// sheetMerges reads the merged ranges of a sheet from its part of the package
// (ECMA-376 Part 1, 18.3.1.55). The library can tell them too, but only after
// it has loaded the whole sheet a second time, and by comparing each with each.
func sheetMerges(data []byte, sheet string) (merges, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	part, err := sheetPart(z, sheet)
	if err != nil {
		return nil, err
	}
	var ms merges
	err = elements(z, part, func(e xml.StartElement) error {
		if e.Name.Local != "mergeCell" {
			return nil
		}
		if len(ms) >= maxMerges {
			return errTooManyMerges
		}
		m, err := parseMerge(attr(e, "ref"))
		if err != nil {
			return err
		}
		ms = append(ms, m)
		return nil
	})
	return ms, err
}

// parseMerge reads "C2:D3".
func parseMerge(ref string) (merge, error) {
	from, to, ok := strings.Cut(ref, ":")
	if !ok {
		to = from
	}
	left, top, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		return merge{}, fmt.Errorf("merged range %q: %w", ref, err)
	}
	right, bottom, err := excelize.CellNameToCoordinates(to)
	if err != nil {
		return merge{}, fmt.Errorf("merged range %q: %w", ref, err)
	}
	return merge{min(left, right) - 1, min(top, bottom) - 1, max(left, right) - 1, max(top, bottom) - 1}, nil
}

// sheetPart finds the part that holds a sheet, by way of the workbook and its
// relationships.
func sheetPart(z *zip.Reader, sheet string) (string, error) {
	id := ""
	if err := elements(z, "xl/workbook.xml", func(e xml.StartElement) error {
		if e.Name.Local == "sheet" && attr(e, "name") == sheet {
			id = attr(e, "id")
		}
		return nil
	}); err != nil {
		return "", err
	}
	part := ""
	if err := elements(z, "xl/_rels/workbook.xml.rels", func(e xml.StartElement) error {
		if e.Name.Local == "Relationship" && attr(e, "Id") == id {
			part = attr(e, "Target")
		}
		return nil
	}); err != nil {
		return "", err
	}
	if part == "" {
		return "", fmt.Errorf("%w: %q", errNoSheet, sheet)
	}
	if strings.HasPrefix(part, "/") {
		return part[1:], nil
	}
	return path.Join("xl", part), nil
}

// elements calls fn with every element of a part, of what the part may unpack
// to at most.
func elements(z *zip.Reader, part string, fn func(xml.StartElement) error) error {
	f, err := z.Open(part)
	if err != nil {
		return fmt.Errorf("open %s of the workbook: %w", part, err)
	}
	defer f.Close()
	d := xml.NewDecoder(io.LimitReader(f, maxUnzipped))
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s of the workbook: %w", part, err)
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := fn(e); err != nil {
				return err
			}
		}
	}
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
