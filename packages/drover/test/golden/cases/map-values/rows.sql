insert into legacy.customers values
  (1, 1, 'A', true, 'mail', 'ann@example.org', '+43 1 1'),
  (2, 2, 'I', false, 'phone', 'bob@example.org', '+43 1 2'),
  (3, 9, 'A', null, 'none', 'cid@example.org', '+43 1 3'),
  (4, 3, 'A', true, 'mail', null, null),
  (5, null, 'A', true, null, 'eve@example.org', null),
  (6, 1, 'a', true, 'mail', null, '+43 1 6'),
  (7, 1, 'A ', true, 'Mail', 'gil@example.org', null),
  (8, 1, 'X', true, 'fax', 'hal@example.org', null),
  (9, 1, null, false, 'phone', null, null),
  (10, -1, 'I', false, 'mail', null, null);
