/**
 * The colours by what they mean, in light and in dark. Each text has 4.5 : 1 at least on each ground that it stands on.
 * Dark is for screens alone: paper is light.
 */
export const colourStyle = `
:root {
  color-scheme: light dark;
  --paper: #ffffff;
  --raised: #f5f6f8;
  --ink: #1b1f24;
  --soft: #57606a;
  --line: #d5dae0;
  --link: #0b57a4;
  --pass: #17643a;
  --pass-tint: #e3f3e9;
  --warn: #7a4f00;
  --warn-tint: #fcf0d6;
  --fail: #a8211a;
  --fail-tint: #fce8e6;
  --none: #4f5863;
  --none-tint: #eaedf0;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b;
    --raised: #1d2228;
    --ink: #e3e7ec;
    --soft: #a3adb8;
    --line: #363e47;
    --link: #86bdf7;
    --pass: #7fd6a2;
    --pass-tint: #173324;
    --warn: #ecc06d;
    --warn-tint: #3a2c10;
    --fail: #ff9d94;
    --fail-tint: #431d1b;
    --none: #b4bdc7;
    --none-tint: #2a3038;
  }
}
`
