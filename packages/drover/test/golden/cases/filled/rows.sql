insert into legacy.customers values
  (1, 'a@x.org', 'Ann', null, 'first', '2024-01-01'),
  (2, 'A@x.org', 'Anne', '222', null, '2024-03-01'),
  (3, 'a@x.org ', null, '333', 'third', '2024-02-01'),
  (4, 'b@x.org', null, '444', null, '2024-01-01'),
  (5, 'b@x.org', 'Bob', null, null, '2024-02-01'),
  (6, 'c@x.org', 'Cid', null, null, null),
  (7, 'd@x.org', null, null, 'nobody has a name', null),
  (8, 'd@x.org', null, '888', null, null);
