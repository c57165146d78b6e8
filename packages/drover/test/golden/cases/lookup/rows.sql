insert into legacy.shops values ('wien', 'eur', 'Europe/Vienna'), ('bern', 'chf', 'Europe/Zurich'), ('ny', 'usd', 'America/New_York'), ('x', null, 'UTC');
insert into legacy.sales values
  (1, 'wien', '1.234,50', '2024-07-01 12:00'), (2, 'ny', '1,234.50', '2024-07-01 12:00'), (3, 'bern', '1''234.50', '2024-01-01 12:00'),
  (4, 'x', '1', '2024-01-01 12:00'), (5, null, '7', '2024-01-01 12:00');
