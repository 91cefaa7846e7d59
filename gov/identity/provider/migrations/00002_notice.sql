-- Tell of what ends tokens, and of nothing else: a trigger for each statement
-- also tells of an update that changes no row.

-- +goose Up
drop trigger changed on provider.app;
drop trigger changed on provider.granted;
create trigger changed after update on provider.app for each row
    when (old.state is distinct from new.state) execute function provider.changed();
create trigger changed after update on provider.granted for each row
    when (old.ended is distinct from new.ended) execute function provider.changed();

-- +goose Down
drop trigger changed on provider.app;
drop trigger changed on provider.granted;
create trigger changed after update or delete or truncate on provider.app for each statement execute function provider.changed();
create trigger changed after update or truncate on provider.granted for each statement execute function provider.changed();
