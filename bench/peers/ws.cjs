// Node's `ws`: one buffer for each event, sent to every client. argv: port, control port.
const net = require("node:net");
const { WebSocketServer } = require("ws");
const { encoded } = require("./event.cjs");

const [port, control] = process.argv.slice(2).map(Number);
const options = { port, host: "127.0.0.1", perMessageDeflate: false, backlog: 2048 };
const server = new WebSocketServer(options);

function publish(number) {
  const data = Buffer.from(encoded(number));
  for (const client of server.clients) client.send(data, { binary: false });
}

require("./control.cjs")(net, control, publish);
