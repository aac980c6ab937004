// uWebSockets.js: publish to a topic. argv: port, control port.
const net = require("node:net");
const uws = require("uwebsockets");
const { encoded } = require("./event.cjs");

const [port, control] = process.argv.slice(2).map(Number);
const app = uws.App();
app.ws("/*", { compression: 0, idleTimeout: 0, open: (socket) => socket.subscribe("room") });
app.listen("127.0.0.1", port, (listening) => listening || process.exit(1));

require("./control.cjs")(net, control, (number) => app.publish("room", encoded(number), false));
