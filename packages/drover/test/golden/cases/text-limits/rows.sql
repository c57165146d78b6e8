insert into legacy.articles values
  (1, 'Coffee', 'AB12', 'new'),
  (2, E'Cafe\u0301 au lait', E'AB\u200b12', E'a\u0301bc'),
  (3, 'Coffee and cake', 'ＡＢ１２', 'None'),
  (4, E'Cafe\u0301 au lait, large', E'A\u00adB\ufe0f-1', ''),
  (5, '0123456789😀😀', 'ABCDEFG', null),
  (6, '0123456789😀😀😀', '①②③', '😀😀😀'),
  (7, E'\ufeffTea', E'\u202eAB\u202c', E'\u200d\u200d\u200d\u200d'),
  (8, E'ﬁg', E'A\tB C\u00a0D', 'x'),
  (9, 'Fig', 'ﬃ1234', 'y'),
  (10, 'Plum', E'\u0001A\u007f\u0085B', 'z');
