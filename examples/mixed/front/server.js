// Reads the database of Compose and the API of Kubernetes, and tells both on one page.
import http from 'node:http';

const { PORT, API, DATABASE } = process.env;
const read = async (url) => (await (await fetch(url)).text()).trim();

http
  .createServer(async (_request, response) => {
    try {
      const [prices, currency] = [await read(`${DATABASE}/prices`), await read(`${API}/currency`)];
      response.end(`The shop: ${prices} ${currency}\n`);
    } catch (error) {
      response.writeHead(503).end(`not yet: ${error.message}\n`);
    }
  })
  .listen(PORT, '127.0.0.1', () => console.log(`open at http://127.0.0.1:${PORT}`));
