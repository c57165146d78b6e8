insert into legacy.patients values
  (1, 'Ann', '1970-01-01', 'AB-1', '0000'), (2, null, '1980-02-30', 'AB-2', '1111'), (3, 'Cid', '1990-13-01', 'none', '2222'),
  (4, ' ', '1991-01-01', 'AB-4', null);
