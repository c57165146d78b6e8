insert into legacy.order_lines values (1, 1, 'Bell'), (1, 2, 'Chain'), (2, 1, 'Lamp'), (12, 1, 'Tyre'), (1, 21, 'Tube');
insert into legacy.shipments values
  (1, 1, 2, '2024-01-02'), (2, 12, 1, '2024-01-03'), (3, 1, 21, '2024-01-04'),
  (4, 2, null, '2024-01-05'), (5, 2, 9, '2024-01-06');
