insert into legacy.customers values
  ('c1', 'Ann Lee', 'ann@example.org', '2021-05-01'),
  ('c2', 'A. Lee', ' Ann@Example.org ', '2020-01-01'),
  ('c3', 'Bob', 'bob@example.org', '2022-01-01'),
  ('c4', 'Bob Ross', 'BOB@EXAMPLE.ORG', '2022-01-01'),
  ('c5', 'Cid', 'cid@example.org', '2020-01-01');
insert into legacy.orders values ('o1', 'c1'), ('o2', 'c2'), ('o3', 'c3'), ('o4', 'c4'), ('o5', 'c5');
