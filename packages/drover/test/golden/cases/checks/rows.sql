insert into legacy.shops values ('north', 'Bergen'), ('south', 'Kiel');
insert into legacy.sales values
  ('s1', 'north', '10.50', '2025-01-03'),
  ('s2', 'north', '2.00', '2025-02-28'),
  ('s3', 'south', '7', '2025-02-01'),
  ('s4', 'south', 'unknown', '2025-02-02'),
  ('s5', 'north', '12.25', '2025-02-14');
