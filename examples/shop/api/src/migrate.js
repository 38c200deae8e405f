// Run once by the Job `migrate`, before the api starts: fills an empty shop.
import { read, write } from './store.js';

const products = [
  { id: 'tea', name: 'Green tea', price: 7 },
  { id: 'pot', name: 'Tea pot', price: 35 },
  { id: 'cup', name: 'Cup', price: 12 },
];

if ((await read('products', null)) === null) {
  await write('products', products);
  console.log(`${products.length} products written`);
} else {
  console.log('products are there already');
}
