insert into legacy.products values
  (1, 'A-1', 'Bell', 9.50, 'left'),
  (2, 'A-2', null, 0, 'left'),
  (3, 'B-1', '', 12.00, null),
  (5, 'B-2', 'Chain', 31.99, 'right'),
  (8, 'C-1', 'Light | rear', 24.10, 'right');
