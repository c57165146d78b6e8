insert into legacy.lines values
  (1, 'R-1', 'Bell', 5), (2, 'R-2', 'Lamp', 20), (3, 'R-1', 'Chain', 12.5), (4, 'R-3', 'Tyre', null), (5, 'R-2', null, 1),
  (6, 'R-1', 'Bell', 5), (7, 'R-4', null, 3);
