insert into legacy.notes values
  ('n1', 'Ann', 'Hello', '2025-05-31 10:00', 7, 5),
  ('n2', null, 'Hello', '2025-05-31 10:00', 8, 5),
  ('n3', 'Cid', null, '2025-05-31 11:00', 9, 1),
  ('n4', 'Dan', '', 'infinity', 10, null);
