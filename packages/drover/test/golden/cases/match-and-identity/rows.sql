insert into legacy.users values
  ('u1', 'ann@x.org', 'Ann', '2020-01-01'), ('u2', 'ANN@x.org', 'Anna', '2021-01-01'), ('u3', 'bob@x.org', 'Bob', '2021-01-01'),
  ('u4', 'Bob@x.org', 'Rob', '2020-01-01'), ('u5', null, 'Nobody', '2020-01-01');
insert into legacy.notes values (1, 'u1'), (2, 'u2'), (3, 'u3'), (4, 'u4'), (5, 'u5');
insert into app.accounts values ('00000000-0000-4000-8000-00000000000a', 'ann@x.org', 'Kept');
