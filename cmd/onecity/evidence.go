package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"onecity/cim"
	"onecity/gov/incident/evidence"
	"onecity/gov/incident/forms"
	"onecity/streams"

	"github.com/jackc/pgx/v5/pgxpool"
)

// openEvidence opens the chains of evidence; cases tell them of each proof.
func openEvidence(ctx context.Context, pool *pgxpool.Pool, log evidence.Log, broker *streams.Broker) (*evidence.Chain, error) {
	return evidence.Open(ctx, pool, log, func(ctx context.Context, media string) ([]byte, error) {
		body, _, err := broker.Media(ctx, strings.TrimPrefix(media, "/media/"))
		if errors.Is(err, streams.ErrGone) {
			err = fmt.Errorf("%w: %w", evidence.ErrGone, err)
		}
		return body, err
	})
}

// openForms opens the documents of law enforcement: those of the file that
// ONECITY_FORMS names, or the samples that come with the program.
func openForms(p parts) (*forms.Service, error) {
	templates, err := forms.Standard()
	if name := env("ONECITY_FORMS", ""); name != "" {
		templates, err = readForms(name)
	}
	if err != nil {
		return nil, fmt.Errorf("open the documents of law enforcement: %w", err)
	}
	return forms.New(forms.Options{
		Templates: templates, Cases: p.cases, Media: p.broker, Chain: p.chain,
		Zone: func() *time.Location {
			zone, err := time.LoadLocation(p.city.Snapshot().In(cim.Whole()).Profile().TimeZone)
			if err != nil {
				return time.UTC
			}
			return zone
		},
	}), nil
}

func readForms(name string) ([]forms.Template, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() // read only
	return forms.Read(file)
}
