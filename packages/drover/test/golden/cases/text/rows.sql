insert into legacy.contacts values
  (1, 'Ann Lee', 'ann@example.org', '1010', 'none'),
  (2, E'  Bob \t Ross\u00a0', E'\u200bBOB@Example.org ', '1010 ', '   '),
  (3, 'ＣＩＤ Ümläut', 'not an address', '9999', E'line one\nline two'),
  (4, E'u\u0308ber', null, null, ''),
  (5, E'\u2003', 'eve@example.org', '99999', null),
  (6, null, 'a@b.c', 'x', null);
