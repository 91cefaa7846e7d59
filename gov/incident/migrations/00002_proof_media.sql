-- +goose Up

-- whether a photo may be seen is asked by its name
create index proof_media on incident.proof (media);

-- +goose Down
drop index incident.proof_media;
