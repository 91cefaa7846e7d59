package citymodel

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// shapefileParts is what is taken out of an archive for a Shapefile.
var shapefileParts = []string{".shp", ".dbf", ".prj", ".cpg"}

// openZip takes the one data set that an archive holds (a Shapefile with its
// parts, or one file of another format) out into a directory of its own and
// opens it there.
func (s *source) openZip(asked Format, maxBytes int64) error {
	z, err := zip.NewReader(s.file, s.size)
	if err != nil {
		return fmt.Errorf("open the archive: %w", err)
	}
	main, err := mainOf(z)
	if err != nil {
		return err
	}
	if s.temp, err = os.MkdirTemp("", "onecity-import-"); err != nil {
		return err
	}
	ext := strings.ToLower(filepath.Ext(main.Name))
	files := map[string]*zip.File{ext: main}
	if ext == ".shp" {
		stem := strings.TrimSuffix(main.Name, filepath.Ext(main.Name))
		for _, f := range z.File {
			e := filepath.Ext(f.Name)
			if strings.TrimSuffix(f.Name, e) == stem {
				files[strings.ToLower(e)] = f
			}
		}
	}
	left := maxBytes
	for e, f := range files {
		if ext != e && !contains(shapefileParts, e) {
			continue
		}
		n, err := extract(f, filepath.Join(s.temp, "data"+e), left, maxBytes)
		if err != nil {
			return fmt.Errorf("unpack %s: %w", filepath.Base(f.Name), err)
		}
		left -= n
	}
	inner, err := openSource(filepath.Join(s.temp, "data"+ext), asked, maxBytes)
	if err != nil {
		return fmt.Errorf("%s in the archive: %w", filepath.Base(main.Name), err)
	}
	inner.temp = s.temp
	s.file.Close()
	*s = *inner
	return nil
}

// mainOf finds the one file of the archive that can be imported.
func mainOf(z *zip.Reader) (*zip.File, error) {
	var found []*zip.File
	var names []string
	for _, f := range z.File {
		if strings.HasPrefix(filepath.Base(f.Name), ".") || strings.Contains(f.Name, "__MACOSX") {
			continue
		}
		if promised(f.Name) != FormatAuto {
			found = append(found, f)
			names = append(names, f.Name)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("the archive holds nothing that can be imported (%v)", Formats())
	case 1:
		if packingOf([]byte(strings.ToLower(found[0].Name))) != plain || strings.HasSuffix(strings.ToLower(found[0].Name), ".zip") {
			return nil, errors.New("an archive in an archive is not opened")
		}
		return found[0], nil
	}
	return nil, fmt.Errorf("the archive holds %d data sets (%s); unpack it and import one after another", len(found), quoteShort(strings.Join(names, ", ")))
}

// extract writes at most left bytes; the archive's own word for the size is
// not believed.
func extract(f *zip.File, to string, left, limit int64) (int64, error) {
	in, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, &limiter{in: in, left: left, limit: limit, what: "the unpacked archive"})
	return n, errors.Join(err, out.Close())
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
