insert into legacy.customers values
  ('c1', 'Ann Lee', 'Bonn', '2021-05-01'),
  ('c2', 'Lee, Anne', 'Bonn', '2020-01-01'),
  ('c3', 'Ann Leee', null, '2022-01-01'),
  ('c4', 'Bob Ross', 'Köln', '2022-01-01'),
  ('c5', 'Cid "el" O''Hara', 'Ulm', '2020-01-01'),
  ('c6 \ "six"', 'Cid O''Hara', 'Ulm', '2021-01-01');
insert into legacy.visits values
  ('a', '2024-01-01', 'first'), ('a', '2024-01-02', 'typed again'), ('b', '2024-01-01', 'another');
