create schema legacy;
create table legacy.readings (day date, sensor integer, value text, primary key (day, sensor)) partition by range (day);
create table legacy.readings_2023 partition of legacy.readings for values from ('2023-01-01') to ('2024-01-01');
create table legacy.readings_2024 partition of legacy.readings for values from ('2024-01-01') to ('2025-01-01');

create schema app;
create table app.readings (day date, sensor integer, value numeric not null, primary key (day, sensor))
  partition by hash (sensor);
create table app.readings_0 partition of app.readings for values with (modulus 2, remainder 0);
create table app.readings_1 partition of app.readings for values with (modulus 2, remainder 1);
