insert into legacy.rosters values
  ('2024-01-01', 'day', 'desk', 'Ann'), ('2024-01-01', 'night', 'desk', 'Bob'), ('2024-01-01', 'afternoon', 'desk', 'Cid'),
  ('2023-12-31', 'day', 'shop, "front"', 'Dora'), ('2024-01-01', 'day', 'shop, "front"', null), ('-infinity', 'day', '', 'Eve');
