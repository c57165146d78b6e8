create schema legacy;
-- Three rows fill a block. Partitions of a partition, one that is empty, and one for all others.
create table legacy.readings (day date not null, sensor integer not null, value text, secret text, raw json, primary key (day, sensor))
  partition by range (day);
create table legacy.readings_2022 partition of legacy.readings for values from ('2022-01-01') to ('2023-01-01');
create table legacy.readings_2023 partition of legacy.readings for values from ('2023-01-01') to ('2024-01-01')
  partition by hash (sensor);
create table legacy.readings_2023_odd partition of legacy.readings_2023 for values with (modulus 2, remainder 0);
create table legacy."Readings of 2023" partition of legacy.readings_2023 for values with (modulus 2, remainder 1);
-- Its columns stand in another order.
create table legacy.readings_2024 (value text, raw json, sensor integer not null, secret text, gone text, day date not null);
alter table legacy.readings_2024 drop column gone, alter column value set storage plain;
alter table legacy.readings attach partition legacy.readings_2024 for values from ('2024-01-01') to ('2025-01-01');
create table legacy.readings_rest partition of legacy.readings default;

create schema app;
create table app.readings (day date, sensor integer, value numeric not null, unit text, primary key (day, sensor));
