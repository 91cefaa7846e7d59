-- +goose Up
create schema provider;

-- +goose Down
drop schema provider cascade;
