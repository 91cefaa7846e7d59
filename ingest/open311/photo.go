package open311

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"mime/multipart"

	"onecity/ingest"
	"onecity/streams"

	_ "golang.org/x/image/webp"
)

const (
	// maxPhoto is the largest photo, and maxReport the largest report with
	// all of its photos, in bytes.
	maxPhoto  = streams.MaxMediaBytes
	maxReport = 64 << 20
	// maxSide is the most pixels a side; a photo that claims more is a trap
	// for whoever opens it.
	maxSide = 20_000
)

// atMost says maxPhoto to a person.
var atMost = fmt.Sprintf("at most %.1f MiB", float64(maxPhoto)/(1<<20))

// kinds of photo by their name in package image.
var kinds = map[string]struct{ contentType, extension string }{
	"jpeg": {"image/jpeg", ".jpg"},
	"png":  {"image/png", ".png"},
	"gif":  {"image/gif", ".gif"},
	"webp": {"image/webp", ".webp"},
}

// photo is one that has been looked at.
type photo struct {
	name, contentType string
	body              []byte
}

// readPhoto reads a part and decodes its header: what a file is called, or
// said to be, proves nothing.
func readPhoto(part *multipart.FileHeader) (photo, *ingest.Problem) {
	refuse := func(code, message, expected string) (photo, *ingest.Problem) {
		return photo{}, &ingest.Problem{Field: "/photos", Value: ingest.Shorten(part.Filename), Code: code, Message: message, Expected: expected}
	}
	if part.Size > maxPhoto {
		return refuse(ingest.CodeTooLarge, fmt.Sprintf("照片过大 %[1]d kB / the photo is too large, %[1]d kB", part.Size/1000), atMost)
	}
	f, err := part.Open()
	if err != nil {
		return refuse(ingest.CodeMalformed, "照片无法读取 / the photo cannot be read", "a file")
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxPhoto+1))
	if err != nil || len(body) > maxPhoto {
		return refuse(ingest.CodeMalformed, "照片无法读取 / the photo cannot be read", "a file of "+atMost)
	}
	ph, p := lookAt(body)
	if p != nil {
		p.Value = ingest.Shorten(part.Filename)
		return photo{}, p
	}
	return ph, nil
}

// lookAt decodes a photo's header.
func lookAt(body []byte) (photo, *ingest.Problem) {
	refuse := func(code, message, expected string) (photo, *ingest.Problem) {
		return photo{}, &ingest.Problem{Field: "/photos", Code: code, Message: message, Expected: expected}
	}
	if len(body) > maxPhoto {
		return refuse(ingest.CodeTooLarge, fmt.Sprintf("照片过大 %[1]d kB / the photo is too large, %[1]d kB", len(body)/1000), atMost)
	}
	config, kind, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return refuse(ingest.CodeNotAnImage, "不是图片 / it is not an image", "JPEG, PNG, WebP or GIF")
	}
	if config.Width > maxSide || config.Height > maxSide || config.Width < 1 || config.Height < 1 {
		return refuse(ingest.CodeNotAnImage, fmt.Sprintf("图片尺寸不可能 %[1]d×%[2]d / the image cannot be %[1]d×%[2]d", config.Width, config.Height), "at most 20000 pixels a side")
	}
	k := kinds[kind]
	return photo{mediaName(body, k.extension), k.contentType, body}, nil
}

// CheckPhoto looks at a photo that came another way as it would at one of a
// report: the name that it is kept under, named by its content, and its media
// type; or what is wrong with it.
func CheckPhoto(body []byte) (name, contentType string, p *ingest.Problem) {
	ph, p := lookAt(body)
	return ph.name, ph.contentType, p
}
