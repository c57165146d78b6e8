insert into legacy.members values
  (1, 'Ann', 'ann@example.org'), (2, 'TEST test', 'x@example.org'), (3, 'Cid', 'cid at example.org');
insert into legacy.payments values
  (1, 1, '10.00', 'en', '2024-01-01'), (2, 1, 'N/A', 'en', '2024-01-02'), (3, 1, '1.234', null, '2024-01-03'),
  (4, 9, '20.00', 'en', '2024-01-04'), (5, 3, '30.00', 'en', '2024-01-05'), (6, null, '40.00', 'en', '2024-01-06'),
  (7, 2, '50.00', 'en', '2024-01-07'), (8, 3, '#DIV/0!', 'en', '2024-01-08'), (9, 9, 'soon', 'en', 'tomorrow'),
  (10, 1, '60.00', 'en', 'tomorrow');
