insert into legacy.users values
  (1, 'a@x.org', false, '2024-05-01', '2020-01-01'), (2, 'a@x.org', true, '2024-01-01', '2021-01-01'),
  (3, 'a@x.org', true, '2024-02-01', '2022-01-01'),
  (4, 'b@x.org', null, null, '2020-01-02'), (5, 'b@x.org', false, null, '2020-01-01'),
  (6, 'b@x.org', false, null, '2020-01-01');
