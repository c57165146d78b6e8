insert into legacy.offices values
  (1, 'Rome', '$1,200.00', '4', '06 1'), (2, ' TO BE UPDATED', 'N/A', '5', 'none'), (3, 'Oslo', '#DIV/0!', '6', null),
  (4, 'Bern', '  ', '7', ' None '), (5, 'Kyiv', '-', '8', '044 1'), (6, 'Lima', 'about 900', '9', '01 1'),
  (7, 'Cork', '800', 'n/a', '021 1'), (8, 'Graz', '$ -', 'TBD', '0316 1'), (9, null, '700', '3', 'none of these');
