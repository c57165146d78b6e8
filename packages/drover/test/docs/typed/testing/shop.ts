export { customers, shop } from '../../../packages/drover/test/testing/shop.ts'
