fetch(`${process.env.API}/healthz`)
  .then((answer) => answer.text())
  .then((text) => console.log(`the api says ${text.trim()}`));
