-- +goose Up

-- How few hidden things a cell may tell of (cim.Privacy).
create table privacy (
    id    boolean primary key default true check (id), -- there is one
    least integer not null
);

-- What is graded is little, and asked for to know whether anything is hidden.
create index incidents_grade on incidents (grade) where grade > 0;

-- +goose Down
drop index incidents_grade;
drop table privacy;
