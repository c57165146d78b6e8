-- Children stand before their parents; 7 hangs on nothing, 8 on 7; 5 and 6 are one.
insert into legacy.categories values
  ('1', 'Bells', '4'), ('2', 'Lamps', '4'), ('3', 'Front', '2'), ('4', 'Parts', null), ('5', 'Tyres', '4'),
  ('6', 'tyres ', '9'), ('7', 'Lost', 'gone'), ('8', 'Lost too', '7'), ('9', 'Wheels', '6');
