insert into legacy.prices values
  (1, 'bell', 5.00, '2023-01-01'), (2, 'bell', 6.00, '2024-01-01'), (3, 'bell', 4.00, null),
  (4, 'lamp', 20.00, null), (5, 'lamp', 21.00, null),
  (6, null, 1.00, '2023-01-01'), (7, null, 2.00, '2024-01-01');
