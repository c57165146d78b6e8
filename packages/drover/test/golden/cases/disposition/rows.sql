insert into legacy.customers values (1, 'a@x.org', false), (2, 'a@x.org', false), (3, null, false), (4, 't@x.org', true);
insert into legacy.logins select 10 + i, i, date '2024-01-01' + i from generate_series(1, 5) as i;
insert into legacy.logins values (20, null, '2024-02-01');
