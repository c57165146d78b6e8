insert into legacy.vouchers values
  ('SPRING', 10, '2024-03-01'), ('spring ', 15, '2024-02-01'), ('Summer', 20, '2024-06-01'), ('autumn', 5, '2024-09-01'),
  ('Autumn', 6, '2024-09-01'), ('AUTUMN', -7, '2023-09-01');
insert into legacy.redemptions values (1, 'SPRING'), (2, 'spring '), (3, 'autumn'), (4, 'Autumn'), (5, 'Summer');
