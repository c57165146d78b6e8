insert into legacy.readings
select date '2023-01-01' + i * 5, i % 9, case when i % 11 = 0 then 'n/a' when i % 13 = 0 then null else i || '.5' end,
  'token ' || i, json_build_object('unit', case when i % 7 = 0 then 'kelvin' else 'C' end)
from generate_series(1, 60) as i;
-- Large rows, so that blocks are several chunks.
insert into legacy.readings
select date '2024-02-01' + i, 20 + i, repeat(' ', 2500) || i, 'token', '{"unit": "C"}' from generate_series(1, 14) as i;
insert into legacy.readings values ('2031-05-01', 1, '7', null, '{"unit": "C", "unit": "F"}'), ('1999-12-31', 1, 'late', 's', null);
