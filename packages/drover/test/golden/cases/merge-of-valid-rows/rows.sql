-- The oldest of the first three is set aside, that of the next three excluded: neither can stand for the others.
insert into legacy.customers values
  (1, 'ann@x.org', null, 'ok', '2019-01-01'), (2, 'ann@x.org', 'Ann', 'ok', '2021-01-01'), (3, 'ann@x.org', 'Anna', 'ok', '2020-01-01'),
  (4, 'bob@x.org', 'Bob', 'test', '2019-01-01'), (5, 'bob@x.org', 'Rob', 'ok', '2020-01-01'), (6, 'bob@x.org', 'Robert', 'ok', '2021-01-01');
insert into legacy.orders select 10 + i, i from generate_series(1, 6) as i;
