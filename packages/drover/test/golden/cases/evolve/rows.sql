insert into app.customers values
  (1, 'Ann', 'at', 'active'), (2, ' Bob ', 'AT', 'active'), (3, 'Cid', null, 'INACTIVE'), (4, 'Dora', 'CH', 'away'),
  (5, 'Eve', 'CH', 'active'), (6, ' Flo', 'ch', 'active'), (7, ' Gus', 'ch', 'deleted');
