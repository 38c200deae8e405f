// The shop's page as text. Edit the title: it is live in the running container in the blink of an eye.
const title = 'The tea shop';

const escaped = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

export const page = (products, currency) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>body { font: 16px/1.6 system-ui, sans-serif; max-width: 32rem; margin: 10vh auto }</style>
<h1>${title}</h1>
<ul>${products
  .map(
    ({ id, name, price }) => `
  <li><form method="post" action="/buy/${escaped(id)}">${escaped(name)}, ${escaped(price)} ${escaped(currency)} <button>buy</button></form></li>`,
  )
  .join('')}
</ul>
</html>
`;
