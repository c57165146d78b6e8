insert into legacy.stock values
  (1, 'bike', 'S-1', 'shop'), (2, 'bike', 'S-1', 'cellar'), (3, 'bell', null, 'shop'), (4, 'bell', null, 'cellar'),
  (5, null, null, 'shop'), (6, 'bike', 'S-2', 'shop'), (7, 'bike', '', 'shop');
